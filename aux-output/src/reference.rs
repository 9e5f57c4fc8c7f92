//! What the program says of itself: `explain`, `man`.

use serde::{Deserialize, Serialize};

use crate::output::Output;

/// Codes, and what they mean.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Codes {
    /// Code by code.
    #[serde(default)]
    pub codes: Vec<CodeMeaning>,
}

impl Output for Codes {
    const COMMAND: &'static str = "explain";
}

/// What one code means.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CodeMeaning {
    /// The code.
    pub code: String,
    /// What is wrong, in one line.
    pub summary: String,
    /// Why, and what to do, in a paragraph of Markdown.
    pub explanation: String,
}

/// Manual pages that were written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ManualPages {
    /// Their files.
    #[serde(default)]
    pub pages: Vec<String>,
}

impl Output for ManualPages {
    const COMMAND: &'static str = "man";
}
