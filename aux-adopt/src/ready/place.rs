//! A place in a core that layers need.

use serde::Serialize;

/// One place in a core's files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The file, relative to the core.
    pub file: String,
    /// 1-based line; none if the place was not found.
    pub line: Option<usize>,
    /// What has to be there.
    pub what: &'static str,
    /// Why.
    pub why: &'static str,
    /// How it stands.
    #[serde(flatten)]
    pub state: State,
}

/// How a place stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub enum State {
    /// It is there already.
    Done,
    /// It can be added.
    Missing,
    /// It was not found, so that somebody has to look.
    Unknown {
        /// What was looked for.
        reason: String,
    },
}

/// Whether a core has to have stubs for what other repos own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stubs {
    /// Packages of it ask for what left it.
    Wanted,
    /// None does.
    NotNeeded,
}
