//! The registry's workflow: the manifest, and then every repo after those that
//! stand on lower tiers.

use aux_model::{Catalog, Repo};
use serde::Serialize;

use crate::marker::MARKER;
use crate::plan::ci::forge::Forge;
use crate::plan::ci::runner::Runner;
use crate::render::Context;

/// What one matrix may hold (GitHub, "Running variations of jobs in a workflow").
const MATRIX: usize = 256;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::plan) struct FamilyCheck {
    marker: &'static str,
    runner: Runner,
    waves: Vec<Wave>,
    /// Whether the policy says what evaluating a repo may cost; what it is to download `check` knows.
    has_budget: bool,
}

/// Repos of one tier, each in a job of its own.
#[derive(Serialize)]
struct Wave {
    job: String,
    tier: String,
    /// The jobs of the tier below.
    needs: Vec<String>,
    repos: Vec<String>,
}

impl FamilyCheck {
    pub(in crate::plan) fn on(forge: Forge, catalog: &Catalog) -> Self {
        Self {
            marker: MARKER,
            runner: forge.runner(catalog.ci()),
            waves: waves(catalog),
            has_budget: catalog.policy().budget.one.is_some()
                || catalog.policy().budget.all.is_some(),
        }
    }
}

fn waves(catalog: &Catalog) -> Vec<Wave> {
    let mut waves = Vec::new();
    let mut below: Vec<String> = Vec::new();
    for tier in catalog.tiers() {
        let of_tier: Vec<&Repo> = catalog
            .repos()
            .filter(|repo| repo.tier == tier.name)
            .collect();
        let of_tier: Vec<Wave> = of_tier
            .chunks(MATRIX)
            .enumerate()
            .map(|(index, repos)| Wave {
                job: match index {
                    0 => format!("tier-{}", tier.level),
                    more => format!("tier-{}-{}", tier.level, more + 1),
                },
                tier: tier.name.to_string(),
                needs: below.clone(),
                repos: repos.iter().map(|repo| repo.name.to_string()).collect(),
            })
            .collect();
        if !of_tier.is_empty() {
            below = of_tier.iter().map(|wave| wave.job.clone()).collect();
            waves.extend(of_tier);
        }
    }
    waves
}

impl Context for FamilyCheck {
    fn template(&self) -> &'static str {
        "ci/family.yml"
    }
}
