//! An option of a module, as its documentation has it.

use std::path::Path;

use serde::{Deserialize, Serialize};

/// An option of a module. Its parts are those of NixOS' `options.json` (nixos-render-docs).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModuleOption {
    /// Its path, with dots.
    pub path: String,
    /// What its type says of itself.
    #[serde(rename = "type")]
    pub of_type: Option<String>,
    /// Its default, as a Nix expression.
    pub default: Option<String>,
    /// An example, as a Nix expression.
    pub example: Option<String>,
    /// What it is, in Markdown.
    pub description: Option<String>,
    /// Where it is declared, if Nix knows.
    pub declared: Option<Declared>,
    /// Whether a part of it has no value without the system that it is for, and is left out.
    #[serde(default)]
    pub is_partly: bool,
}

/// A place in a repo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Declared {
    /// The file, relative to the repo.
    pub file: String,
    /// The line, from 1; none if Nix does not say.
    pub line: Option<u64>,
}

impl Declared {
    /// The same, relative to the repo; nothing if it is elsewhere.
    pub(super) fn below(self, checkout: Option<&Path>) -> Option<Self> {
        let checkout = checkout?.canonicalize().ok()?;
        let file = Path::new(&self.file).canonicalize().ok()?;
        let file = file.strip_prefix(checkout).ok()?;
        Some(Self {
            file: file.to_str()?.to_owned(),
            line: self.line,
        })
    }
}
