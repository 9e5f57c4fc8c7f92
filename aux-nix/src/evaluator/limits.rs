//! How much time, memory and disk an evaluation may have.

use std::path::PathBuf;
use std::time::Duration;

/// What an evaluation may use and see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// For one question of [`Nix::ask`](super::Nix::ask); evaluating `scope` counts as one.
    pub per_question: Duration,
    /// For the whole call.
    pub total: Duration,
    /// Bytes of address space for each process (Linux only). Builders started by
    /// [`Nix::flake_build`](super::Nix::flake_build) without a daemon inherit it.
    pub memory: Option<u64>,
    /// All that [`Nix::ask`](super::Nix::ask) may read: files, or directories with
    /// everything below them. A flake is evaluated purely and needs no list.
    pub allowed_paths: Vec<PathBuf>,
}

impl Default for Limits {
    /// A minute for a question, ten for everything, 8 GiB, and no path at all.
    fn default() -> Self {
        Self {
            per_question: Duration::from_secs(60),
            total: Duration::from_secs(600),
            memory: Some(8 << 30),
            allowed_paths: Vec::new(),
        }
    }
}

impl Limits {
    /// Lets [`Nix::ask`](super::Nix::ask) read `path` and everything below it.
    #[must_use]
    pub fn allowing(mut self, path: impl Into<PathBuf>) -> Self {
        self.allowed_paths.push(path.into());
        self
    }
}
