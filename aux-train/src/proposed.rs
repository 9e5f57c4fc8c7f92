//! A step of a wave that can be judged.

use aux_model::{Repo, Rev};

/// A step with a candidate for each of its repos.
pub(super) struct Proposed<'a> {
    pub(super) repos: Vec<(&'a Repo, Rev)>,
}

impl<'a> Proposed<'a> {
    /// The repos, without their candidates.
    pub(super) fn members(&self) -> Vec<&'a Repo> {
        self.repos.iter().map(|(repo, _)| *repo).collect()
    }
}
