//! Progress of a split, step by step.

use aux_eval::snapshot::{Counted, Look, Nested, PackageSet, snapshot};
use aux_model::System;
use aux_nix::Nix;
use aux_session::{Failure, Progress, Session};

/// Tells what is going on.
pub(crate) struct Steps<'s>(Progress<'s>);

impl<'s> Steps<'s> {
    pub(crate) fn new(session: &'s Session) -> Self {
        Self(session.terminal.progress("split"))
    }

    pub(crate) fn at(&self, step: &str) {
        self.0.at(step);
    }

    pub(crate) fn snapshot(
        &self,
        nix: &Nix,
        set: &PackageSet,
        system: &System,
        jobs: usize,
    ) -> Result<Counted, Failure> {
        let look = Look {
            jobs,
            nested: Nested::Followed,
        };
        let counted = snapshot(nix, set, system, look, &|done, known| {
            self.0.of_at(done, known, "evaluating the attributes");
        })?;
        Ok(counted)
    }

    pub(crate) fn done(self) {
        self.0.done();
    }
}
