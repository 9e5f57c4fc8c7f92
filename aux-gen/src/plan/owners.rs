//! `CODEOWNERS`: who is asked about which path. One source, the manifest; the
//! last line that matches a path wins, so the repo's SIG comes first.

use std::collections::BTreeSet;

use aux_model::{Catalog, Handle, Repo, SigName};
use serde::Serialize;

use crate::marker::MARKER;
use crate::render::Context;

#[derive(Serialize)]
pub(super) struct CodeOwners {
    marker: &'static str,
    owners: String,
    paths: Vec<PathOwners>,
}

#[derive(Serialize)]
struct PathOwners {
    path: String,
    owners: String,
}

impl CodeOwners {
    pub(super) fn of(catalog: &Catalog, repo: &Repo) -> Self {
        let differs =
            |owner: &SigName, maintainers: &[Handle]| *owner != repo.sig || !maintainers.is_empty();
        let packages = repo.packages.values().map(|package| {
            (
                format!("/{}/", package.directory()),
                &package.owner,
                package.maintainers.as_slice(),
            )
        });
        let modules = repo
            .modules
            .values()
            .map(|module| (format!("/{}", module.file()), &module.owner, &[][..]));
        let overlays = repo
            .overlays
            .values()
            .map(|overlay| (format!("/{}", overlay.file()), &overlay.owner, &[][..]));
        Self {
            marker: MARKER,
            owners: handles(catalog, &repo.sig, &[]),
            paths: packages
                .chain(modules)
                .chain(overlays)
                .filter(|(_, owner, maintainers)| differs(owner, maintainers))
                .map(|(path, owner, maintainers)| PathOwners {
                    path,
                    owners: handles(catalog, owner, maintainers),
                })
                .collect(),
        }
    }
}

/// The leads of the SIG, then the maintainers, each once.
fn handles(catalog: &Catalog, sig: &SigName, maintainers: &[Handle]) -> String {
    let leads = catalog.sig(sig.as_str()).map_or(&[][..], |sig| &sig.leads);
    let mut seen = BTreeSet::new();
    leads
        .iter()
        .chain(maintainers)
        .filter(|handle| seen.insert(*handle))
        .map(|handle| format!("@{handle}"))
        .collect::<Vec<_>>()
        .join(" ")
}

impl Context for CodeOwners {
    fn template(&self) -> &'static str {
        "repo/CODEOWNERS"
    }
}
