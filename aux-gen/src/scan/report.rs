//! What the files ask for, against what the manifest declares.

use std::collections::BTreeSet;

use aux_model::Shape as Layout;
use aux_model::answers::Observed;
use aux_model::{Catalog, EdgeKind, Origin, Package, PackageId, RelativePath};
use serde::Serialize;

use super::formals::{Formal, Shape, shape, with_stack};
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
            match read(registry, &file)? {
                Read::Asked(found) => asked.extend(found),
                Read::Absent => complete = false,
                Read::Not(reason) => {
                    complete = false;
                    report.unread.push(Unread {
                        package: package.id.clone(),
                        file,
                        reason,
                    });
                }
            }
        }
        compare(catalog, package, &asked, complete, &mut report);
    }
    Ok(report)
}

/// What one file asks for.
enum Read {
    /// Its arguments, each with file and line.
    Asked(Vec<(Formal, String)>),
    /// There is no such file.
    Absent,
    /// It is not what it should be, and why.
    Not(String),
}

/// Reads a file, and what it imports, down to the function that is called.
fn read(registry: &Registry, file: &str) -> Result<Read, DiskError> {
    /// Deeper than anybody lays out a package; ends circles of imports.
    const IMPORTS: usize = 8;
    let mut file = file.to_owned();
    let mut skip = 0;
    for _ in 0..IMPORTS {
        let Some(text) = registry.text_if_there(&file)? else {
            return Ok(Read::Absent);
        };
        match shape(&text, skip) {
            Err(error) => return Ok(Read::Not(error.to_string())),
            Ok(Shape::Other) => return Ok(Read::Not("it is no function of a set".to_owned())),
            Ok(Shape::Function(found)) => {
                let asked = found
                    .into_iter()
                    .map(|formal| {
                        let place = format!("{file}:{}", formal.line);
                        (formal, place)
                    })
                    .collect();
                return Ok(Read::Asked(asked));
            }
            Ok(Shape::Import { path, applied }) => {
                let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
                let target = format!("{folder}/{}", path.trim_start_matches("./"));
                if target.parse::<RelativePath>().is_err() {
                    return Ok(Read::Not(format!(
                        "it imports `{path}`, out of its directory"
                    )));
                }
                file = target;
                skip = applied;
            }
        }
    }
    Ok(Read::Not("its imports go round in a circle".to_owned()))
}

/// The files whose functions a package consists of. A hand-written set may call
/// other files; those that are named after its members are read.
fn files(catalog: &Catalog, package: &Package) -> Vec<String> {
    let Some(repo) = catalog.repo(package.id.repo.as_str()) else {
        return Vec::new();
    };
    let directory = format!("{}/{}", repo.path, package.directory());
    match &package.shape {
        Layout::Single | Layout::Builder => vec![format!("{directory}/package.nix")],
        Layout::Variants(variants) => variants
            .names
            .keys()
            .map(|variant| format!("{directory}/{variant}.nix"))
            .collect(),
        Layout::Set(members) => members
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
        // What tests need may be named elsewhere, such as in `passthru.tests`.
        let asked_for = seen.contains(edge.attribute.as_str())
            || edge.attribute == "stdenv"
            || edge.kind == EdgeKind::Test;
        if !asked_for {
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
        .attributes_like(name)
        .iter()
        .take(FEW)
        .map(ToString::to_string)
        .collect()
}
