//! Progress of a split, step by step.

use std::time::Duration;

use aux_eval::snapshot::{Look, Nested, PackageSet, snapshot};
use aux_model::System;
use aux_nix::Nix;
use indicatif::{ProgressBar, ProgressStyle};

use crate::failure::Failure;
use crate::session::Session;
use crate::terminal::{counted, say_on};

/// Says on a terminal what is going on.
pub(crate) struct Steps {
    bar: ProgressBar,
}

impl Steps {
    pub(crate) fn new(session: &Session) -> Self {
        if !session.terminal.shows_progress() {
            return Self {
                bar: ProgressBar::hidden(),
            };
        }
        let bar = ProgressBar::new_spinner();
        let style = ProgressStyle::with_template("{spinner} {msg}");
        bar.set_style(style.expect("a constant that is a template"));
        bar.enable_steady_tick(Duration::from_millis(100));
        Self { bar }
    }

    pub(crate) fn at(&self, step: &str) {
        say_on(&self.bar, step);
    }

    pub(crate) fn snapshot(
        &self,
        nix: &Nix,
        set: &PackageSet,
        system: &System,
        jobs: usize,
    ) -> Result<aux_eval::snapshot::Counted, Failure> {
        let look = Look {
            jobs,
            nested: Nested::Followed,
        };
        let counted = snapshot(nix, set, system, look, &|done, known| {
            self.at(&format!("evaluated {done}/{}", counted(known, "attribute")));
        })?;
        Ok(counted)
    }

    pub(crate) fn done(&self) {
        self.bar.finish_and_clear();
    }
}
