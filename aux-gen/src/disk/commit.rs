//! Commits of what was generated, for those who ask for them: one per git
//! repository, with the generator's own files and nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};

use super::changes::{ChangeKind, Changes};
use super::error::DiskError;
use super::home::{Home, homes};
use super::record::RECORD;
use super::registry::Registry;
use super::writer::found;
use crate::git::{FileChange, GitError, WorkTree};
use crate::plan::Plan;

/// What came of committing to one git repository.
#[derive(Debug)]
pub struct Committed {
    /// Its folder, relative to the registry if it is in it.
    pub repository: PathBuf,
    /// The files that differed, relative to the repository, and how.
    pub files: BTreeMap<String, FileChange>,
    /// The new commit, or why git refused.
    pub commit: Result<String, GitError>,
}

/// Refuses to write where a commit would take along what somebody has not committed
/// yet: a file of theirs that is about to be merged with what is new.
///
/// # Errors
/// When there is such a file, or git refuses to say.
pub fn must_be_committed(changes: &Changes) -> Result<(), DiskError> {
    for home in changes.registry.iter().chain(changes.repos.values()) {
        let merges = home.changes.iter();
        let mut merges = merges
            .filter(|change| change.kind == ChangeKind::Merge)
            .peekable();
        let Some(tree) = merges.peek().and(WorkTree::of(&home.directory)) else {
            continue;
        };
        let open = tree.changed()?;
        let open = |path: &Path| {
            tree.relative(path)
                .is_some_and(|path| open.contains_key(path))
        };
        if let Some(change) = merges.find(|change| open(&home.directory.join(change.path.as_str())))
        {
            return Err(DiskError::Uncommitted {
                file: change.file.clone(),
            });
        }
    }
    Ok(())
}

/// Commits what was generated, now or by an earlier run, and is not committed yet.
/// What people wrote, staged or changed stays as it is. Repos that are in no git
/// repository are named by the second part of the answer.
///
/// # Errors
/// When the disk refuses, or git does not say what has changed. A commit that git
/// refuses is part of the answer.
pub fn commit(
    registry: &Registry,
    plan: &Plan,
    changes: &Changes,
) -> Result<(Vec<Committed>, Vec<String>), DiskError> {
    let mut trees: BTreeMap<WorkTree, Vec<Home<'_>>> = BTreeMap::new();
    let mut outside = Vec::new();
    for home in homes(plan)
        .into_iter()
        .filter(|home| !home.files.is_empty())
    {
        match WorkTree::of(&home.directory(registry)?) {
            Some(tree) => trees.entry(tree).or_default().push(home),
            None => outside.push(home.name().to_owned()),
        }
    }
    let mut commits = Vec::new();
    for (tree, homes) in trees {
        let changed = tree.changed()?;
        let mut files = BTreeMap::new();
        for home in &homes {
            let own = Own::of(registry, home, changes)?;
            for (path, change) in &changed {
                let file = tree.root().join(path);
                let Ok(name) = file.strip_prefix(&own.directory) else {
                    continue;
                };
                if own.wrote(&name.to_string_lossy())? {
                    files.insert(path.clone(), *change);
                }
            }
        }
        if files.is_empty() {
            continue;
        }
        let repository = tree.root().strip_prefix(registry.root());
        commits.push(Committed {
            repository: repository.unwrap_or(tree.root()).to_owned(),
            commit: tree.commit(&files, &message(&homes, &files)),
            files,
        });
    }
    Ok((commits, outside))
}

/// The generator's own files in one folder.
struct Own<'h> {
    home: &'h Home<'h>,
    directory: PathBuf,
    /// Those that this run wrote or removed.
    written: BTreeSet<&'h str>,
}

impl<'h> Own<'h> {
    fn of(
        registry: &Registry,
        home: &'h Home<'h>,
        changes: &'h Changes,
    ) -> Result<Self, DiskError> {
        let of_home = match home.repo {
            Some(repo) => changes.repos.get(repo),
            None => changes.registry.as_ref(),
        };
        let written = of_home.into_iter().flat_map(|home| &home.changes);
        Ok(Self {
            home,
            directory: home.directory(registry)?,
            written: written.map(|change| change.path.as_str()).collect(),
        })
    }

    /// Whether a file is as the generator wrote it. One that is planned and holds
    /// anything else is a person's.
    fn wrote(&self, name: &str) -> Result<bool, DiskError> {
        if name.starts_with(RECORD) || self.written.contains(name) {
            return Ok(true);
        }
        let planned = name
            .parse()
            .ok()
            .and_then(|name| self.home.files.get(&name));
        let Some(planned) = planned else {
            return Ok(false);
        };
        let holds = found(&self.directory.join(name))?;
        Ok(holds.as_deref() == Some(planned.text.get()?.as_bytes()))
    }
}

/// More files than this are counted in a message, not listed.
const LISTED: usize = 200;

/// What a commit says: whose files, then each that is not the generator's own
/// book-keeping.
fn message(homes: &[Home<'_>], files: &BTreeMap<String, FileChange>) -> String {
    let of = match homes {
        [home] => home
            .repo
            .map_or("the registry's checks".to_owned(), ToString::to_string),
        homes => format!(
            "{} repos",
            homes.iter().filter(|home| home.repo.is_some()).count()
        ),
    };
    let mut message = format!("Regenerate {of}\n");
    let record = |file: &str| file.split('/').any(|part| part == RECORD);
    let listed: Vec<_> = files.iter().filter(|(file, _)| !record(file)).collect();
    for (file, change) in listed.iter().take(LISTED) {
        let _ = write!(message, "\n{} {file}", change.verb());
    }
    if let Some(more) = listed.len().checked_sub(LISTED).filter(|more| *more > 0) {
        let _ = write!(message, "\nand {more} more");
    }
    message.push('\n');
    message
}
