//! A core that is somebody else's: what its index says it has, and which of that SIGs replace.

use std::collections::BTreeMap;

use aux_names::{AttrName, RepoName};

use crate::catalog::build::builder::Builder;
use crate::catalog::tree::Tree;
use crate::manifest::draft::PackageDraft;
use crate::manifest::reader::Finding;
use crate::repo::Repo;
use aux_problems::Code;
use aux_problems::Located;

impl Builder<'_> {
    /// The attributes that the index of a repo has and the manifest does not describe.
    pub(super) fn indexed(
        &mut self,
        repo: &Located<RepoName>,
        tree: Option<&Tree>,
        packages: &mut Vec<(Located<AttrName>, PackageDraft)>,
    ) {
        for (path, reason) in tree.iter().flat_map(|tree| &tree.rejected) {
            let finding = Finding::new(
                Code::NoIndex,
                Some(repo.at),
                format!("repo `{}`: `{path}`: {reason}", repo.value),
                Some("`aux-gen index` writes it anew".to_owned()),
            );
            self.findings.push(finding.warning());
        }
        let Some(index) = tree.and_then(|tree| tree.index.as_ref()) else {
            self.core_is_unknown = true;
            // What is wrong with the one that is there has been said.
            if tree.is_some_and(|tree| !tree.rejected.is_empty()) {
                return;
            }
            let finding = Finding::new(
                Code::NoIndex,
                Some(repo.at),
                format!(
                    "repo `{0}` is somebody else's, and there is no `{1}`: which attributes it has is not known",
                    repo.value,
                    index_path(&repo.value)
                ),
                Some("`aux-gen index` asks Nix once, and writes it".to_owned()),
            );
            self.findings.push(finding.warning());
            return;
        };
        let listed: std::collections::BTreeSet<AttrName> = packages
            .iter()
            .map(|(name, _)| name.value.clone())
            .collect();
        let new = index.iter().filter(|(name, _)| !listed.contains(*name));
        packages.extend(new.map(|(name, indexed)| {
            let draft = PackageDraft::indexed(indexed, repo.at);
            (Located::new(name.clone(), repo.at), draft)
        }));
    }

    /// Takes from a core that is somebody else's what a SIG defines: its layer comes later, so
    /// that its package is the one that everybody gets.
    pub(super) fn shadowed(&mut self, repos: &mut BTreeMap<RepoName, Repo>) {
        let Some(outside) = repos.values().find(|repo| repo.is_outside()) else {
            return;
        };
        let (name, known) = (outside.name.clone(), &outside.packages);
        let mut taken = Vec::new();
        for package in repos.values().filter(|repo| repo.name != name) {
            for package in package.packages.values() {
                package.each_attribute(|attribute, _| {
                    if known.contains_key(attribute) {
                        let message = format!(
                            "`{}` takes the place of `{attribute}` of `{name}`, for everybody who has both",
                            package.id
                        );
                        let finding = Finding::new(
                            Code::Shadows,
                            Some(package.at),
                            message,
                            Some("rename it, if that is not what it is for".to_owned()),
                        );
                        taken.push((attribute.clone(), finding.warning()));
                    }
                });
            }
        }
        let Some(outside) = repos.get_mut(&name) else {
            return;
        };
        for (attribute, finding) in taken {
            outside.packages.remove(&attribute);
            self.findings.push(finding);
        }
    }
}

/// Where the index of a repo is, relative to the registry.
#[must_use]
pub fn index_path(repo: &RepoName) -> String {
    format!("index/{repo}.json")
}
