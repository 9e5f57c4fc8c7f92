//! The record of what was written to a repo, committed with it: it tells a
//! generated file from one that a person changed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use aux_model::RelativePath;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::error::DiskError;
use super::registry::read_text;
use crate::marker::MARKER;

/// The record's file, at the root of each generated repo.
pub const RECORD: &str = ".aux-gen.json";

/// The version of the record's format.
const VERSION: u32 = 1;

/// What was written, and how it looked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Record {
    generated: String,
    version: u32,
    /// Files that the generator goes on writing: path and hash.
    pub(super) files: BTreeMap<String, String>,
    /// Files that were written once and are a person's since.
    pub(super) scaffolds: BTreeSet<String>,
    /// While a run is under way: what it is about to write. A run that is killed
    /// leaves this behind, and the next one knows its half-done work by it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) pending: BTreeMap<String, String>,
}

impl Record {
    pub(super) fn empty() -> Self {
        Self {
            generated: MARKER.to_owned(),
            version: VERSION,
            files: BTreeMap::new(),
            scaffolds: BTreeSet::new(),
            pending: BTreeMap::new(),
        }
    }

    /// The record of a repo; an empty one if it has none yet.
    pub(super) fn read(repo: &Path) -> Result<Self, DiskError> {
        let path = repo.join(RECORD);
        if !path.exists() {
            return Ok(Self::empty());
        }
        let damaged = |message: String| DiskError::Record {
            path: path.clone(),
            message,
        };
        let record: Self =
            serde_json::from_str(&read_text(&path)?).map_err(|error| damaged(error.to_string()))?;
        if record.version != VERSION {
            return Err(damaged(format!(
                "it has version {}, and this program writes version {VERSION}",
                record.version
            )));
        }
        for name in record
            .files
            .keys()
            .chain(record.pending.keys())
            .chain(&record.scaffolds)
        {
            name.parse::<RelativePath>()
                .map_err(|error| damaged(format!("`{}`: {error}", name.escape_debug())))?;
        }
        Ok(record)
    }

    /// Whether a text is one that the generator wrote at that path.
    pub(super) fn wrote(&self, path: &str, text: &[u8]) -> bool {
        let hash = hash(text);
        [&self.files, &self.pending]
            .iter()
            .any(|files| files.get(path) == Some(&hash))
    }

    pub(super) fn to_json(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).expect("a record has only text keys");
        text.push('\n');
        text
    }
}

/// SHA-256 in hexadecimal.
pub(super) fn hash(text: &[u8]) -> String {
    use std::fmt::Write;
    let mut hex = String::with_capacity(64);
    for byte in Sha256::digest(text) {
        write!(hex, "{byte:02x}").expect("writing to a string does not fail");
    }
    hex
}
