//! Edges: which package a name means.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::fmt::Display;

use aux_names::{AttrName, RepoName, nearest};

use crate::catalog::build::builder::Builder;
use crate::edge::{Edge, Origin, PackageId};
use crate::manifest::draft::{EdgeDraft, PackageRef};
use crate::manifest::reader::Finding;
use crate::package::{Attribute, Package, Shape};
use crate::repo::Repo;
use aux_problems::Code;
use aux_problems::Located;

/// Edges of a repo's packages that wait until every package is known.
pub(super) struct Waiting {
    pub(super) repo: RepoName,
    pub(super) packages: Vec<(AttrName, Vec<EdgeDraft>)>,
}

/// Where names of packages lead to.
pub(super) struct Names<'n> {
    pub(super) repos: &'n BTreeMap<RepoName, Repo>,
    pub(super) attributes: &'n HashMap<AttrName, Attribute>,
}

/// A package that asks, in words.
struct Asker<'p>(&'p PackageId);

impl Display for Asker<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "package `{}`", self.0)
    }
}

/// The edges of members, which wait until every package is known: by repo, set and member.
pub(super) type WaitingMembers = Vec<(RepoName, AttrName, AttrName, Vec<EdgeDraft>)>;

impl Builder<'_> {
    /// Gives every package its edges.
    pub(super) fn connect(
        &mut self,
        repos: &mut BTreeMap<RepoName, Repo>,
        attributes: &HashMap<AttrName, Attribute>,
        waiting: Vec<Waiting>,
    ) {
        let mut resolved = Vec::with_capacity(waiting.len());
        let names = Names { repos, attributes };
        for Waiting { repo, packages } in waiting {
            let edges: Vec<(AttrName, Vec<Edge>)> = packages
                .into_iter()
                .map(|(name, drafts)| {
                    let from = PackageId {
                        repo: repo.clone(),
                        name,
                    };
                    let edges = self.edges(&from, drafts, &names);
                    (from.name, edges)
                })
                .collect();
            resolved.push((repo, edges));
        }
        for (repo, packages) in resolved {
            let Some(repo) = repos.get_mut(&repo) else {
                continue;
            };
            for (name, edges) in packages {
                if let Some(package) = repo.packages.get_mut(&name) {
                    package.edges = edges;
                }
            }
        }
    }

    fn edges(&mut self, from: &PackageId, drafts: Vec<EdgeDraft>, names: &Names<'_>) -> Vec<Edge> {
        let mut edges = Vec::with_capacity(drafts.len());
        for EdgeDraft { kind, to } in drafts {
            let Some((package, number)) = self.resolve(&Asker(from), &to, names) else {
                continue;
            };
            if package == *from {
                self.report(
                    Code::SelfDependency,
                    to.at,
                    format!("package `{from}` depends on itself"),
                    Some("drop the entry".to_owned()),
                );
                continue;
            }
            edges.push(Edge {
                kind,
                to: package,
                attribute: to.value.attribute,
                origin: Origin::Declared,
                number,
                at: to.at,
            });
        }
        // Numbers are in the order of packages.
        edges.sort_by(|a, b| {
            (a.kind, a.number, &a.attribute).cmp(&(b.kind, b.number, &b.attribute))
        });
        edges.dedup_by(|a, b| a.kind == b.kind && a.attribute == b.attribute);
        edges
    }

    /// The package that a name means, and its number; `asker` is who names it, in
    /// messages.
    pub(super) fn resolve(
        &mut self,
        asker: &dyn Display,
        to: &Located<PackageRef>,
        names: &Names<'_>,
    ) -> Option<(PackageId, usize)> {
        let PackageRef { repo, attribute } = &to.value;
        if let Some(repo) = repo {
            let Some(repo) = names.repos.get(repo) else {
                let repo = Located::new(repo.clone(), to.at);
                self.unknown(Code::UnknownRepo, asker, "repo", &repo, names.repos.keys());
                return None;
            };
            if let Some(package) = repo.packages.get(attribute) {
                self.defines_its_name(asker, to, package, names);
                return Some((package.id.clone(), package.number));
            }
        }
        match (names.attributes.get(attribute), repo) {
            (Some(found), None) => Some((found.package.clone(), found.number)),
            (Some(found), Some(repo)) if *repo == found.package.repo => {
                Some((found.package.clone(), found.number))
            }
            (Some(found), Some(repo)) => {
                self.report(
                    Code::UnknownPackage,
                    to.at,
                    format!("{asker}: repo `{repo}` has no package `{attribute}`"),
                    Some(format!("`{}` has it", found.package)),
                );
                None
            }
            (None, _) => {
                let help = became(attribute, names);
                let help = help.or_else(|| self.nearest_package(attribute, names));
                let message = format!("{asker}: no repo has a package `{attribute}`");
                let finding = Finding::new(Code::UnknownPackage, Some(to.at), message, help);
                // It may be one of a core of which nobody knows what it has.
                self.findings.push(if self.core_is_unknown {
                    finding.warning()
                } else {
                    finding
                });
                None
            }
        }
    }

    /// A package set need not have an attribute of its own name.
    fn defines_its_name(
        &mut self,
        asker: &dyn Display,
        to: &Located<PackageRef>,
        package: &Package,
        names: &Names<'_>,
    ) {
        let own = names.attributes.get(&package.id.name);
        if let Shape::Set(members) = &package.shape
            && own.is_none_or(|own| own.package != package.id)
        {
            self.report(
                Code::UnknownPackage,
                to.at,
                format!(
                    "{asker}: the set `{}` has no attribute of its own name",
                    package.id
                ),
                members
                    .first()
                    .map(|member| format!("depend on a member of it, such as `{member}`")),
            );
        }
    }

    /// The nearest package, keyed by its repo.
    fn nearest_package(&mut self, asked: &AttrName, names: &Names<'_>) -> Option<String> {
        if !self.may_suggest() {
            return None;
        }
        let known = || names.repos.values().flat_map(|repo| repo.packages.keys());
        let near = nearest(asked.as_str(), known().map(AttrName::as_str))?;
        let found = names.attributes.get(near)?;
        Some(format!("did you mean `{}`?", found.package))
    }
}

/// What became of a name that a package had, in words.
fn became(asked: &AttrName, names: &Names<'_>) -> Option<String> {
    let former = || names.repos.values().map(|repo| &repo.former);
    let renamed = former().find_map(|former| former.renamed.get(asked));
    let removed = || former().find_map(|former| former.removed.get(asked));
    let renamed = renamed.map(|renamed| format!("`{asked}` is called `{}` now", renamed.to));
    renamed.or_else(|| Some(format!("`{asked}` {}", removed()?.sentence())))
}
