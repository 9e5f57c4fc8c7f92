//! What `generate --commit` says of its commits.

use std::collections::BTreeMap;

use aux_gen::disk::Committed;
use aux_git::FileChange;
use aux_session::{BAD, GOOD, NOTE, Terminal, counted, indented, short};
use serde::Serialize;

/// What came of committing; nothing if nobody asked for it.
#[derive(Default, Serialize)]
pub(super) struct Commits {
    commits: Vec<CommitReport>,
    /// Folders with generated files that are in no git repository.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    without_git: Vec<String>,
}

#[derive(Serialize)]
struct CommitReport {
    /// The folder of the git repository, relative to the registry.
    repository: String,
    /// None if git refused.
    commit: Option<String>,
    /// Why git refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    files: BTreeMap<String, FileChange>,
    /// Files of people that what is committed speaks of.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    left: Vec<String>,
}

impl Commits {
    pub(super) fn of((commits, without_git): (Vec<Committed>, Vec<String>)) -> Self {
        let report = |committed: Committed| {
            let (commit, error) = match committed.commit {
                Ok(commit) => (Some(commit), None),
                Err(error) => (None, Some(error.to_string())),
            };
            CommitReport {
                repository: committed.repository.to_string_lossy().into_owned(),
                commit,
                error,
                files: committed.files,
                left: committed.left,
            }
        };
        Self {
            commits: commits.into_iter().map(report).collect(),
            without_git,
        }
    }

    /// Whether git refused one of them.
    pub(super) fn failed(&self) -> bool {
        self.commits.iter().any(|commit| commit.error.is_some())
    }

    /// Says what was committed, and what was not.
    pub(super) fn tell(&self, terminal: &Terminal) {
        for commit in &self.commits {
            let repository = place(&commit.repository);
            match (&commit.commit, &commit.error) {
                (Some(name), _) => terminal.say(format!(
                    "{GOOD}committed{GOOD:#} {} in {repository}: {}",
                    counted(commit.files.len(), "file"),
                    short(name)
                )),
                (None, error) => terminal.warn(format!(
                    "{BAD}not committed{BAD:#} in {repository}: {}",
                    indented(error.as_deref().unwrap_or_default())
                )),
            }
        }
        for commit in self.commits.iter().filter(|commit| !commit.left.is_empty()) {
            terminal.warn(format!(
                "{NOTE}left{NOTE:#} in {}: {} yours and not committed, and what was generated speaks of that",
                place(&commit.repository),
                match commit.left.as_slice() {
                    [one] => format!("{one} is"),
                    all => format!("{} are", all.join(", ")),
                }
            ));
        }
        if !self.without_git.is_empty() {
            let folders = self.without_git.iter().map(|folder| place(folder));
            let folders: Vec<String> = folders.collect();
            terminal.warn(format!(
                "{NOTE}not committed{NOTE:#}: {} in no git repository: {}",
                match self.without_git.len() {
                    1 => "this folder is".to_owned(),
                    more => format!("{more} folders are"),
                },
                folders.join(", ")
            ));
        }
    }
}

/// A folder relative to the registry, in messages.
fn place(folder: &str) -> String {
    match folder {
        "" => "the registry".to_owned(),
        folder => folder.to_owned(),
    }
}
