//! What an evaluation found.

use std::collections::BTreeMap;

use aux_model::RepoName;
use serde::Serialize;

use crate::failure::EvalFailure;

/// How the inputs of a flake are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Resolution {
    /// Every `flake.nix` is imported from its checkout and gets its siblings as
    /// inputs: fast, in few processes, without locks, restricted to the family.
    Siblings,
    /// Nix resolves the flakes itself, with `--override-input` for every input:
    /// what users get, one process for each repo.
    Flakes,
}

/// What an evaluation of the family found.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// The version of Nix that was asked.
    pub nix: String,
    /// The system evaluated for.
    pub system: String,
    /// How inputs were found.
    pub resolution: Resolution,
    /// The repos in order of name.
    pub repos: Vec<RepoReport>,
    /// Wall-clock seconds for everything.
    pub seconds: f64,
}

/// What was found of one repo.
#[derive(Debug, Clone, Serialize)]
pub struct RepoReport {
    /// The repo.
    pub repo: RepoName,
    /// Whether its flake keeps the contract, clause by clause.
    pub contract: Vec<ClauseReport>,
    /// Its own packages in its own view.
    pub standalone: Tally,
    /// Its own packages in the view of top-level.
    pub top_level: Tally,
    /// Packages it does not offer alone: attribute and what is missing.
    pub left_out: Vec<LeftOut>,
    /// Packages that nobody is offered for the system, and that were not asked for.
    pub unavailable: Vec<Unavailable>,
    /// Packages that are another derivation alone than through top-level.
    pub differing: Vec<Differing>,
    /// Packages that the manifest and their `meta` describe in other words. Only looked for where
    /// checkouts are the inputs.
    pub drifted: Vec<Drifted>,
    /// Attributes that its layer defines and the manifest does not know.
    pub undeclared: Vec<String>,
    /// Files of the repo that Nix does not see for users, because git does not track them. Where
    /// checkouts are the inputs, only looked for in repositories of their own.
    pub untracked: Vec<String>,
    /// Attributes that nobody asked for, since the repo is somebody else's.
    pub unasked: usize,
    /// Seconds that Nix worked on it.
    pub seconds: f64,
}

/// An attribute that a repo leaves out alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// The attribute.
    pub attribute: String,
    /// The package that it needs and the repo does not have.
    pub needs: String,
}

/// An attribute that nobody is offered for a system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unavailable {
    /// The attribute.
    pub attribute: String,
    /// Why, such as "it is unfree".
    pub reason: String,
}

/// One clause of the contract.
#[derive(Debug, Clone, Serialize)]
pub struct ClauseReport {
    /// The output, such as `layer`.
    pub output: String,
    /// Why it is not kept; nothing if it is.
    pub broken: Option<String>,
}

/// How many attributes evaluate.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Tally {
    /// How many were asked for.
    pub attributes: usize,
    /// How many are derivations (or builders, where the manifest names them so).
    pub ok: usize,
    /// The others.
    pub failed: Vec<EvalFailure>,
    /// The paths of the derivations, by attribute.
    #[serde(skip)]
    pub derivations: BTreeMap<String, String>,
    /// What `meta.description` says, by attribute.
    #[serde(skip)]
    pub descriptions: BTreeMap<String, String>,
}

impl Tally {
    /// Takes in what was found of other attributes.
    pub(crate) fn add(&mut self, other: Self) {
        self.attributes += other.attributes;
        self.ok += other.ok;
        self.failed.extend(other.failed);
        self.derivations.extend(other.derivations);
        self.descriptions.extend(other.descriptions);
    }
}

/// A package that the manifest and its `meta` describe in other words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Drifted {
    /// The attribute.
    pub attribute: String,
    /// What the manifest says.
    pub manifest: String,
    /// What `meta.description` says.
    pub meta: String,
}

/// A package that is another derivation alone than through top-level.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Differing {
    /// The attribute.
    pub attribute: String,
    /// Its arguments that are something else in the two views; none if that cannot be told.
    pub arguments: Vec<String>,
    /// Whether the policy of the family takes it for an error.
    pub is_error: bool,
}

impl Report {
    /// How many attributes were evaluated, alone and through top-level.
    #[must_use]
    pub fn attributes(&self) -> usize {
        let repos = self.repos.iter();
        let counts = repos.map(|repo| repo.standalone.attributes + repo.top_level.attributes);
        counts.sum()
    }

    /// Whether every contract is kept and every attribute evaluates.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        self.repos.iter().all(RepoReport::is_ok)
    }
}

impl RepoReport {
    /// Whether this repo keeps its contract and all its attributes evaluate.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        self.contract.iter().all(|clause| clause.broken.is_none())
            && self.standalone.failed.is_empty()
            && self.top_level.failed.is_empty()
            && !self.differing.iter().any(|differing| differing.is_error)
    }
}
