//! The registry's nightly workflow: the family moves to its newest state.

use aux_model::{BuildScope, Ci};
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
    build: bool,
}

#[derive(Serialize)]
pub(in crate::plan) struct TrainScript {
    marker: &'static str,
    /// What is built; none if nothing is.
    build: Option<&'static str>,
}

impl Train {
    pub(in crate::plan) fn on(forge: Forge, ci: &Ci) -> Self {
        Self {
            marker: MARKER,
            runner: forge.runner(ci),
            build: ci.build != BuildScope::Nothing,
        }
    }
}

impl TrainScript {
    pub(in crate::plan) fn new(ci: &Ci) -> Self {
        Self {
            marker: MARKER,
            build: (ci.build != BuildScope::Nothing).then(|| ci.build.as_str()),
        }
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
