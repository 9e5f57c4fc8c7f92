//! Names that nothing has any more, and that are answered for: what was renamed, and what was
//! removed.

use std::collections::BTreeMap;

use aux_names::{AttrName, Date, Handle, ModuleName, RepoName, SigName};

use crate::module::ModuleClass;
use aux_problems::At;
use aux_problems::equal_but_for;

/// What something is called now, and for how long its old name is answered for.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Renamed<N> {
    /// The name that it has now.
    pub to: N,
    /// From this day on the entry is to be removed.
    pub until: Date,
    pub(crate) at: At,
}

impl<N: PartialEq> PartialEq for Renamed<N> {
    fn eq(&self, other: &Self) -> bool {
        let Self { to, until, at: _ } = other;
        self.to == *to && self.until == *until
    }
}

impl<N: Eq> Eq for Renamed<N> {}

/// A repo that has another name now.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct RenamedRepo {
    /// The name that it has now.
    pub to: RepoName,
    /// From this day on the entry is to be removed.
    pub until: Date,
    /// Whether there is a flake under the old name that has all that the new one has. A forge that
    /// sends its users on needs none.
    pub forwards: bool,
    pub(crate) at: At,
}

equal_but_for!(RenamedRepo { at } by { to, until, forwards });

/// Why something is gone, and what to use in its place.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Removed {
    /// Why.
    pub reason: String,
    /// What to use in its place, in words.
    pub instead: Option<String>,
    /// From this day on the entry is to be removed; none if it stays.
    pub until: Option<Date>,
    pub(crate) at: At,
}

equal_but_for!(Removed { at } by { reason, instead, until });

/// A module that is gone.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct RemovedModule {
    /// What it was a module of.
    pub class: ModuleClass,
    /// Why it is gone.
    pub removed: Removed,
}

/// Names that things of a repo had.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct FormerOfRepo {
    /// Attributes that have another name. What they are called now may be in another repo.
    pub renamed: BTreeMap<AttrName, Renamed<AttrName>>,
    /// Attributes that are gone.
    pub removed: BTreeMap<AttrName, Removed>,
    /// Modules that have another name.
    pub renamed_modules: BTreeMap<ModuleName, Renamed<ModuleName>>,
    /// Modules that are gone.
    pub removed_modules: BTreeMap<ModuleName, RemovedModule>,
}

/// The same of the members of a package set.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct FormerMembers {
    /// Members that have another name, by the one that they had.
    pub renamed: BTreeMap<AttrName, Renamed<AttrName>>,
    /// Members that are gone.
    pub removed: BTreeMap<AttrName, Removed>,
}

/// Names that repos, SIGs and people of a family had.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct FormerNames {
    /// Repos that have another name.
    pub repos: BTreeMap<RepoName, RenamedRepo>,
    /// SIGs that have another name, or became part of another one.
    pub sigs: BTreeMap<SigName, Renamed<SigName>>,
    /// People who have another handle.
    pub people: BTreeMap<Handle, Renamed<Handle>>,
    /// Repos that are gone.
    pub removed_repos: BTreeMap<RepoName, Removed>,
    /// SIGs that are gone.
    pub removed_sigs: BTreeMap<SigName, Removed>,
    /// People who are gone.
    pub removed_people: BTreeMap<Handle, Removed>,
}

/// What a name of a family is one of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FormerKind {
    /// As data has it.
    pub(crate) name: &'static str,
    /// As sentences have it.
    pub(crate) title: &'static str,
    /// The table that has those.
    pub(crate) section: &'static str,
}

const REPO: FormerKind = kind("repo", "repo", "repos");
const SIG: FormerKind = kind("sig", "SIG", "sigs");
const PERSON: FormerKind = kind("person", "person", "people");

const fn kind(name: &'static str, title: &'static str, section: &'static str) -> FormerKind {
    FormerKind {
        name,
        title,
        section,
    }
}

/// A name that something had, and the one that it has.
pub(crate) struct FormerName<'f> {
    pub(crate) kind: FormerKind,
    pub(crate) old: &'f str,
    pub(crate) to: &'f str,
    pub(crate) until: Date,
    pub(crate) at: At,
}

impl FormerNames {
    /// Everything that has another name.
    pub(crate) fn renamed(&self) -> impl Iterator<Item = FormerName<'_>> {
        let repos = self.repos.iter().map(|(old, now)| FormerName {
            kind: REPO,
            old: old.as_str(),
            to: now.to.as_str(),
            until: now.until,
            at: now.at,
        });
        let sigs = self.sigs.iter().map(|(old, now)| FormerName {
            kind: SIG,
            old: old.as_str(),
            to: now.to.as_str(),
            until: now.until,
            at: now.at,
        });
        let people = self.people.iter().map(|(old, now)| FormerName {
            kind: PERSON,
            old: old.as_str(),
            to: now.to.as_str(),
            until: now.until,
            at: now.at,
        });
        repos.chain(sigs).chain(people)
    }

    /// Everything that is gone.
    pub(crate) fn removed(&self) -> impl Iterator<Item = (FormerKind, &str, &Removed)> {
        let repos = self.removed_repos.iter();
        let repos = repos.map(|(old, removed)| (REPO, old.as_str(), removed));
        let sigs = self.removed_sigs.iter();
        let sigs = sigs.map(|(old, removed)| (SIG, old.as_str(), removed));
        let people = self.removed_people.iter();
        let people = people.map(|(old, removed)| (PERSON, old.as_str(), removed));
        repos.chain(sigs).chain(people)
    }
}

impl Removed {
    /// Why something is gone and what to use, as one sentence without its subject.
    ///
    /// ```
    /// # let toml = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/family.toml"));
    /// # let toml = format!("{toml}\n[repos.core.removed]\nxv = {{ reason = \"nobody maintains it\", use = \"feh\" }}");
    /// let catalog = aux_model::Catalog::from_toml(&toml)?;
    /// let xv = &catalog.core().former.removed["xv"];
    /// assert_eq!(xv.sentence(), "was removed: nobody maintains it; use feh");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn sentence(&self) -> String {
        let instead = self.instead.as_ref();
        let instead = instead.map_or_else(String::new, |instead| format!("; use {instead}"));
        format!("was removed: {}{instead}", self.reason)
    }
}
