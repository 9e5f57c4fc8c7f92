//! Which forms of flake references a version of Nix reads, and how it writes them to a lock file.

use crate::evaluator::NixVersion;

/// How a version of Nix writes what it locks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LockFormat {
    /// Up to 2.25: the branch of a repository is `main`.
    Short,
    /// From 2.26 on: `refs/heads/main`. Where versions from then on differ in what they keep,
    /// it is as 2.31 and newer have it.
    Full,
}

impl LockFormat {
    /// That of a version of Nix.
    #[must_use]
    pub fn of(version: &NixVersion) -> Self {
        if version.is_at_least(2, 26) {
            Self::Full
        } else {
            Self::Short
        }
    }
}
