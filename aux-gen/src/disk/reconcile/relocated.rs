//! What a record says once files of its repo are elsewhere in it.

use std::path::Path;

use crate::disk::error::DiskError;
use crate::disk::reconcile::record::{Record, has_record, record_path};

/// The path and the text of the record of a repo as it is to be when files or folders have moved: where
/// they were, and where they are, relative to the repo. None if it knows none of them.
///
/// # Errors
/// When the record cannot be read.
pub fn relocated_record(
    repo: &Path,
    moves: &[(String, String)],
) -> Result<Option<(std::path::PathBuf, String)>, DiskError> {
    if !has_record(repo) {
        return Ok(None);
    }
    let before = Record::read(repo)?;
    let anew = |path: &String| {
        let moved = moves.iter().find_map(|(from, to)| {
            let rest = path.strip_prefix(from.as_str())?;
            (rest.is_empty() || rest.starts_with('/')).then(|| format!("{to}{rest}"))
        });
        moved.unwrap_or_else(|| path.clone())
    };
    let after = Record {
        files: before
            .files
            .iter()
            .map(|(path, written)| (anew(path), written.clone()))
            .collect(),
        scaffolds: before.scaffolds.iter().map(anew).collect(),
        removed: before.removed.iter().map(anew).collect(),
        ejected: before.ejected.iter().map(anew).collect(),
        is_to_be_rewritten: before.is_to_be_rewritten,
    };
    Ok((after != before).then(|| (record_path(repo), after.to_text())))
}
