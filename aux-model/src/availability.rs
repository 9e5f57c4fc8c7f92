//! For which systems a package is, and whether users are kept from it by default: nixpkgs' own words
//! (`meta.platforms`, `meta.broken`, `meta.license`, `meta.knownVulnerabilities`), as the manifest has them.

use std::collections::BTreeSet;

use aux_names::System;

use crate::edge::PackageId;

/// What is said of one package.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Restriction {
    /// The systems that it is for; none for all of the organization's.
    pub systems: Option<BTreeSet<System>>,
    /// Whether it does not work.
    pub broken: bool,
    /// Whether its licence is not free.
    pub unfree: bool,
    /// Its known vulnerabilities.
    pub insecure: Vec<String>,
}

/// What follows for one package, from itself and from all that it needs.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Availability {
    /// The systems that it can be had for; none for all of the organization's.
    pub systems: Option<BTreeSet<System>>,
    /// The package that users are kept from, itself or one that it needs; none if there is none.
    pub withheld: Option<PackageId>,
}

impl Restriction {
    /// Whether nothing is said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether users are kept from it unless they say that they want it.
    #[must_use]
    pub fn is_withheld(&self) -> bool {
        self.broken || self.unfree || !self.insecure.is_empty()
    }
}

impl Availability {
    /// Whether a flake offers it for a system.
    #[must_use]
    pub fn is_offered(&self, system: &str) -> bool {
        let is_it = |known: &System| known.as_str() == system;
        let has_system = |systems: &BTreeSet<System>| systems.iter().any(is_it);
        self.withheld.is_none() && self.systems.as_ref().is_none_or(has_system)
    }

    /// Takes in what follows from a package that is needed; whether anything did.
    pub(crate) fn narrow(&mut self, needed: &Self) -> bool {
        let before = self.clone();
        if self.withheld.is_none() {
            self.withheld.clone_from(&needed.withheld);
        }
        if let Some(systems) = &needed.systems {
            self.systems = Some(match &self.systems {
                Some(own) => own.intersection(systems).cloned().collect(),
                None => systems.clone(),
            });
        }
        *self != before
    }
}
