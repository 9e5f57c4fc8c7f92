//! A ratchet: what was wrong before does not fail, what is new does.

use std::collections::BTreeMap;
use std::path::Path;

use aux_gen::disk::DiskError;
use aux_git::{GitError, WorkTree};
use aux_model::{Code, Problem};
use aux_process::ScratchFolder;

use crate::vet::tree::{TreeDescription, Vetted, vet};

/// A revision that nothing can be compared with.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Unfit {
    /// The repo is in no git work tree.
    #[error("`{repo}` is in no git repository, so there is no `{revision}` to compare with")]
    NoGit {
        /// The repo.
        repo: String,
        /// The revision.
        revision: String,
    },
    /// git refuses, for example because there is no such revision.
    #[error(transparent)]
    Git(#[from] GitError),
    /// The files of the revision cannot be read or written.
    #[error(transparent)]
    Disk(#[from] DiskError),
}

/// Vets the packages of a repo as a revision has them. The work tree is not
/// touched. A revision without packages has no problems.
///
/// # Errors
/// When the repo is in no git repository, or git does not know the revision.
pub fn revision(
    repo: &Path,
    revision: &str,
    prefix: &str,
    description: &TreeDescription,
) -> Result<Vetted, Unfit> {
    let repo = repo
        .canonicalize()
        .map_err(|error| DiskError::read(repo, error))?;
    let tree = WorkTree::of(&repo).ok_or_else(|| Unfit::NoGit {
        repo: repo.display().to_string(),
        revision: revision.to_owned(),
    })?;
    tree.must_work()?;
    let copy = ScratchFolder::new().map_err(|error| DiskError::write(&repo, error))?;
    // All of the repo: whether a path leads somewhere is not told by the tree alone.
    let below = tree.relative(&repo).unwrap_or_default();
    let is_there = tree.export(revision, &below, copy.path())?;
    if is_there {
        Ok(vet(copy.path(), prefix, description)?)
    } else {
        Ok(Vetted::default())
    }
}

/// Leaves out the problems that were there before: as many of each as there were,
/// wherever in the file.
#[must_use]
pub fn only_new(found: Vec<Problem>, before: &[Problem]) -> Vec<Problem> {
    let mut known: BTreeMap<(Code, String), usize> = BTreeMap::new();
    for problem in before {
        *known
            .entry((problem.code, problem.message.clone()))
            .or_default() += 1;
    }
    let mut found = found;
    found.retain(
        |problem| match known.get_mut(&(problem.code, problem.message.clone())) {
            Some(left) if *left > 0 => {
                *left -= 1;
                false
            }
            _ => true,
        },
    );
    found
}

/// The first of problems that say the same of one file, with how often it is so: for people, after
/// what was there before is left out.
#[must_use]
pub fn told_once(problems: Vec<Problem>) -> Vec<Problem> {
    let mut counts: BTreeMap<(Code, String), usize> = BTreeMap::new();
    for problem in &problems {
        let key = (problem.code, problem.message.clone());
        *counts.entry(key).or_default() += 1;
    }
    let mut told = Vec::new();
    for mut problem in problems {
        // What was told is not counted any more.
        let Some(count) = counts.remove(&(problem.code, problem.message.clone())) else {
            continue;
        };
        if let (Some(help), 2..) = (&mut problem.help, count) {
            *help = format!("{help}; it stands in {count} places of the file");
        }
        told.push(problem);
    }
    told
}
