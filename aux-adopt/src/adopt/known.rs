//! What a family has already.

use std::collections::{BTreeMap, BTreeSet};

use aux_model::{FlakeRef, RepoName};

/// What a registry has already; empty for a new one.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// The tiers, lowest first.
    pub tiers: Vec<String>,
    /// The repos, and the number of the tier of each.
    pub repos: BTreeMap<RepoName, usize>,
    /// Where each repo is.
    pub urls: BTreeMap<RepoName, FlakeRef>,
    /// The attributes that packages of the family define, each with its repo.
    pub attributes: BTreeMap<String, RepoName>,
    /// SIGs that are defined.
    pub sigs: BTreeSet<String>,
    /// People who are defined.
    pub people: BTreeSet<String>,
    /// The attributes of the package set, whatever they are; none if nobody knows.
    pub names: BTreeSet<String>,
    /// The outputs of each repo's flake, as far as its text names them.
    pub outputs: BTreeMap<RepoName, BTreeSet<String>>,
}

/// The last part of a flake reference's path: the repo's name on its forge.
#[must_use]
pub fn named(url: &str) -> Option<&str> {
    let path = url.split(['?', '#']).next()?;
    let path = path.split_once(':').map_or(path, |(_, path)| path);
    // github:OWNER/REPO/REF
    let mut parts = path.trim_matches('/').split('/');
    let name = if url.starts_with("github:")
        || url.starts_with("gitlab:")
        || url.starts_with("sourcehut:")
    {
        parts.nth(1)
    } else {
        parts.next_back()
    };
    name.map(|name| name.trim_end_matches(".git"))
}
