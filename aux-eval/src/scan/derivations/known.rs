//! What is known once everything is evaluated.

use std::collections::{BTreeMap, BTreeSet};

use aux_model::{AttrName, Package, PackageId, RepoName};
use aux_nix::Derivation;
use serde::Serialize;

use crate::failure::EvalFailure;
use crate::scan::derivations::mapping::{Mapping, Owner, SameAs, Use};
use crate::scan::derivations::sets::View;

/// What the derivations of a family say.
#[derive(Debug)]
pub struct Derivations {
    pub(super) evaluated: Evaluated,
    pub(super) mapping: Mapping,
    /// Every attribute that is a derivation, aliases among them.
    pub(super) attributes: BTreeMap<AttrName, Derivation>,
    /// The `stdenv`s that every package has and no repo lists as its own.
    pub(super) stdenvs: BTreeMap<AttrName, Derivation>,
    pub(super) failed: Vec<Unevaluated>,
    pub(super) unseen: Vec<Unseen>,
}

/// How the derivations were found.
#[derive(Debug, Clone, Serialize)]
pub struct Evaluated {
    /// The version of Nix that was asked.
    pub nix: String,
    /// The system evaluated for.
    pub system: String,
    /// The package set that was asked.
    pub view: View,
    /// How many attributes evaluate.
    pub attributes: usize,
    /// How many derivations they evaluate to.
    pub derivations: usize,
    /// How many derivations those are built from, themselves among them.
    pub closure: usize,
    /// Wall-clock seconds for everything.
    pub seconds: f64,
}

/// An attribute that is no derivation, or fails.
#[derive(Debug, Clone, Serialize)]
pub struct Unevaluated {
    /// Whose it is.
    pub package: PackageId,
    /// The attribute, and why it has no derivation.
    #[serde(flatten)]
    pub failed: EvalFailure,
}

/// A repo of which nothing was evaluated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unseen {
    /// The repo.
    pub repo: RepoName,
    /// Why not.
    pub reason: String,
}

/// What is known of one package.
#[derive(Debug)]
pub(in crate::scan) struct Known<'d> {
    /// Its own derivations.
    pub(in crate::scan) own: BTreeSet<&'d Derivation>,
    /// The derivations of other packages that they are built from.
    pub(in crate::scan) needs: BTreeMap<&'d Derivation, Use>,
    /// Whether all its attributes are derivations: what is not there is not needed.
    pub(in crate::scan) is_whole: bool,
}

impl Derivations {
    /// How they were found.
    #[must_use]
    pub fn evaluated(&self) -> &Evaluated {
        &self.evaluated
    }

    /// Attributes that are no derivations, by repo, then by package.
    #[must_use]
    pub fn failed(&self) -> &[Unevaluated] {
        &self.failed
    }

    /// Repos of which nothing was evaluated.
    #[must_use]
    pub fn unseen(&self) -> &[Unseen] {
        &self.unseen
    }

    /// Packages whose derivation is named after another.
    pub(in crate::scan) fn same(&self) -> Vec<SameAs> {
        self.mapping.same()
    }

    /// The derivation of an attribute.
    pub(in crate::scan) fn attribute(&self, name: &AttrName) -> Option<&Derivation> {
        self.attributes.get(name)
    }

    /// The packages whose derivation it is.
    pub(in crate::scan) fn owners(&self, derivation: &Derivation) -> &[Owner] {
        self.mapping.owners(derivation)
    }

    /// What is built into every package, and by which `stdenv`.
    pub(in crate::scan) fn of_stdenvs(&self) -> impl Iterator<Item = (&AttrName, &Derivation)> {
        self.stdenvs.iter().flat_map(|(name, stdenv)| {
            let needs = self.mapping.needs(stdenv);
            needs.map(move |(needed, _)| (name, needed))
        })
    }

    /// What is known of a package; nothing of a builder.
    pub(in crate::scan) fn of_package(&self, package: &Package) -> Known<'_> {
        let attributes = package.attributes();
        let own: BTreeSet<&Derivation> = attributes
            .keys()
            .filter_map(|name| self.attributes.get(name))
            .collect();
        let mut needs = BTreeMap::new();
        for (needed, usage) in own.iter().flat_map(|own| self.mapping.needs(own)) {
            if !own.contains(needed) {
                let known = needs.entry(needed).or_insert(usage);
                *known = usage.min(*known);
            }
        }
        Known {
            is_whole: !own.is_empty()
                && attributes
                    .keys()
                    .all(|name| self.attributes.contains_key(name)),
            own,
            needs,
        }
    }
}
