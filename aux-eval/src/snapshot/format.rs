//! A snapshot: what every attribute of a package set evaluates to, whatever the set
//! and however many of them fail.

use std::collections::BTreeMap;

use aux_nix::FailureKind;
use serde::{Deserialize, Serialize};

/// What every attribute of a set evaluates to, by attribute path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Snapshot {
    /// The version of the format of this.
    pub version: u32,
    /// The version of Nix that was asked.
    pub nix: String,
    /// The system that was evaluated for.
    pub system: String,
    /// The path of the set that was looked at; empty for all.
    pub set: String,
    /// Whether sets within it that ask for it were looked into.
    pub nested: bool,
    /// What was found, by attribute path.
    pub attributes: BTreeMap<String, Evaluated>,
}

/// What an attribute evaluates to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Evaluated {
    /// A derivation: the path of its file in the store.
    Derivation(String),
    /// Something else: the type that Nix names, such as `lambda`.
    Is(String),
    /// It has no value.
    Failed {
        /// What sort of failure.
        kind: FailureKind,
        /// The cause in one line.
        reason: String,
        /// The file, line and column that Nix names first, relative to the set's own
        /// directory; none if Nix names none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        place: Option<String>,
    },
}

/// The version of [`Snapshot`] that this writes.
pub(crate) const VERSION: u32 = 1;

impl Snapshot {
    /// Reads what [`Snapshot::to_json`] wrote.
    ///
    /// # Errors
    /// When it is something else, or of another version.
    pub fn from_json(text: &str) -> Result<Self, String> {
        let snapshot: Self = serde_json::from_str(text).map_err(|error| error.to_string())?;
        if snapshot.version == VERSION {
            Ok(snapshot)
        } else {
            Err(format!(
                "it has version {}, and this program knows version {VERSION}",
                snapshot.version
            ))
        }
    }

    /// As JSON: the same for the same set, with a newline at the end.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).expect("a snapshot has only text keys");
        text.push('\n');
        text
    }

    /// What was found below a name: `a` of `NAME/a`.
    #[must_use]
    pub fn below(&self, name: &str) -> Self {
        let own = self.attributes.iter().filter_map(|(attribute, found)| {
            // A slash makes a name one that Nix quotes.
            let (of, attribute) = attribute.trim_matches('"').split_once('/')?;
            (of == name).then(|| (attribute.to_owned(), found.clone()))
        });
        Self {
            version: self.version,
            nix: self.nix.clone(),
            system: self.system.clone(),
            set: self.set.clone(),
            nested: self.nested,
            attributes: own.collect(),
        }
    }

    /// The same with the paths in reasons relative to a folder, which ends with `/`.
    #[must_use]
    pub(crate) fn relative_to(mut self, root: &str) -> Self {
        for found in self.attributes.values_mut() {
            if let Evaluated::Failed { reason, place, .. } = found {
                *reason = reason.replace(root, "");
                *place = place.take().map(|place| place.replace(root, ""));
            }
        }
        self
    }

    /// The attributes that have no value.
    pub fn failed(&self) -> impl Iterator<Item = (&str, &Evaluated)> {
        let attributes = self.attributes.iter();
        attributes
            .filter(|(_, found)| matches!(found, Evaluated::Failed { .. }))
            .map(|(name, found)| (name.as_str(), found))
    }

    /// How many derivations there are.
    #[must_use]
    pub fn derivations(&self) -> usize {
        let found = self.attributes.values();
        found
            .filter(|found| matches!(found, Evaluated::Derivation(_)))
            .count()
    }
}
