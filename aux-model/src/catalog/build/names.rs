//! Every attribute of every package, once.

use std::collections::{BTreeMap, HashMap};

use super::Builder;
use crate::edge::PackageId;
use crate::manifest::reader::Finding;
use crate::name::{AttrName, RepoName};
use crate::package::{Attribute, Package};
use crate::problem::Code;
use crate::repo::Repo;
use crate::source::At;

impl Builder<'_> {
    /// Every attribute of every package, once.
    pub(super) fn attributes(
        &mut self,
        repos: &BTreeMap<RepoName, Repo>,
    ) -> HashMap<AttrName, Attribute> {
        let mut attributes: HashMap<AttrName, Attribute> = HashMap::new();
        let mut folded: HashMap<String, AttrName> = HashMap::new();
        let mut places: HashMap<PackageId, At> = HashMap::new();
        for repo in repos.values() {
            for package in repo.packages.values() {
                places.insert(package.id.clone(), package.at);
                for (name, kind) in package.attributes() {
                    if let Some(first) = attributes.get(&name) {
                        let finding = duplicate_attribute(&name, package, &first.package);
                        let at = places.get(&first.package).copied();
                        self.findings.push(match at {
                            Some(at) => finding.related(at, "first defined here"),
                            None => finding,
                        });
                        continue;
                    }
                    let lower = name.as_str().to_ascii_lowercase();
                    if let Some(other) = folded.get(&lower).and_then(|other| attributes.get(other))
                    {
                        if other.package.repo != package.id.repo {
                            let first = &other.package;
                            let finding = Finding::new(
                                Code::CaseCollision,
                                Some(package.at),
                                format!("`{}` and `{first}` differ only in case", package.id),
                                Some("rename one: the flat view cannot hold both on every file system".to_owned()),
                            );
                            self.findings.push(match places.get(first) {
                                Some(at) => finding.related(*at, "the other one is here"),
                                None => finding,
                            });
                        }
                    } else {
                        folded.insert(lower, name.clone());
                    }
                    let attribute = Attribute {
                        package: package.id.clone(),
                        kind,
                    };
                    attributes.insert(name, attribute);
                }
            }
        }
        attributes
    }
}

fn duplicate_attribute(name: &AttrName, package: &Package, first: &PackageId) -> Finding {
    Finding::new(
        Code::DuplicateAttribute,
        Some(package.at),
        format!(
            "`{}` defines the attribute `{name}`, which `{first}` defines already",
            package.id
        ),
        Some("the flat view has one package for each name: rename one, or let one repo use the other's".to_owned()),
    )
}
