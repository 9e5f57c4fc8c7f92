//! What an imported package asks for, and what of that the family has.

use std::collections::BTreeSet;

use aux_eval::scan::{EVERYWHERE, nearest};
use aux_model::{Catalog, EdgeKind, PackageRef};
use aux_nix::language::paths::{parent, resolve};
use aux_nix::language::{Shape, shape};

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
    /// Deeper than anybody lays out a package; ends circles of imports.
    const IMPORTS: usize = 8;
    let mut needs = Needs::default();
    let (mut file, mut skip) = (ENTRY.to_owned(), 0);
    if !gathered.files.contains_key(ENTRY) {
        "default.nix".clone_into(&mut file);
    }
    for _ in 0..IMPORTS {
        let text = gathered.files.get(&file).map(|file| &file.content);
        let text = text.and_then(|content| std::str::from_utf8(content).ok());
        let Some(text) = text else {
            break;
        };
        match shape(text, skip) {
            Err(error) => {
                needs.unread = Some(format!("`{file}`: {error}"));
                return needs;
            }
            Ok(Shape::Other) => {
                needs.unread = Some(format!("`{file}` is no function of a set"));
                return needs;
            }
            Ok(Shape::Import { path, applied }) => {
                let target = resolve(parent(&file), &path).unwrap_or_default();
                let inner = format!("{target}/default.nix");
                file = if gathered.files.contains_key(&inner) {
                    inner
                } else {
                    target
                };
                skip = applied;
            }
            Ok(Shape::Function(formals)) => {
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
                return needs;
            }
        }
    }
    needs.unread = Some(format!("`{file}` leads to no function"));
    needs
}
