//! The registry's daily workflow: generates everything and proposes what changed.

use aux_model::Ci;
use serde::Serialize;

use crate::marker::MARKER;
use crate::plan::ci::runner::{Forge, Runner};
use crate::render::Context;

#[derive(Serialize)]
pub(in crate::plan) struct Regenerate {
    marker: &'static str,
    runner: Runner,
}

impl Regenerate {
    pub(in crate::plan) fn on(forge: Forge, ci: &Ci) -> Self {
        Self {
            marker: MARKER,
            runner: forge.runner(ci),
        }
    }
}

impl Context for Regenerate {
    fn template(&self) -> &'static str {
        "ci/regenerate.yml"
    }
}
