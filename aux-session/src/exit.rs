//! Exit codes: an interface that scripts rely on.

use std::process::ExitCode;

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Everything is fine.
    Fine = 0,
    /// What was asked for cannot be done: the error has a code that says why.
    Error = 1,
    /// The command line is wrong.
    Usage = 2,
    /// The user's files have problems.
    Problems = 3,
    /// Generated files are not as the model says.
    Stale = 4,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        // The discriminants are the interface.
        Self::from(exit as u8)
    }
}
