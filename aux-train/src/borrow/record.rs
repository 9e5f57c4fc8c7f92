//! The record of a copy: what it is a copy of. It is committed beside the copy.

use std::path::Path;

use aux_gen::disk::read_text;
use aux_model::{AttrName, Date, FlakeRef, RepoName, Rev, SigName};
use serde::{Deserialize, Serialize};

use crate::borrow::error::BorrowError;

/// Its name, in the folder of the copy.
pub const RECORD: &str = "borrowed.json";

/// The version of its format.
pub(crate) const FORMAT: u32 = 1;

/// What a copy is a copy of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Record {
    pub(crate) format: u32,
    /// The package.
    pub package: AttrName,
    /// The repo that owns it: the first one, whoever it was copied from.
    pub origin: RepoName,
    /// Where that is.
    pub url: FlakeRef,
    /// Where the package is in it.
    pub path: String,
    /// The commit of it that the copy started from.
    pub commit: Rev,
    /// The name of the package's tree in that commit.
    pub tree: String,
    /// The SIG that owns the package.
    pub owner: SigName,
    /// The repo that borrows it.
    pub borrower: RepoName,
    /// Why.
    pub reason: String,
    /// The day.
    pub since: Date,
    /// The repos that it was copied from one after the other, if that is not the origin itself: the
    /// last one had it last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub via: Vec<Link>,
}

/// A copy that was copied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Link {
    /// The repo that had it.
    pub repo: RepoName,
    /// Where it had it.
    pub path: String,
    /// The commit.
    pub commit: Rev,
    /// The name of the tree of the copy in that commit, with its record.
    pub tree: String,
}

impl Record {
    /// The record of the copy in a folder.
    ///
    /// # Errors
    /// When there is none, or it is none.
    pub fn read(folder: &Path) -> Result<Self, BorrowError> {
        let path = folder.join(RECORD);
        let text = read_text(&path)?;
        Self::parse(&text, &path.display().to_string())
    }

    /// A record as it is written.
    pub(crate) fn parse(text: &str, path: &str) -> Result<Self, BorrowError> {
        let damaged = |message: String| BorrowError::Record {
            path: path.to_owned(),
            message,
        };
        let record: Self =
            serde_json::from_str(text).map_err(|error| damaged(error.to_string()))?;
        if record.format != FORMAT {
            let message = format!("it has format {}, and not {FORMAT}", record.format);
            return Err(damaged(message));
        }
        Ok(record)
    }

    /// As it is written.
    ///
    /// # Panics
    /// Never: it has text keys.
    #[must_use]
    pub fn text(&self) -> String {
        serde_json::to_string_pretty(self).expect("a record has text keys") + "\n"
    }
}
