//! Paths that differ only in case, anywhere in a repo: on macOS and Windows a clone has
//! one of the two, and says of the other that it was changed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use aux_gen::disk::{DiskError, files_of};
use aux_model::Problem;

use crate::vet::layout::differ_in_case;

/// A problem for every two files or directories of one place, among what git follows, or
/// what is there where git does not look. What is below two that collide is not told.
pub(super) fn collisions(repo: &Path, prefix: &str) -> Result<Vec<Problem>, DiskError> {
    let mut problems = Vec::new();
    // Whether it is a repository of its own is told by its real path.
    let repo = repo.canonicalize();
    let repo = repo.map_err(|error| DiskError::read(Path::new(prefix), error))?;
    let files = match files_of(&repo) {
        Ok(files) => files,
        // What git says of a repository is said where it is needed, and ends no check.
        Err(DiskError::Git(_)) => return Ok(problems),
        Err(error) => return Err(error),
    };
    // The last spelling of each path so far; directories are those above files.
    let mut spellings: BTreeMap<String, &str> = BTreeMap::new();
    let mut told: BTreeSet<(&str, &str)> = BTreeSet::new();
    for file in &files {
        let ends = file.match_indices('/').map(|(at, _)| at);
        for end in ends.chain([file.len()]) {
            let path = &file[..end];
            match spellings.insert(path.to_lowercase(), path) {
                Some(other) if other != path => {
                    // Sorted, so that the first of two comes first unless both come again.
                    let (first, second) = (other.min(path), other.max(path));
                    if told.insert((first, second)) {
                        problems.push(differ_in_case(prefix, second, first));
                    }
                    break;
                }
                _ => {}
            }
        }
    }
    Ok(problems)
}
