//! Why a package stays, and why an edge needs no entry.

use serde::{Deserialize, Serialize};

/// Why a package stays in core although a rule wants it elsewhere.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Pin {
    /// The rules keep it, by this pattern.
    Keep(String),
    /// Core boots from it.
    Bootstrap {
        /// Its attribute.
        attribute: String,
        /// What is made with it.
        root: String,
    },
    /// Two directories define one attribute, and which one counts is core's order.
    Twice {
        /// The attribute.
        attribute: String,
        /// The other directory.
        other: String,
    },
    /// A path joins it with something else in core.
    Path {
        /// Where the path is written.
        place: String,
        /// The path.
        path: String,
        /// What it leads to; null for what is no package.
        other: Option<String>,
    },
}

/// Why an edge between derivations needs no entry in the manifest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum PairReason {
    /// It comes with what the package asks for: these attributes.
    Through(Vec<String>),
    /// It fetches the package's source.
    Fetching,
}
