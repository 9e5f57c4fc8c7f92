//! Names that nothing has any more, as data.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::former::{FormerNames, Removed, Renamed};
use crate::module::ModuleClass;

/// What something is called now.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RenamedDocument {
    /// The name that it has now.
    pub to: String,
    /// From this day on the entry is to be removed, such as "2027-06-01".
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"^\d{4}-\d{2}-\d{2}$")))]
    pub until: String,
}

/// What a repo is called now.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RenamedRepoDocument {
    /// The name that it has now.
    pub to: String,
    /// From this day on the entry is to be removed, such as "2027-06-01".
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"^\d{4}-\d{2}-\d{2}$")))]
    pub until: String,
    /// Whether there is a flake under the old name that has all that the new one has.
    #[serde(default)]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub forwards: bool,
}

/// Why something is gone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RemovedDocument {
    /// Why.
    pub reason: String,
    /// What to use in its place.
    #[serde(default, rename = "use")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instead: Option<String>,
    /// From this day on the entry is to be removed; it stays if absent.
    #[serde(default)]
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"^\d{4}-\d{2}-\d{2}$")))]
    pub until: Option<String>,
}

/// Why a module is gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RemovedModuleDocument {
    /// What it was a module of; nixos if absent.
    #[serde(default = "super::parts::nixos")]
    pub class: ModuleClass,
    /// Why.
    pub reason: String,
    /// What to use in its place.
    #[serde(default, rename = "use")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instead: Option<String>,
    /// From this day on the entry is to be removed; it stays if absent.
    #[serde(default)]
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"^\d{4}-\d{2}-\d{2}$")))]
    pub until: Option<String>,
}

/// Names that repos, SIGs and people had.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RenamedNamesDocument {
    /// Repos by the name that they had.
    #[serde(default)]
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub repos: BTreeMap<String, RenamedRepoDocument>,
    /// SIGs by the name that they had, also those that became a part of another.
    #[serde(default)]
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub sigs: BTreeMap<String, RenamedDocument>,
    /// People by the handle that they had.
    #[serde(default)]
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub people: BTreeMap<String, RenamedDocument>,
}

/// Repos, SIGs and people that are gone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RemovedNamesDocument {
    /// Repos by name.
    #[serde(default)]
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub repos: BTreeMap<String, RemovedDocument>,
    /// SIGs by name.
    #[serde(default)]
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub sigs: BTreeMap<String, RemovedDocument>,
    /// People by handle.
    #[serde(default)]
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub people: BTreeMap<String, RemovedDocument>,
}

impl RenamedDocument {
    pub(super) fn of<N: ToString>(renamed: &Renamed<N>) -> Self {
        Self {
            to: renamed.to.to_string(),
            until: renamed.until.to_string(),
        }
    }
}

impl RemovedDocument {
    pub(super) fn of(removed: &Removed) -> Self {
        Self {
            reason: removed.reason.clone(),
            instead: removed.instead.clone(),
            until: removed.until.map(|until| until.to_string()),
        }
    }
}

/// Entries by name, each as a document.
pub(super) fn by_name<N: ToString, V, D>(
    entries: &BTreeMap<N, V>,
    document: impl Fn(&V) -> D,
) -> BTreeMap<String, D> {
    let entries = entries.iter();
    entries
        .map(|(name, entry)| (name.to_string(), document(entry)))
        .collect()
}

impl RenamedNamesDocument {
    pub(super) fn of(former: &FormerNames) -> Self {
        Self {
            repos: by_name(&former.repos, |repo| RenamedRepoDocument {
                to: repo.to.to_string(),
                until: repo.until.to_string(),
                forwards: repo.forwards,
            }),
            sigs: by_name(&former.sigs, RenamedDocument::of),
            people: by_name(&former.people, RenamedDocument::of),
        }
    }

    /// Whether there is nothing to write.
    pub(super) fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

impl RemovedNamesDocument {
    pub(super) fn of(former: &FormerNames) -> Self {
        Self {
            repos: by_name(&former.removed_repos, RemovedDocument::of),
            sigs: by_name(&former.removed_sigs, RemovedDocument::of),
            people: by_name(&former.removed_people, RemovedDocument::of),
        }
    }

    /// Whether there is nothing to write.
    pub(super) fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}
