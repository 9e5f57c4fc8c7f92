//! What an imported package asks for, and what of that the family has.

use std::collections::BTreeSet;
use std::convert::Infallible;

use aux_eval::scan::{EVERYWHERE, nearest};
use aux_model::{Catalog, EdgeKind, PackageRef};
use aux_nix::language::{Called, NoFunction, called};

use crate::import::gather::{ENTRY, Gathered};

/// What a package asks for.
#[derive(Debug, Default)]
pub struct Needs {
    /// What the family has: a build edge, or an optional one where there is a default.
    pub edges: Vec<(EdgeKind, PackageRef)>,
    /// What nobody has.
    pub missing: Vec<Missing>,
    /// Why the arguments could not be read, if they could not.
    pub unread: Option<String>,
}

/// An argument that no repo can give.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Missing {
    /// The argument.
    pub name: String,
    /// The file and line that asks for it, relative to the package's directory.
    pub place: String,
    /// Attributes with a name like it, nearest first.
    pub nearest: Vec<String>,
}

/// Looks for what the function of a package asks for.
#[must_use]
pub fn needs(catalog: &Catalog, gathered: &Gathered) -> Needs {
    let entry = if gathered.files.contains_key(ENTRY) {
        ENTRY
    } else {
        "default.nix"
    };
    let read = |file: &str| {
        let content = gathered.files.get(file).map(|file| &file.content);
        let text = content.and_then(|content| std::str::from_utf8(content).ok());
        Ok::<_, Infallible>(text.map(str::to_owned))
    };
    let Ok(found) = called(entry, read);
    let mut needs = Needs::default();
    let (file, formals) = match found {
        Called::Function { file, formals } => (file, formals),
        Called::Absent { file } => {
            needs.unread = Some(format!("`{file}` leads to no function"));
            return needs;
        }
        Called::Other { file, why } => {
            needs.unread = Some(match why {
                NoFunction::Syntax(error) => format!("`{file}`: {error}"),
                NoFunction::Other => format!("`{file}` is no function of a set"),
                NoFunction::Outside(_) | NoFunction::Endless => {
                    format!("`{file}` leads to no function")
                }
            });
            return needs;
        }
    };
    let mut seen = BTreeSet::new();
    for formal in formals {
        let name = formal.name.as_str();
        if EVERYWHERE.contains(&name) || !seen.insert(formal.name.clone()) {
            continue;
        }
        let found = catalog
            .attribute(name)
            .and_then(|_| name.parse::<PackageRef>().ok());
        let kind = if formal.optional {
            EdgeKind::Optional
        } else {
            EdgeKind::Build
        };
        if let Some(found) = found {
            needs.edges.push((kind, found));
        } else if !formal.optional {
            needs.missing.push(Missing {
                name: name.to_owned(),
                place: format!("{file}:{}", formal.line),
                nearest: nearest(catalog, name),
            });
        }
    }
    needs
}
