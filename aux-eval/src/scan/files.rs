//! What by-name files ask for.

use std::collections::{BTreeMap, BTreeSet};

use aux_gen::disk::{DiskError, Registry};
use aux_model::{
    AttrName, Attribute, Catalog, EdgeKind, Package, PackageId, RelativePath, Shape as Layout,
};
use aux_nix::language::{Formal, Shape, shape};

use crate::scan::report::{Unread, Unresolved};

/// Names that every package set has, so that asking for them is no edge.
pub const EVERYWHERE: [&str; 9] = [
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

/// What all files ask for.
#[derive(Debug, Default)]
pub(super) struct Files<'c> {
    /// Of each package, whether there are files of it or not.
    pub(super) packages: BTreeMap<&'c PackageId, Asks<'c>>,
    /// Names asked for that no repo has.
    pub(super) unresolved: Vec<Unresolved>,
    /// Files that are no package's function.
    pub(super) unread: Vec<Unread>,
}

/// What the files of one package ask for.
#[derive(Debug, Default)]
pub(crate) struct Asks<'c> {
    /// Each attribute of another package, in the order of the files.
    pub(super) attributes: Vec<Ask<'c>>,
    /// Whether every file was read: what is not here is not asked for.
    pub(super) is_whole: bool,
}

/// One attribute that a file asks for.
#[derive(Debug)]
pub(super) struct Ask<'c> {
    pub(super) name: AttrName,
    /// What it is, and whose.
    pub(super) found: &'c Attribute,
    /// `build`, or `optional` if no file asks for it without a default.
    pub(super) kind: EdgeKind,
    /// File and line.
    pub(super) place: String,
}

impl<'c> Asks<'c> {
    /// How an attribute is asked for, if it is.
    pub(super) fn get(&self, name: &str) -> Option<&Ask<'c>> {
        self.attributes.iter().find(|ask| ask.name == name)
    }
}

/// Reads every by-name file of every repo that is checked out.
pub(super) fn read<'c>(registry: &Registry, catalog: &'c Catalog) -> Result<Files<'c>, DiskError> {
    let mut files = Files::default();
    for package in catalog.packages() {
        let asks = files.of_package(registry, catalog, package)?;
        files.packages.insert(&package.id, asks);
    }
    Ok(files)
}

impl<'c> Files<'c> {
    fn of_package(
        &mut self,
        registry: &Registry,
        catalog: &'c Catalog,
        package: &Package,
    ) -> Result<Asks<'c>, DiskError> {
        let mut formals: Vec<(Formal, String)> = Vec::new();
        let mut is_whole = true;
        for mut file in paths(catalog, package) {
            let mut found = function(registry, &file)?;
            if matches!(found, Function::Absent)
                && let Some(directory) = file.strip_suffix("package.nix")
            {
                file = format!("{directory}default.nix");
                found = function(registry, &file)?;
            }
            match found {
                Function::Of(found) => formals.extend(found),
                Function::Absent => is_whole = false,
                Function::Not(reason) => {
                    is_whole = false;
                    self.unread.push(Unread {
                        package: package.id.clone(),
                        file,
                        reason,
                    });
                }
            }
        }
        Ok(Asks {
            attributes: self.resolved(catalog, package, &formals),
            is_whole,
        })
    }

    /// What the names asked for are; those that no repo has are put aside.
    fn resolved(
        &mut self,
        catalog: &'c Catalog,
        package: &Package,
        formals: &[(Formal, String)],
    ) -> Vec<Ask<'c>> {
        let own = package.attributes();
        // A name asked for with and without a default is needed.
        let needed: BTreeSet<&str> = formals
            .iter()
            .filter(|(formal, _)| !formal.optional)
            .map(|(formal, _)| formal.name.as_str())
            .collect();
        let mut seen = BTreeSet::new();
        let mut asks = Vec::new();
        for (formal, place) in formals {
            let name = formal.name.as_str();
            if EVERYWHERE.contains(&name) || own.contains_key(name) || !seen.insert(name) {
                continue;
            }
            let is_needed = needed.contains(name);
            if let Some(found) = catalog.attribute(name)
                && let Ok(name) = name.parse()
            {
                asks.push(Ask {
                    name,
                    found,
                    kind: if is_needed {
                        EdgeKind::Build
                    } else {
                        EdgeKind::Optional
                    },
                    place: place.clone(),
                });
            } else if is_needed {
                self.unresolved.push(Unresolved {
                    package: package.id.clone(),
                    name: name.to_owned(),
                    place: place.clone(),
                    nearest: nearest(catalog, name),
                });
            }
        }
        asks
    }
}

/// What one file is.
enum Function {
    /// A function; its arguments, each with file and line.
    Of(Vec<(Formal, String)>),
    /// There is no such file.
    Absent,
    /// Something else, and why that is.
    Not(String),
}

/// Reads a file, and what it imports, down to the function that is called.
fn function(registry: &Registry, file: &str) -> Result<Function, DiskError> {
    /// Deeper than anybody lays out a package; ends circles of imports.
    const IMPORTS: usize = 8;
    let mut file = file.to_owned();
    let mut skip = 0;
    for _ in 0..IMPORTS {
        let Some(text) = registry.text_if_there(&file)? else {
            return Ok(Function::Absent);
        };
        match shape(&text, skip) {
            Err(error) => return Ok(Function::Not(error.to_string())),
            Ok(Shape::Other) => {
                return Ok(Function::Not("it is no function of a set".to_owned()));
            }
            Ok(Shape::Function(found)) => {
                let asked = found
                    .into_iter()
                    .map(|formal| {
                        let place = format!("{file}:{}", formal.line);
                        (formal, place)
                    })
                    .collect();
                return Ok(Function::Of(asked));
            }
            Ok(Shape::Import { path, applied }) => {
                let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
                let target = format!("{folder}/{}", path.trim_start_matches("./"));
                if target.parse::<RelativePath>().is_err() {
                    return Ok(Function::Not(format!(
                        "it imports `{path}`, out of its directory"
                    )));
                }
                file = target;
                skip = applied;
            }
        }
    }
    Ok(Function::Not("its imports go round in a circle".to_owned()))
}

/// The files whose functions a package consists of; a `package.nix` may be called
/// `default.nix`. A hand-written set may call other files; those that are named
/// after its members are read.
fn paths(catalog: &Catalog, package: &Package) -> Vec<String> {
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

/// Attributes of the family with a name like one, nearest first.
pub fn nearest(catalog: &Catalog, name: &str) -> Vec<String> {
    /// As many as fit in a line.
    const FEW: usize = 3;
    catalog
        .attributes_like(name)
        .iter()
        .take(FEW)
        .map(ToString::to_string)
        .collect()
}
