//! What Hydra is told: a jobset for every generated repo.
//!
//! The file is a static declarative project (Hydra manual, "Declarative
//! Projects"): a dictionary of jobsets, which Hydra reads without building
//! anything. Hydra refuses keys that it does not know, so that the file cannot
//! say who wrote it.

use std::collections::BTreeMap;

use aux_model::{Catalog, Repo};
use serde::Serialize;

use crate::render::quote;

/// Where the file is, in the registry.
pub(in crate::plan) const SPEC: &str = "hydra/spec.json";

/// How often Hydra looks for changes, in seconds: the manual's own example.
const CHECK_INTERVAL: u32 = 300;

/// Shares of the builders for each tier that a repo's tier is below, and for its
/// own: what others need is built first.
const SHARES: usize = 100;

/// One jobset, with the keys that Hydra has for it.
#[derive(Serialize)]
struct Jobset {
    enabled: u8,
    hidden: bool,
    /// 1: a flake, of which Hydra builds `hydraJobs`.
    #[serde(rename = "type")]
    kind: u8,
    description: String,
    flake: String,
    checkinterval: u32,
    schedulingshares: usize,
    enableemail: bool,
    emailoverride: &'static str,
    keepnr: u32,
}

/// The file's text. External repos have no jobset: whether they offer
/// `hydraJobs` is theirs to say.
pub(in crate::plan) fn spec(catalog: &Catalog) -> String {
    let jobsets: BTreeMap<&str, Jobset> = catalog
        .repos()
        .filter(|repo| repo.is_generated())
        .map(|repo| (repo.name.as_str(), jobset(catalog, repo)))
        .collect();
    let json = serde_json::to_string_pretty(&jobsets).expect("names are text keys");
    let mut text = quote::json(&json);
    text.push('\n');
    text
}

fn jobset(catalog: &Catalog, repo: &Repo) -> Jobset {
    let level = catalog.level(&repo.name).unwrap_or_default();
    let above = catalog.tiers().len() - level;
    Jobset {
        enabled: 1,
        hidden: false,
        kind: 1,
        description: repo
            .description
            .clone()
            .unwrap_or_else(|| format!("The repo {} of SIG {}", repo.name, repo.sig)),
        flake: repo.url.to_string(),
        checkinterval: CHECK_INTERVAL,
        schedulingshares: SHARES * above,
        enableemail: false,
        emailoverride: "",
        keepnr: 1,
    }
}
