//! The machines that run workflows, and where each forge looks for these.

use aux_model::Ci;
use serde::Serialize;

use crate::plan::ci::pins::{CACHE, CHECKOUT, INSTALL_NIX, Install, Uses};

/// A forge that runs workflows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::plan) enum Forge {
    Github,
    /// It reads `.github` only if there is no `.forgejo`.
    Forgejo,
}

/// What a workflow needs to know of the machine it runs on.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Runner {
    label: &'static str,
    /// Whether it is a bare container, without what GitHub's machines come with.
    bare: bool,
    checkout: Uses,
    install_nix: Uses,
    cache: Uses,
    aux_gen: Install,
}

impl Forge {
    /// The forges that check the family.
    pub(in crate::plan) fn of(ci: &Ci) -> impl Iterator<Item = Self> {
        [(Self::Github, ci.github), (Self::Forgejo, ci.forgejo)]
            .into_iter()
            .filter_map(|(forge, checks)| checks.then_some(forge))
    }

    /// Where a workflow of a name is.
    pub(in crate::plan) fn workflow(self, name: &str) -> String {
        let folder = match self {
            Self::Github => ".github",
            Self::Forgejo => ".forgejo",
        };
        format!("{folder}/workflows/{name}.yml")
    }

    pub(super) fn runner(self, ci: &Ci) -> Runner {
        let aux_gen = Install::of(ci.revision.as_ref());
        match self {
            Self::Github => Runner {
                label: "ubuntu-latest",
                bare: false,
                checkout: CHECKOUT.by_name(),
                install_nix: INSTALL_NIX.by_name(),
                cache: CACHE.by_name(),
                aux_gen,
            },
            Self::Forgejo => Runner {
                label: "docker",
                bare: true,
                checkout: CHECKOUT.by_url(),
                install_nix: INSTALL_NIX.by_url(),
                cache: CACHE.by_url(),
                aux_gen,
            },
        }
    }
}
