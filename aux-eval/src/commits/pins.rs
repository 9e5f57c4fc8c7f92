//! Commits as inputs of flakes: where Nix finds the repository of each.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Mutex;

use aux_git::{ShadowRepository, WorkTree};
use aux_model::{Repo, RepoName};
use aux_nix::{Nix, Pin};

use crate::commits::contracts::Versions;

/// Where Nix finds commits.
pub(super) struct Pins<'a> {
    nix: &'a Nix,
    trees: &'a BTreeMap<RepoName, WorkTree>,
    /// Whether Nix is told of a repository as it is, by folder.
    plain: Mutex<BTreeMap<PathBuf, bool>>,
    /// Of repositories that Nix is not told of as they are, by folder and commit.
    shadows: Mutex<BTreeMap<(PathBuf, String), ShadowRepository>>,
}

impl<'a> Pins<'a> {
    pub(super) fn new(nix: &'a Nix, trees: &'a BTreeMap<RepoName, WorkTree>) -> Self {
        Self {
            nix,
            trees,
            plain: Mutex::default(),
            shadows: Mutex::default(),
        }
    }

    /// A repo at its commit; none if there is no commit or no repository.
    pub(super) fn of(&self, repo: &Repo, versions: &Versions) -> Option<Pin> {
        let tree = self.trees.get(&repo.name)?;
        let rev = versions.get(&repo.name)?.clone();
        let directory = if self.is_plain(tree) {
            tree.root().to_owned()
        } else {
            match self.shadow(tree, &rev) {
                Some(shadow) => shadow,
                None => tree.root().to_owned(),
            }
        };
        Some(Pin { directory, rev })
    }

    /// The inputs of a repo at their commits, by name.
    pub(super) fn inputs<'r>(
        &self,
        inputs: impl Iterator<Item = &'r Repo>,
        of: &Repo,
        versions: &Versions,
    ) -> BTreeMap<String, Pin> {
        inputs
            .filter(|input| input.name != of.name)
            .filter_map(|input| Some((input.name.to_string(), self.of(input, versions)?)))
            .collect()
    }

    /// Whether Nix can be told of a repository as it is: this Nix can read its path, git works
    /// with it, and nothing in its git directory says what is to become of files in an archive.
    fn is_plain(&self, tree: &WorkTree) -> bool {
        let known = || self.plain.lock().expect("nobody panics while looking");
        if let Some(is_plain) = known().get(tree.root()) {
            return *is_plain;
        }
        let is_plain = self.nix.can_name(tree.root())
            && self.nix.vouch(tree).is_ok()
            && tree.head().is_some()
            && !tree.has_own_attributes();
        known().insert(tree.root().to_owned(), is_plain);
        is_plain
    }

    /// A repository with a commit of another, in a folder that any Nix can be told of.
    fn shadow(&self, tree: &WorkTree, rev: &str) -> Option<PathBuf> {
        let mut shadows = self.shadows.lock().expect("nobody panics while making one");
        let key = (tree.root().to_owned(), rev.to_owned());
        if !shadows.contains_key(&key) {
            let shadow = ShadowRepository::of(tree).ok()?;
            // Nix 2.8 asks a bare repository for `master`.
            shadow.branch("main", rev).ok()?;
            shadow.branch("master", rev).ok()?;
            shadows.insert(key.clone(), shadow);
        }
        Some(shadows.get(&key)?.path().to_owned())
    }
}
