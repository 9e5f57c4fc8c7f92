//! What an imported package asks for, and what of that the family has.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;

use aux_eval::scan::{EVERYWHERE, nearest};
use aux_model::{Catalog, EdgeKind, PackageRef};
use aux_nix::language::{Called, NoFunction, called, requirements};

use crate::import::collection::{Collection, FunctionResult};
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

/// Looks for what the function of a package asks for. Of a set it is what all of its files ask for:
/// which of those names the package set has to have only the collection tells that it is from.
#[must_use]
pub fn needs(catalog: &Catalog, gathered: &Gathered, collection: Option<&Collection>) -> Needs {
    let is_called_twice =
        collection.is_some_and(|collection| collection.gives == FunctionResult::Again);
    if gathered.set().is_some() || is_called_twice {
        return of_set(catalog, gathered, collection);
    }
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

/// What the files of a set ask for.
fn of_set(catalog: &Catalog, gathered: &Gathered, collection: Option<&Collection>) -> Needs {
    let mut needs = Needs::default();
    let mut asked: BTreeMap<String, (EdgeKind, String)> = BTreeMap::new();
    for (file, found) in &gathered.files {
        let text = std::str::from_utf8(&found.content).unwrap_or_default();
        if !file.ends_with(".nix") {
            continue;
        }
        match requirements(text) {
            Ok(found) => {
                for (name, line) in found.needed {
                    let place = format!("{file}:{line}");
                    let known = asked.entry(name);
                    let known = known.or_insert_with(|| (EdgeKind::Build, place));
                    known.0 = EdgeKind::Build;
                }
                for name in found.optional {
                    let entry = asked.entry(name);
                    entry.or_insert_with(|| (EdgeKind::Optional, file.clone()));
                }
            }
            Err(error) => needs.unread = Some(format!("`{file}`: {error}")),
        }
    }
    let own = collection.map(|collection| &collection.members);
    for (name, (kind, place)) in asked {
        let is_own = own.is_some_and(|own| own.contains_key(name.as_str()));
        if is_own || EVERYWHERE.contains(&name.as_str()) {
            continue;
        }
        let is_there = collection.is_some_and(|collection| collection.names.contains(&name));
        let found = catalog.attribute(&name);
        match found.and_then(|_| name.parse::<PackageRef>().ok()) {
            Some(found) => needs.edges.push((kind, found)),
            // A name that the collection has not either is one that a call there gives.
            None if is_there && kind == EdgeKind::Build => needs.missing.push(Missing {
                nearest: nearest(catalog, &name),
                name,
                place,
            }),
            None => {}
        }
    }
    needs
}
