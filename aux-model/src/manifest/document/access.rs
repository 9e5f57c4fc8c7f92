//! Access on the forge as data.

use serde::{Deserialize, Serialize};

use crate::access::ForgeRules;

/// What the family's repositories have in common on the forge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AccessDocument {
    /// How many approvals a pull request to a published branch needs.
    #[serde(default = "reviews")]
    #[cfg_attr(feature = "schema", schemars(range(min = 1)))]
    pub reviews: usize,
    /// The accounts that trains push with; without any, no branch is protected.
    #[serde(default)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub trains: Vec<String>,
    /// Whether repositories that are made are private.
    #[serde(default)]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub private: bool,
}

impl AccessDocument {
    pub(super) fn of(rules: &ForgeRules) -> Self {
        Self {
            reviews: rules.reviews,
            trains: rules.trains.iter().map(ToString::to_string).collect(),
            private: rules.private,
        }
    }

    pub(super) fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}

impl Default for AccessDocument {
    fn default() -> Self {
        Self::of(&ForgeRules::default())
    }
}

fn reviews() -> usize {
    ForgeRules::default().reviews
}
