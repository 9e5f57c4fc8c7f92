//! The registry's daily workflow: generates everything and proposes what changed.

use aux_model::Catalog;
use serde::Serialize;

use crate::marker::MARKER;
use crate::plan::ci::forge::Forge;
use crate::plan::ci::runner::Runner;
use crate::render::Context;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::plan) struct Regenerate {
    marker: &'static str,
    runner: Runner,
    /// Whether somebody wrote down what repos cost: that is brought up to date first.
    has_prices: bool,
}

impl Regenerate {
    pub(in crate::plan) fn on(forge: Forge, catalog: &Catalog) -> Self {
        Self {
            marker: MARKER,
            runner: forge.runner(catalog.ci()),
            has_prices: !catalog.prices().is_empty(),
        }
    }
}

impl Context for Regenerate {
    fn template(&self) -> &'static str {
        "ci/regenerate.yml"
    }
}
