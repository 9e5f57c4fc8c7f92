//! The registry's nightly workflow: the family moves to its newest state.

use aux_model::Ci;
use serde::Serialize;

use crate::marker::MARKER;
use crate::plan::ci::runner::{Forge, Runner};
use crate::render::Context;

/// What its steps do that hold a token: git is told of the token here.
pub(in crate::plan) const TRAIN: &str = "ci/train.sh";

#[derive(Serialize)]
pub(in crate::plan) struct Train {
    marker: &'static str,
    runner: Runner,
}

#[derive(Serialize)]
pub(in crate::plan) struct TrainScript {
    marker: &'static str,
}

impl Train {
    pub(in crate::plan) fn on(forge: Forge, ci: &Ci) -> Self {
        Self {
            marker: MARKER,
            runner: forge.runner(ci),
        }
    }
}

impl TrainScript {
    pub(in crate::plan) fn new() -> Self {
        Self { marker: MARKER }
    }
}

impl Context for Train {
    fn template(&self) -> &'static str {
        "ci/train.yml"
    }
}

impl Context for TrainScript {
    fn template(&self) -> &'static str {
        TRAIN
    }
}
