//! The record that a repo has, in the format of today or of before.

use std::path::Path;

use crate::disk::error::DiskError;
use crate::disk::reconcile::markers::Sides;
use crate::disk::reconcile::record::before::RecordBefore;
use crate::disk::reconcile::record::format::Record;
use crate::disk::reconcile::record::place::{read_own, record_path};
use crate::disk::write::plain;

impl Record {
    /// The record of a repo; an empty one if it has none yet. It is committed, and so
    /// anybody's: what it says is checked, and a link is not followed.
    ///
    /// # Errors
    /// When it is none, or is not to be read.
    pub(crate) fn read(repo: &Path) -> Result<Self, DiskError> {
        let path = record_path(repo);
        let Some(bytes) = read_own(repo, &path)? else {
            return RecordBefore::read(repo);
        };
        let text =
            String::from_utf8(bytes).map_err(|_| DiskError::NotText { path: path.clone() })?;
        let text = plain(text);
        let Some(sides) = Sides::of(&text) else {
            return Self::parse(&text, &path);
        };
        // Two branches generated, and were merged without the attributes.
        let (ours, theirs) = (&sides.ours, &sides.theirs);
        Ok(Self::parse(ours, &path)?.merged(Self::parse(theirs, &path)?))
    }
}
