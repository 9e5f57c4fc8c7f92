//! Packages that went to another repo: where they are now.

use std::collections::{BTreeMap, HashMap};

use aux_names::{AttrName, RepoName};

use crate::catalog::build::builder::Builder;
use crate::manifest::draft::MovedDraft;
use crate::manifest::reader::Finding;
use crate::package::Attribute;
use crate::repo::{Moved, Repo};
use aux_problems::Code;
use aux_problems::Located;

impl Builder<'_> {
    /// The entries of one repo that say all they must; the rest was reported.
    pub(super) fn moved(&mut self, repo: &mut Repo, drafts: Vec<(Located<AttrName>, MovedDraft)>) {
        for (name, draft) in drafts {
            if let (Some(to), Some(until)) = (draft.to, draft.until) {
                let moved = Moved {
                    to: to.value,
                    until: until.value,
                    at: name.at,
                };
                repo.moved.insert(name.value, moved);
            }
        }
    }

    /// What is said to have moved is where it is said to be, and only there.
    pub(super) fn arrived(
        &mut self,
        repos: &BTreeMap<RepoName, Repo>,
        attributes: &HashMap<AttrName, Attribute>,
    ) {
        for repo in repos.values() {
            for (name, moved) in &repo.moved {
                self.arrived_one(repo, name, moved, repos, attributes);
            }
        }
    }

    fn arrived_one(
        &mut self,
        repo: &Repo,
        name: &AttrName,
        moved: &Moved,
        repos: &BTreeMap<RepoName, Repo>,
        attributes: &HashMap<AttrName, Attribute>,
    ) {
        if let Some(own) = repo.packages.get(name) {
            let finding = Finding::new(
                Code::DuplicateDefinition,
                Some(moved.at),
                format!("package `{}` is said to have moved, and is here", own.id),
                Some("drop the entry of `moved`, or the package".to_owned()),
            );
            self.findings.push(finding.related(own.at, "it is here"));
            return;
        }
        let Some(target) = repos.get(&moved.to) else {
            let to = Located::new(moved.to.clone(), moved.at);
            let asker = format_args!("moved package `{}/{name}`", repo.name);
            self.unknown(Code::UnknownRepo, asker, "repo", &to, repos.keys());
            return;
        };
        if !target.packages.contains_key(name) {
            let help = match attributes.get(name) {
                Some(found) => format!(
                    "`{}` has it: write `to = \"{}\"`",
                    found.package, found.package.repo
                ),
                None => "drop the entry: nobody has the package any more".to_owned(),
            };
            self.report(
                Code::UnknownPackage,
                moved.at,
                format!(
                    "moved package `{}/{name}`: repo `{}` has no package `{name}`",
                    repo.name, moved.to
                ),
                Some(help),
            );
        }
    }
}
