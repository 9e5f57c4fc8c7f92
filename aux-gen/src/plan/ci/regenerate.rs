//! The registry's daily workflow: generates everything and proposes what changed.

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
    pub(in crate::plan) fn on(forge: Forge) -> Self {
        Self {
            marker: MARKER,
            runner: forge.runner(),
        }
    }
}

impl Context for Regenerate {
    fn template(&self) -> &'static str {
        "ci/regenerate.yml"
    }
}
