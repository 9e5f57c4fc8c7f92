//! What the files ask for, against what the manifest declares.

use std::collections::BTreeSet;

use aux_model::answers::Observed;
use aux_model::{Catalog, EdgeKind, Origin, Package, PackageId, Shape};
use serde::Serialize;

use super::formals::{Formal, formals, with_stack};
use crate::disk::{DiskError, Registry};

/// Names that every package set has, so that asking for them is no edge.
const EVERYWHERE: [&str; 9] = [
    "callPackage",
    "callPackages",
    "config",
    "lib",
    "newScope",
    "pkgs",
    "stdenv",
    "stdenvNoCC",
    "system",
];

/// What a scan found, in order of package.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ScanReport {
    /// Edges that the files have: evidence for the package graph.
    pub observed: Vec<Observed>,
    /// Edges that the manifest lacks.
    pub lacking: Vec<Lacking>,
    /// Edges that the manifest has and no file asks for.
    pub surplus: Vec<Surplus>,
    /// Names asked for that no repo has.
    pub unresolved: Vec<Unresolved>,
    /// Files that could not be read as a package's function.
    pub unread: Vec<Unread>,
}

/// An edge that the manifest lacks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Lacking {
    /// Who asks for it.
    pub package: PackageId,
    /// The attribute asked for.
    pub attribute: String,
    /// The package that has it.
    pub to: PackageId,
    /// `build`, or `optional` for an argument with a default.
    pub kind: EdgeKind,
    /// File and line.
    pub place: String,
}

/// An edge that the manifest has and no file asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Surplus {
    /// Who is said to need it.
    pub package: PackageId,
    /// The attribute.
    pub attribute: String,
    /// What for, as declared.
    pub kind: EdgeKind,
    /// Where the manifest says so.
    pub place: Option<String>,
}

/// A name that no repo has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unresolved {
    /// Who asks for it.
    pub package: PackageId,
    /// The name.
    pub name: String,
    /// File and line.
    pub place: String,
    /// The nearest attributes, keyed by the repo that owns them.
    pub nearest: Vec<String>,
}

/// A file that is no package's function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unread {
    /// Whose it is.
    pub package: PackageId,
    /// The file, relative to the registry.
    pub file: String,
    /// Why not.
    pub reason: String,
}

/// Reads every by-name file of every repo that is checked out.
///
/// # Errors
/// When a file cannot be read; one that does not parse is in the report.
pub fn scan(registry: &Registry, catalog: &Catalog) -> Result<ScanReport, DiskError> {
    with_stack(|| read_all(registry, catalog))
}

fn read_all(registry: &Registry, catalog: &Catalog) -> Result<ScanReport, DiskError> {
    let mut report = ScanReport::default();
    for package in catalog.packages() {
        let mut asked: Vec<(Formal, String)> = Vec::new();
        let mut complete = true;
        for file in files(catalog, package) {
            let Some(text) = registry.text_if_there(&file)? else {
                complete = false;
                continue;
            };
            match formals(&text) {
                Ok(Some(found)) => {
                    asked.extend(found.into_iter().map(|formal| {
                        let place = format!("{file}:{}", formal.line);
                        (formal, place)
                    }));
                }
                Ok(None) => {
                    complete = false;
                    report.unread.push(unread(
                        package,
                        file,
                        "it is no function of a set".to_owned(),
                    ));
                }
                Err(error) => {
                    complete = false;
                    report.unread.push(unread(package, file, error.to_string()));
                }
            }
        }
        compare(catalog, package, &asked, complete, &mut report);
    }
    Ok(report)
}

fn unread(package: &Package, file: String, reason: String) -> Unread {
    Unread {
        package: package.id.clone(),
        file,
        reason,
    }
}

/// The files whose functions a package consists of. A hand-written set may call
/// other files; those that are named after its members are read.
fn files(catalog: &Catalog, package: &Package) -> Vec<String> {
    let Some(repo) = catalog.repo(package.id.repo.as_str()) else {
        return Vec::new();
    };
    let directory = format!("{}/{}", repo.path, package.directory());
    match &package.shape {
        Shape::Single | Shape::Builder => vec![format!("{directory}/package.nix")],
        Shape::Variants(variants) => variants
            .names
            .keys()
            .map(|variant| format!("{directory}/{variant}.nix"))
            .collect(),
        Shape::Set(members) => members
            .iter()
            .map(|member| format!("{directory}/{member}.nix"))
            .collect(),
    }
}

fn compare(
    catalog: &Catalog,
    package: &Package,
    asked: &[(Formal, String)],
    complete: bool,
    report: &mut ScanReport,
) {
    let declared: BTreeSet<&str> = package
        .edges
        .iter()
        .map(|edge| edge.attribute.as_str())
        .collect();
    let own: BTreeSet<String> = package
        .attributes()
        .into_keys()
        .map(|name| name.to_string())
        .collect();
    let mut seen = BTreeSet::new();
    for (formal, place) in asked {
        let name = formal.name.as_str();
        if EVERYWHERE.contains(&name) || own.contains(name) || !seen.insert(name) {
            continue;
        }
        // A name asked for with and without a default is needed.
        let optional = asked
            .iter()
            .filter(|(other, _)| other.name == formal.name)
            .all(|(other, _)| other.optional);
        let kind = if optional {
            EdgeKind::Optional
        } else {
            EdgeKind::Build
        };
        let Some(found) = catalog.attribute(name) else {
            if !optional {
                report.unresolved.push(Unresolved {
                    package: package.id.clone(),
                    name: name.to_owned(),
                    place: place.clone(),
                    nearest: nearest(catalog, name),
                });
            }
            continue;
        };
        if let Ok(attribute) = name.parse() {
            report.observed.push(Observed {
                from: package.id.clone(),
                attribute,
                kind,
                origin: Origin::Formals,
                place: place.clone(),
            });
        }
        if !declared.contains(name) {
            report.lacking.push(Lacking {
                package: package.id.clone(),
                attribute: name.to_owned(),
                to: found.package.clone(),
                kind,
                place: place.clone(),
            });
        }
    }
    // A file that was not read may ask for what looks superfluous.
    if !complete {
        return;
    }
    for edge in &package.edges {
        if !seen.contains(edge.attribute.as_str()) && edge.attribute != "stdenv" {
            report.surplus.push(Surplus {
                package: package.id.clone(),
                attribute: edge.attribute.to_string(),
                kind: edge.kind,
                place: catalog
                    .location_of(edge)
                    .map(|location| location.to_string()),
            });
        }
    }
}

fn nearest(catalog: &Catalog, name: &str) -> Vec<String> {
    /// As many as fit in a line.
    const FEW: usize = 3;
    catalog
        .search(name)
        .into_iter()
        .take(FEW)
        .map(|hit| format!("{}/{}", hit.repo, hit.name))
        .collect()
}
