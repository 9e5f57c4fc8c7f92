//! Records as programs before this one wrote them: `record.json`, with a copy of every text.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Deserialize;

use super::place::path_before;
use crate::disk::error::DiskError;
use crate::disk::reconcile::markers::Sides;
use crate::disk::reconcile::record::format::{Record, Written, checked};
use crate::disk::reconcile::record::place::{copy_there, read_own};
use crate::disk::write::plain;
use crate::hash::hash;

/// The version of the format.
const VERSION: u32 = 2;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RecordBefore {
    #[serde(rename = "generated")]
    _generated: String,
    version: u32,
    files: BTreeMap<String, Entry>,
    scaffolds: BTreeSet<String>,
    removed: BTreeSet<String>,
    ejected: BTreeSet<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    /// SHA-256 of the text, of which the record's folder has a copy.
    hash: String,
    template: String,
    template_version: String,
    tool: String,
}

impl RecordBefore {
    /// The record of a repo that an older program wrote; an empty one if it has none.
    ///
    /// # Errors
    /// When it is none, or is not to be read.
    pub(super) fn read(repo: &Path) -> Result<Record, DiskError> {
        let path = path_before(repo);
        let Some(bytes) = read_own(repo, &path)? else {
            return Ok(Record::default());
        };
        let text =
            String::from_utf8(bytes).map_err(|_| DiskError::NotText { path: path.clone() })?;
        let text = plain(text);
        let mut record = match Sides::of(&text) {
            None => Self::parse(&text, repo, &path)?,
            Some(sides) => {
                let ours = Self::parse(&sides.ours, repo, &path)?;
                ours.merged(Self::parse(&sides.theirs, repo, &path)?)
            }
        };
        record.is_to_be_rewritten = true;
        Ok(record)
    }

    fn parse(text: &str, repo: &Path, path: &Path) -> Result<Record, DiskError> {
        let damaged = |message: String| DiskError::Record {
            path: path.to_owned(),
            message,
        };
        let before: Self =
            serde_json::from_str(text).map_err(|error| damaged(error.to_string()))?;
        if before.version != VERSION {
            return Err(damaged(format!(
                "it has version {}, and this program reads version {VERSION}",
                before.version
            )));
        }
        let names = before.files.keys().chain(&before.scaffolds);
        for name in names.chain(&before.removed).chain(&before.ejected) {
            checked(name).map_err(damaged)?;
        }
        let entries = before.files.into_iter().filter_map(|(name, entry)| {
            // Without its copy nobody knows its name in git. Then it is as if somebody had
            // written the file: it stays.
            let text = texts(repo, &name).find(|text| hash(text.as_bytes()) == entry.hash)?;
            let Entry {
                template,
                template_version,
                tool,
                ..
            } = entry;
            Some((
                name,
                Written::before(&text, template, template_version, tool),
            ))
        });
        Ok(Record {
            files: entries.collect(),
            scaffolds: before.scaffolds,
            removed: before.removed,
            ejected: before.ejected,
            is_to_be_rewritten: true,
        })
    }
}

/// The copy of a text, or the two of a merge that is not ended, and what the file holds.
fn texts(repo: &Path, name: &str) -> impl Iterator<Item = String> {
    let copy = copy_there(repo, name).into_iter().flat_map(|copy| {
        let sides = Sides::of(&copy);
        let sides = sides
            .into_iter()
            .flat_map(|sides| [sides.ours, sides.theirs]);
        sides.chain([copy]).collect::<Vec<_>>()
    });
    let file = std::fs::read(repo.join(name)).ok();
    let file = file
        .and_then(|file| String::from_utf8(file).ok())
        .map(plain);
    copy.chain(file)
}
