//! A repo's own workflow: whether its flake is one, with nothing but its inputs.

use serde::Serialize;

use super::runner::{Forge, Runner};
use crate::marker::MARKER;
use crate::render::Context;

#[derive(Serialize)]
pub(in crate::plan) struct Check {
    marker: &'static str,
    runner: Runner,
}

impl Check {
    pub(in crate::plan) fn on(forge: Forge) -> Self {
        Self {
            marker: MARKER,
            runner: forge.runner(),
        }
    }
}

impl Context for Check {
    fn template(&self) -> &'static str {
        "ci/check.yml"
    }
}
