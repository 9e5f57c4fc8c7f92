//! What Hydra is told: a jobset for every generated repo, one for the candidates of trains, and one
//! for each channel.
//!
//! The file is a static declarative project (Hydra manual, "Declarative
//! Projects"): a dictionary of jobsets, which Hydra reads without building
//! anything. Hydra refuses keys that it does not know, so that the file cannot
//! say who wrote it.

use std::collections::BTreeMap;

use aux_model::{Catalog, Repo};
use serde::Serialize;

use crate::plan::ci::forge::STAGING;
use crate::render::quote;

/// Where the file is, in the registry.
pub(in crate::plan) const SPEC: &str = "hydra/spec.json";

/// How often Hydra looks for changes, in seconds: the manual's own example.
const CHECK_INTERVAL: u32 = 300;

/// Shares of the builders for each tier that a repo's tier is below, and for its
/// own: what others need is built first.
const SHARES: usize = 100;

/// One jobset, with the keys that Hydra has for it.
#[derive(Clone, Serialize)]
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
    let generated = catalog.repos().filter(|repo| repo.is_generated());
    let jobsets: BTreeMap<String, Jobset> = generated
        .flat_map(|repo| {
            let main = jobset(catalog, repo);
            // No repo has a dot in its name.
            let mut jobsets = vec![(repo.name.to_string(), main.clone())];
            let candidate = other(&main, repo, STAGING, "candidates of trains");
            jobsets.extend(candidate.map(|jobset| (format!("{}.{STAGING}", repo.name), jobset)));
            for channel in catalog.channels() {
                let branch = channel.branch_of(&repo.name);
                let of_channel = other(&main, repo, branch, &format!("channel {}", channel.name));
                let key = format!("{}.channel-{}", repo.name, channel.name);
                jobsets.extend(of_channel.map(|jobset| (key, jobset)));
            }
            jobsets
        })
        .collect();
    let json = serde_json::to_string_pretty(&jobsets).expect("names are text keys");
    let mut text = quote::json(&json);
    text.push('\n');
    text
}

/// The jobset of another branch. Main is built first where both wait.
fn other(main: &Jobset, repo: &Repo, branch: &str, what: &str) -> Option<Jobset> {
    let flake = repo.url.on_branch(branch)?;
    (flake != repo.url).then(|| Jobset {
        description: format!("{}: {what}", main.description),
        flake: flake.to_string(),
        schedulingshares: (main.schedulingshares / 2).max(1),
        ..main.clone()
    })
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
