//! What using a repo cost when somebody measured it last, written down beside the manifest.

use std::collections::BTreeMap;

use aux_names::RepoName;
use serde::{Deserialize, Serialize};

/// What using a repo alone costs. What is counted is the same on every machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// Bytes of the archives of it and of all its inputs.
    pub download: u64,
    /// Thunks that Nix makes for one package of it; none if it offers none alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub one: Option<u64>,
    /// Thunks that Nix makes for all that it offers alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub all: Option<u64>,
}

/// The prices of a family, by repo.
pub type Prices = BTreeMap<RepoName, Price>;
