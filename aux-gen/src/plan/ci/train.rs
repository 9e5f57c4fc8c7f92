//! The registry's nightly workflow: the family moves to its newest state.

use aux_model::{BuildScope, Catalog};
use serde::Serialize;

use crate::marker::MARKER;
use crate::plan::ci::forge::Forge;
use crate::plan::ci::runner::Runner;
use crate::render::Context;
use crate::render::quote::shell;

/// What its steps do that hold a token: git is told of the token here.
pub(in crate::plan) const TRAIN: &str = "ci/train.sh";

#[derive(Serialize)]
pub(in crate::plan) struct Train {
    marker: &'static str,
    runner: Runner,
    build: bool,
    /// Whether trains of channels, which run with the promotion, build.
    #[serde(rename = "channelBuild")]
    channel_build: bool,
    /// Whether the forge publishes pages, and the family wants it to.
    publishes: bool,
}

#[derive(Serialize)]
pub(in crate::plan) struct TrainScript {
    marker: &'static str,
    /// What is built; none if nothing is.
    build: Option<&'static str>,
    /// The channels as words of a shell; none for a family without channels.
    channels: Option<String>,
}

impl Train {
    pub(in crate::plan) fn on(forge: Forge, catalog: &Catalog) -> Self {
        let ci = catalog.ci();
        let build = ci.build != BuildScope::Nothing;
        Self {
            marker: MARKER,
            runner: forge.runner(ci),
            build,
            channel_build: build && !catalog.channels().is_empty(),
            publishes: forge == Forge::Github && ci.site.is_some(),
        }
    }
}

impl TrainScript {
    pub(in crate::plan) fn of(catalog: &Catalog) -> Self {
        let ci = catalog.ci();
        let channels = catalog.channels().iter();
        let channels: Vec<String> = channels.map(|one| shell(one.name.as_str())).collect();
        Self {
            marker: MARKER,
            channels: (!channels.is_empty()).then(|| channels.join(" ")),
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
