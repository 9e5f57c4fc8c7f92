//! The record of what was written to a repo, committed with it: which files are
//! the generator's, from which template, and how they looked when it last wrote
//! them. By that it tells its own text from a person's and merges the two.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use aux_model::RelativePath;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::error::DiskError;
use super::folder::Folder;
use super::lines::plain;
use super::markers::Sides;
use crate::marker::MARKER;
use crate::plan::Provenance;

/// The folder of the record, at the root of each generated repo.
pub const RECORD: &str = ".aux-gen";

/// The record itself, in its folder.
const FILE: &str = "record.json";

/// The texts as they were written, in the record's folder.
const BASE: &str = "base";

/// The version of the record's format.
const VERSION: u32 = 2;

/// What was written, and what people decided about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Record {
    generated: String,
    version: u32,
    /// Files that the generator goes on writing.
    pub(super) files: BTreeMap<String, Written>,
    /// Files that were written once and are a person's since.
    pub(super) scaffolds: BTreeSet<String>,
    /// Generated files that somebody removed: they stay removed.
    pub(super) removed: BTreeSet<String>,
    /// Generated files that somebody took over for good.
    pub(super) ejected: BTreeSet<String>,
    /// Whether it lies there with the conflict markers of a merge that is not ended.
    #[serde(skip)]
    pub(super) is_unmerged: bool,
}

/// How the generator last wrote a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    /// SHA-256 of the text, which lies in the record's folder.
    hash: String,
    /// That of the other side of a merge that is not ended.
    #[serde(skip)]
    other: Option<String>,
    /// The template it was made from.
    pub(super) template: String,
    /// The version of that template: the start of its SHA-256.
    pub(super) template_version: String,
    /// The version of the program that wrote it.
    pub(super) tool: String,
}

impl Written {
    pub(super) fn new(text: &str, provenance: &Provenance) -> Self {
        Self {
            hash: hash(text.as_bytes()),
            other: None,
            template: provenance.template.clone(),
            template_version: provenance.version.clone(),
            tool: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }

    /// Whether it is this text.
    pub(super) fn is(&self, text: &[u8]) -> bool {
        let hash = hash(text);
        self.hash == hash || self.other.as_ref() == Some(&hash)
    }
}

impl Record {
    pub(super) fn empty() -> Self {
        Self {
            generated: MARKER.to_owned(),
            version: VERSION,
            files: BTreeMap::new(),
            scaffolds: BTreeSet::new(),
            removed: BTreeSet::new(),
            ejected: BTreeSet::new(),
            is_unmerged: false,
        }
    }

    /// The record of a repo; an empty one if it has none yet. It is committed, and so
    /// anybody's: what it says is checked, and a link is not followed.
    ///
    /// # Errors
    /// When it is none, or is not to be read.
    pub(super) fn read(repo: &Path) -> Result<Self, DiskError> {
        let path = record_path(repo);
        let Some(bytes) = read_own(repo, &path)? else {
            return Ok(Self::empty());
        };
        let text =
            String::from_utf8(bytes).map_err(|_| DiskError::NotText { path: path.clone() })?;
        let Some(sides) = Sides::of(&text) else {
            return Self::parse(&text, &path);
        };
        // Two branches generated, and git could not merge what they noted.
        let (ours, theirs) = (&sides.ours, &sides.theirs);
        Ok(Self::parse(ours, &path)?.merged(Self::parse(theirs, &path)?))
    }

    fn parse(text: &str, path: &Path) -> Result<Self, DiskError> {
        let damaged = |message: String| DiskError::Record {
            path: path.to_owned(),
            message,
        };
        let record: Self =
            serde_json::from_str(text).map_err(|error| damaged(error.to_string()))?;
        if record.version != VERSION {
            return Err(damaged(format!(
                "it has version {}, and this program writes version {VERSION}",
                record.version
            )));
        }
        record.check(path)?;
        Ok(record)
    }

    /// What two branches know: what either of them generated was generated, and what
    /// somebody decided in one of them is decided.
    fn merged(mut self, other: Self) -> Self {
        for (name, written) in other.files {
            match self.files.get_mut(&name) {
                Some(own) if own.hash != written.hash => own.other = Some(written.hash),
                Some(_) => {}
                None => {
                    self.files.insert(name, written);
                }
            }
        }
        self.scaffolds.extend(other.scaffolds);
        self.removed.extend(other.removed);
        self.ejected.extend(other.ejected);
        let decided = self.removed.iter().chain(&self.ejected);
        for name in decided {
            self.files.remove(name);
        }
        self.is_unmerged = true;
        self
    }

    /// Every name is a path that stays inside the repo.
    fn check(&self, path: &Path) -> Result<(), DiskError> {
        let names = self.files.keys().chain(&self.scaffolds);
        for name in names.chain(&self.removed).chain(&self.ejected) {
            name.parse::<RelativePath>()
                .map_err(|error| DiskError::Record {
                    path: path.to_owned(),
                    message: format!("`{}`: {error}", name.escape_debug()),
                })?;
            // No record speaks of records.
            if name
                .split('/')
                .any(|part| part.eq_ignore_ascii_case(RECORD))
            {
                return Err(DiskError::Record {
                    path: path.to_owned(),
                    message: format!("`{name}` is nothing that is generated"),
                });
            }
        }
        Ok(())
    }

    /// The text that the generator last wrote to a file; none if it wrote none, or
    /// if what lies in the record's folder is not what it wrote.
    pub(super) fn base(&self, repo: &Path, path: &str) -> Option<String> {
        let written = self.files.get(path)?;
        let text = self.base_there(repo, path)?;
        written.is(text.as_bytes()).then_some(text)
    }

    /// What lies in the record's folder for a file, whatever it is.
    pub(super) fn base_there(&self, repo: &Path, path: &str) -> Option<String> {
        let text = read_own(repo, &base_path(repo, path)).ok()??;
        let text = String::from_utf8(text).ok()?;
        Some(plain(text))
    }

    /// Whether a text is the one that the generator last wrote to that file.
    pub(super) fn wrote(&self, path: &str, text: &[u8]) -> bool {
        self.files.get(path).is_some_and(|written| written.is(text))
    }

    pub(super) fn to_json(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).expect("a record has only text keys");
        text.push('\n');
        text
    }
}

/// What a file of the record's folder holds; nothing if it is not there.
fn read_own(repo: &Path, path: &Path) -> Result<Option<Vec<u8>>, DiskError> {
    if !repo.is_dir() {
        return Ok(None);
    }
    let below = path.strip_prefix(repo).unwrap_or(path);
    let folder = below.parent().unwrap_or(Path::new(""));
    let Some(folder) = Folder::open(repo)?.below(folder)? else {
        return Ok(None);
    };
    folder.read(below.file_name().unwrap_or_default())
}

/// Where the record of a repo lies.
pub(super) fn record_path(repo: &Path) -> PathBuf {
    repo.join(RECORD).join(FILE)
}

/// Where the text lies that a file of a repo was written with.
pub(super) fn base_path(repo: &Path, path: &str) -> PathBuf {
    repo.join(RECORD).join(BASE).join(path)
}

/// SHA-256 in hexadecimal.
pub fn hash(text: &[u8]) -> String {
    use std::fmt::Write;
    let mut hex = String::with_capacity(64);
    for byte in Sha256::digest(text) {
        write!(hex, "{byte:02x}").expect("writing to a string does not fail");
    }
    hex
}
