//! The machines that run workflows, and where each forge looks for these.

use aux_model::Ci;
use serde::Serialize;

use crate::plan::ci::pins::{
    ActionPlace, CHECKOUT, DEPLOY_PAGES, INSTALL_NIX, Install, UPLOAD_ARTIFACT,
    UPLOAD_ARTIFACT_ELSEWHERE, UPLOAD_PAGES, Uses,
};

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
    upload_pages: Uses,
    deploy_pages: Uses,
    upload_artifact: Uses,
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
        let (place, label, artifact) = match self {
            Self::Github => (ActionPlace::Github, "ubuntu-latest", UPLOAD_ARTIFACT),
            Self::Forgejo => (ActionPlace::Elsewhere, "docker", UPLOAD_ARTIFACT_ELSEWHERE),
        };
        Runner {
            label,
            bare: self == Self::Forgejo,
            checkout: CHECKOUT.at(place),
            install_nix: INSTALL_NIX.at(place),
            upload_pages: UPLOAD_PAGES.at(place),
            deploy_pages: DEPLOY_PAGES.at(place),
            upload_artifact: artifact.at(place),
            aux_gen: Install::of(ci.revision.as_ref(), place),
        }
    }
}
