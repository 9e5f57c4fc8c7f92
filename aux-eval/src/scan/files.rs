//! What by-name files ask for.

use std::collections::{BTreeMap, BTreeSet};

use aux_gen::disk::{DiskError, Registry};
use aux_model::{AttrName, Attribute, EdgeKind, Family, Package, PackageId, Shape as Layout};
use aux_nix::language::{Called, Formal, called};

use crate::scan::names::{EVERYWHERE, nearest};
use crate::scan::report::{Unread, Unresolved};

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
pub(super) fn read<'c>(registry: &Registry, catalog: &'c Family) -> Result<Files<'c>, DiskError> {
    let mut files = Files::default();
    // What somebody else's files ask for is their business.
    let outside = catalog.repos().find(|repo| repo.is_outside());
    let is_ours = |package: &&Package| outside.is_none_or(|repo| package.id.repo != repo.name);
    for package in catalog.packages().filter(is_ours) {
        let asks = files.of_package(registry, catalog, package)?;
        files.packages.insert(&package.id, asks);
    }
    Ok(files)
}

impl<'c> Files<'c> {
    fn of_package(
        &mut self,
        registry: &Registry,
        catalog: &'c Family,
        package: &Package,
    ) -> Result<Asks<'c>, DiskError> {
        let mut formals: Vec<(Formal, String)> = Vec::new();
        let paths = paths(catalog, package);
        let mut is_whole = !paths.is_empty();
        for mut file in paths {
            let mut read = |file: &str| registry.text_if_there(file);
            let mut found = called(&file, &mut read)?;
            if matches!(found, Called::Absent { .. })
                && let Some(directory) = file.strip_suffix("package.nix")
            {
                file = format!("{directory}default.nix");
                found = called(&file, &mut read)?;
            }
            match found {
                Called::Function {
                    file,
                    formals: found,
                } => {
                    formals.extend(found.into_iter().map(|formal| {
                        let place = format!("{file}:{}", formal.line);
                        (formal, place)
                    }));
                }
                Called::Absent { .. } => is_whole = false,
                Called::Other { why, .. } => {
                    is_whole = false;
                    self.unread.push(Unread {
                        package: package.id.clone(),
                        file,
                        reason: why.to_string(),
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
        catalog: &'c Family,
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

/// The files whose functions a package consists of; a `package.nix` may be called
/// `default.nix`. A hand-written set may call other files; those that are named
/// after its members are read.
fn paths(catalog: &Family, package: &Package) -> Vec<String> {
    let Some(repo) = catalog.repo(package.id.repo.as_str()) else {
        return Vec::new();
    };
    if let Some(file) = package
        .file
        .as_ref()
        .filter(|_| !package.has_own_directory())
    {
        // Its function is one of several there, or called by none of them.
        return match file.as_str().rsplit('/').next() {
            Some("default.nix" | "package.nix") => vec![format!("{}/{file}", repo.path)],
            _ => Vec::new(),
        };
    }
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
