//! Every attribute of every package: one package each, and no two that differ
//! only in case.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};

use aux_names::{AttrName, RepoName};

use crate::catalog::build::builder::{AnyCase, Builder};
use crate::edge::PackageId;
use crate::manifest::reader::Finding;
use crate::package::{Attribute, Package};
use crate::repo::Repo;
use aux_problems::At;
use aux_problems::Code;

impl Builder<'_> {
    pub(super) fn attributes(
        &mut self,
        repos: &BTreeMap<RepoName, Repo>,
    ) -> HashMap<AttrName, Attribute> {
        let count = repos.values().map(|repo| repo.packages.len()).sum();
        let mut attributes: HashMap<AttrName, Attribute> = HashMap::with_capacity(count);
        let mut any_case: HashMap<AnyCase<AttrName>, &Package> = HashMap::with_capacity(count);
        let place = |id: &PackageId| -> Option<At> {
            Some(repos.get(&id.repo)?.packages.get(&id.name)?.at)
        };
        for package in repos.values().flat_map(|repo| repo.packages.values()) {
            package.each_attribute(|name, kind| {
                // One that has no by-name directory is in no file system's way.
                let has_directory = package.file.is_none();
                match any_case.entry(AnyCase(name.clone())) {
                    _ if !has_directory => {}
                    Entry::Vacant(entry) => {
                        entry.insert(package);
                    }
                    Entry::Occupied(entry) => {
                        let other = *entry.get();
                        if entry.key().0 != *name && other.id.repo != package.id.repo {
                            self.findings.push(differ_in_case(name, package, other));
                        }
                    }
                }
                match attributes.entry(name.clone()) {
                    Entry::Vacant(entry) => {
                        entry.insert(Attribute {
                            package: package.id.clone(),
                            kind,
                            number: package.number,
                        });
                    }
                    // Within one package it was reported already.
                    Entry::Occupied(entry) if entry.get().package == package.id => {}
                    Entry::Occupied(entry) => {
                        let first = &entry.get().package;
                        let at = place(first);
                        let finding = duplicate_attribute(entry.key(), package, first);
                        self.findings.push(match at {
                            Some(at) => finding.related(at, "the other one is here"),
                            None => finding,
                        });
                    }
                }
            });
        }
        attributes
    }
}

fn differ_in_case(name: &AttrName, package: &Package, other: &Package) -> Finding {
    Finding::new(
        Code::CaseCollision,
        Some(package.at),
        format!(
            "the attribute `{name}` of `{}` differs only in case from one of `{}`",
            package.id, other.id
        ),
        Some("rename one: the flat view cannot hold both on every file system".to_owned()),
    )
    .related(other.at, "the other one is here")
}

fn duplicate_attribute(name: &AttrName, package: &Package, first: &PackageId) -> Finding {
    Finding::new(
        Code::DuplicateAttribute,
        Some(package.at),
        format!(
            "`{}` defines the attribute `{name}`, which `{first}` defines too",
            package.id
        ),
        Some("the flat view has one package for each name: rename one, or let one repo use the other's".to_owned()),
    )
}
