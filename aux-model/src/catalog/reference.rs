//! What to type for an attribute.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aux_names::{AttrName, RepoName};

use crate::catalog::LeftOut;
use crate::catalog::checked::Family;
use crate::edge::PackageId;
use crate::repo::Repo;
use crate::set::{Member, PackageSet};

/// What one repo offers without any other that it does not use, asked package by package.
#[derive(Debug, Clone)]
pub struct Alone<'f> {
    family: &'f Family,
    repo: &'f Repo,
    visible: BTreeSet<&'f RepoName>,
    known: HashMap<&'f PackageId, Option<LeftOut>>,
    members: Option<BTreeMap<AttrName, BTreeMap<AttrName, String>>>,
}

impl Family {
    /// What a repo offers alone.
    #[must_use]
    pub fn alone<'f>(&'f self, repo: &'f Repo) -> Alone<'f> {
        let inputs = self.inputs(repo).into_iter();
        let visible = inputs.chain([repo]).map(|repo| &repo.name);
        Alone {
            family: self,
            repo,
            visible: visible.collect(),
            known: HashMap::new(),
            members: None,
        }
    }

    /// What to type after `nix build` for an attribute of a repo: of that repo, or of top-level if it does
    /// not offer it alone.
    ///
    /// ```
    /// # let catalog = aux_model::Catalog::from_toml(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../aux-model/doc/family.toml")))?;
    /// assert_eq!(catalog.flake_reference(&"core".parse()?, "zlib"), "github:example/core#zlib");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn flake_reference(&self, repo: &RepoName, attribute: &str) -> String {
        match self.repos.get(repo) {
            Some(repo) => self.alone(repo).reference(attribute),
            None => format!("#{attribute}"),
        }
    }
}

impl<'f> Alone<'f> {
    /// What to type after `nix build` for an attribute, as [`Family::flake_reference`].
    pub fn reference(&mut self, attribute: &str) -> String {
        let found = self.family.attribute(attribute);
        let package = found.map(|found| &found.package);
        let offering = match package.filter(|package| package.repo == self.repo.name) {
            Some(package) => self.offering(package),
            None => self.repo_or_top(self.repo.is_flake()),
        };
        format!("{}#{attribute}", offering.url)
    }

    /// The repo whose flake has a package of this one: top-level, if this one has no flake or cannot offer
    /// it alone.
    pub fn offering(&mut self, package: &'f PackageId) -> &'f Repo {
        // What a flake has that is written by hand is for Nix to say.
        let lacks = self.repo.is_generated()
            && self
                .family
                .first_missing(package, &self.visible, &mut self.known)
                .is_some();
        self.repo_or_top(self.repo.is_flake() && !lacks)
    }

    /// The same of a member of a part of a package set that this repo has.
    pub fn offering_member(&mut self, set: &PackageSet, member: &Member) -> &'f Repo {
        let (family, repo) = (self.family, self.repo);
        let left_out = self
            .members
            .get_or_insert_with(|| family.members_left_out(repo));
        let of_set = left_out.get(&set.name);
        let lacks = of_set.is_some_and(|missing| missing.contains_key(&member.name));
        self.repo_or_top(repo.is_flake() && !lacks)
    }

    fn repo_or_top(&self, is_offered: bool) -> &'f Repo {
        let top = self.family.top_level.as_ref();
        let top = top.and_then(|top| self.family.repos.get(top));
        top.filter(|_| !is_offered).unwrap_or(self.repo)
    }
}
