//! What was written: `site`.

use serde::{Deserialize, Serialize};

use crate::output::Output;

/// A site that was written, and what it was made from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct WrittenSite {
    /// The folder.
    pub folder: String,
    /// Files of the site.
    pub files: usize,
    /// Those that were written, as they were not there or another text.
    pub written: usize,
    /// Those that the site had and has no more.
    pub removed: usize,
    /// Bytes of all files.
    pub bytes: u64,
    /// Things that may be found.
    pub entries: usize,
    /// The systems that Nix was asked for; empty if it was not asked.
    #[serde(default)]
    pub systems: Vec<String>,
    /// Packages and members that Nix was asked of.
    pub asked: usize,
    /// Those of them that are broken on at least one system.
    pub broken: usize,
    /// Those that evaluate and are refused unless the user allows them: not free, not safe, or for
    /// another system, themselves or by what they need.
    pub refused: usize,
    /// Options of modules.
    pub options: usize,
    /// What is not known, and why.
    #[serde(default)]
    pub unknown: Vec<String>,
}

impl Output for WrittenSite {
    const COMMAND: &'static str = "site";
}
