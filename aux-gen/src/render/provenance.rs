//! What a text was made from.

/// What a text was made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provenance {
    /// The template's name, such as `repo/flake.nix`; `contract.json` is made from
    /// the contract.
    pub template: String,
    /// The version of the template: the start of its SHA-256. For `contract.json`
    /// the version of the contract.
    pub version: String,
}
