//! Policy: its packages, repos and owners looked up.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aux_names::{AttrName, RepoName, SigName};

use crate::catalog::build::builder::Builder;
use crate::catalog::build::edges::Names;
use crate::edge::PackageId;
use crate::manifest::draft::{AllowDraft, PackageRef, PolicyDraft};
use crate::manifest::reader::Finding;
use crate::package::Attribute;
use crate::policy::{Allowed, Policy, Together};
use crate::repo::Repo;
use crate::sig::Sig;
use aux_problems::Code;
use aux_problems::{At, Located};

/// What a policy refers to.
pub(super) struct Known<'k> {
    pub(super) sigs: &'k BTreeMap<SigName, Sig>,
    pub(super) repos: &'k BTreeMap<RepoName, Repo>,
    pub(super) attributes: &'k HashMap<AttrName, Attribute>,
    /// Core and top-level: they can be part of no cycle.
    pub(super) ends: [Option<&'k RepoName>; 2],
}

impl Builder<'_> {
    pub(super) fn policy(&mut self, draft: PolicyDraft, known: &Known<'_>) -> Policy {
        let default = Policy::default();
        Policy {
            bootstrap: self.packages_of("bootstrap", draft.bootstrap, known),
            fan_in: draft.fan_in.unwrap_or(default.fan_in),
            pinned: self.pinned(draft.pinned, known),
            weight: draft.weight.unwrap_or(default.weight),
            together: self.together(draft.together, known),
            top_level_packages: draft
                .top_level_packages
                .unwrap_or(default.top_level_packages),
            budget: draft.budget,
            differing: draft.differing.unwrap_or(default.differing),
            allowed: self.allowed(draft.allow, known),
        }
    }

    fn packages_of(
        &mut self,
        key: &str,
        names: Vec<Located<PackageRef>>,
        known: &Known<'_>,
    ) -> BTreeSet<PackageId> {
        let asker = format!("`{key}` of the policy");
        let lookup = Names {
            repos: known.repos,
            attributes: known.attributes,
        };
        names
            .iter()
            .filter_map(|name| {
                // A package is meant, so a set need not have its own name.
                let repo = name
                    .value
                    .repo
                    .as_ref()
                    .and_then(|repo| known.repos.get(repo));
                match repo.and_then(|repo| repo.packages.get(&name.value.attribute)) {
                    Some(package) => Some(package.id.clone()),
                    None => Some(self.resolve(&asker, name, &lookup)?.0),
                }
            })
            .collect()
    }

    /// Groups of packages that stay in one repo.
    fn together(
        &mut self,
        groups: Vec<(At, Vec<Located<PackageRef>>)>,
        known: &Known<'_>,
    ) -> Vec<Together> {
        let groups = groups.into_iter().map(|(at, names)| {
            let mut seen = BTreeSet::new();
            let lookup = Names {
                repos: known.repos,
                attributes: known.attributes,
            };
            let asker = "`together` of the policy";
            let packages = names.iter().filter_map(|name| {
                let (id, _) = self.resolve(&asker, name, &lookup)?;
                seen.insert(id.clone()).then_some(id)
            });
            Together {
                packages: packages.collect(),
                at,
            }
        });
        groups.collect()
    }

    /// A repo stands for all its packages.
    fn pinned(
        &mut self,
        names: Vec<Located<PackageRef>>,
        known: &Known<'_>,
    ) -> BTreeSet<PackageId> {
        let (repos, packages): (Vec<_>, Vec<_>) = names.into_iter().partition(|name| {
            name.value.repo.is_none() && known.repos.contains_key(name.value.attribute.as_str())
        });
        let mut pinned = self.packages_of("pinned", packages, known);
        for name in repos {
            let repo = known.repos.get(name.value.attribute.as_str());
            let packages = repo.into_iter().flat_map(|repo| repo.packages.values());
            pinned.extend(packages.map(|package| package.id.clone()));
        }
        pinned
    }

    fn allowed(&mut self, drafts: Vec<AllowDraft>, known: &Known<'_>) -> Vec<Allowed> {
        let mut allowed: Vec<Allowed> = Vec::new();
        for draft in drafts {
            let Some((first, second)) = self.pair(&draft, known) else {
                continue;
            };
            if !known.sigs.contains_key(&draft.owner.value) {
                let asker = format_args!("the pair `{first}` and `{second}` of the policy");
                let sigs = known.sigs.keys();
                self.unknown(Code::UnknownOwner, asker, "SIG", &draft.owner, sigs);
            }
            let repos = if first < second {
                (first, second)
            } else {
                (second, first)
            };
            if let Some(earlier) = allowed.iter().find(|allowed| allowed.repos == repos) {
                let finding = Finding::new(
                    Code::DuplicateDefinition,
                    Some(draft.at),
                    format!("the pair `{}` and `{}` is allowed twice", repos.0, repos.1),
                    Some("remove one of the two".to_owned()),
                );
                let finding = finding.related(earlier.at, "first allowed here");
                self.findings.push(finding);
                continue;
            }
            allowed.push(Allowed {
                repos,
                reason: draft.reason,
                owner: draft.owner.value,
                review: draft.review,
                at: draft.at,
            });
        }
        allowed.sort_by(|a, b| a.repos.cmp(&b.repos));
        allowed
    }

    /// The two repos of a pair, if they can be one.
    fn pair(&mut self, draft: &AllowDraft, known: &Known<'_>) -> Option<(RepoName, RepoName)> {
        let mut exist = true;
        for repo in &draft.repos {
            if !known.repos.contains_key(&repo.value) {
                let asker = "a pair of the policy";
                let repos = known.repos.keys();
                self.unknown(Code::UnknownRepo, asker, "repo", repo, repos);
                exist = false;
            } else if known.ends.contains(&Some(&repo.value)) {
                self.report(
                    Code::InvalidValue,
                    repo.at,
                    format!(
                        "repo `{}` can be in no cycle: it is where the family begins or ends",
                        repo.value
                    ),
                    Some("move the packages that need each other into one repo".to_owned()),
                );
                exist = false;
            }
        }
        let [first, second] = draft.repos.as_slice() else {
            let count = draft.repos.len();
            if count != 0 {
                self.report(
                    Code::InvalidValue,
                    draft.at,
                    format!("`repos` of a pair takes two repos, not {count}"),
                    Some("write a pair for each two that use each other".to_owned()),
                );
            }
            return None;
        };
        if first.value == second.value {
            self.report(
                Code::InvalidValue,
                second.at,
                format!(
                    "a pair takes two repos, and this is `{}` twice",
                    first.value
                ),
                Some("name the repo that it is in a cycle with".to_owned()),
            );
            return None;
        }
        exist.then(|| (first.value.clone(), second.value.clone()))
    }
}
