//! The machines that run workflows.

use aux_model::Ci;
use serde::Serialize;

use crate::plan::ci::forge::Forge;
use crate::plan::ci::pins::{
    CHECKOUT, DEPLOY_PAGES, INSTALL_NIX, Install, UPLOAD_ARTIFACT, UPLOAD_ARTIFACT_ELSEWHERE,
    UPLOAD_PAGES, Uses,
};

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
    pub(super) fn runner(self, ci: &Ci) -> Runner {
        let (label, artifact) = match self {
            Self::Github => ("ubuntu-latest", UPLOAD_ARTIFACT),
            Self::Forgejo => ("docker", UPLOAD_ARTIFACT_ELSEWHERE),
        };
        Runner {
            label,
            bare: self == Self::Forgejo,
            checkout: CHECKOUT.at(self),
            install_nix: INSTALL_NIX.at(self),
            upload_pages: UPLOAD_PAGES.at(self),
            deploy_pages: DEPLOY_PAGES.at(self),
            upload_artifact: artifact.at(self),
            aux_gen: Install::of(ci.revision.as_ref(), self),
        }
    }
}
