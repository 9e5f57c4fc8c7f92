//! The difference between a plan and what is on the disk.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use aux_model::{RelativePath, RepoName};

use super::error::DiskError;
use super::record::{RECORD, Record, hash};
use super::registry::Registry;
use crate::marker::is_marked;
use crate::plan::{FileKind, Plan, PlannedFile, RepoPlan};

/// What would have to change for the disk to be as planned.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    /// Per repo, in order of name; a repo where nothing changes is not here.
    pub repos: BTreeMap<RepoName, RepoChanges>,
    /// Files that are left alone although the plan has something else for them.
    pub kept: Vec<Kept>,
}

/// What would have to change in one repo.
#[derive(Debug, Clone)]
pub struct RepoChanges {
    /// Where the repo is.
    pub(super) directory: PathBuf,
    /// The changes, in order of path.
    pub changes: Vec<Change>,
    /// The record after them.
    pub(super) record: Record,
}

/// One file to write or to remove.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The file, relative to its repo.
    pub path: RelativePath,
    /// The file, relative to the registry.
    pub file: String,
    /// What happens to it.
    pub kind: ChangeKind,
    /// Its text before; empty if it is new.
    pub before: String,
    /// Its text after; empty if it goes.
    pub after: String,
}

/// What happens to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ChangeKind {
    /// It is new.
    Create,
    /// It was generated and is replaced.
    Update,
    /// It was generated, nobody changed it, and the model has it no more.
    Remove,
}

/// A file that is left alone, and why.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Kept {
    /// Its repo.
    pub repo: RepoName,
    /// The file, relative to its repo.
    pub path: String,
    /// The file, relative to the registry.
    pub file: String,
    /// Why.
    pub reason: KeptReason,
    /// What it holds, and what the plan has for it; nothing if that is no text
    /// or the plan has nothing.
    #[serde(skip)]
    pub instead: Option<(String, String)>,
}

/// Why a file is left alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(into = "&'static str")]
pub enum KeptReason {
    /// Somebody changed a generated file.
    Changed,
    /// Somebody wrote it; the generator never did.
    Written,
    /// Somebody removed a scaffold.
    Removed,
    /// The model has it no more, and somebody changed it.
    Orphan,
    /// The package has another layout now, and this file does not count.
    Hidden,
}

impl KeptReason {
    /// The reason in one sentence.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Changed => "it was changed by hand since it was generated",
            Self::Written => "it was written by hand",
            Self::Removed => "it was removed by hand and stays removed",
            Self::Orphan => "the model has it no more, but it was changed by hand",
            Self::Hidden => "the package has a `packages.nix` now, and this file does not count",
        }
    }

    /// The way out.
    #[must_use]
    pub fn hint(self) -> &'static str {
        match self {
            Self::Changed | Self::Written => {
                "to have the generated file, move yours away and run `aux-gen generate` again"
            }
            Self::Removed => "write it, or take what it belongs to out of the manifest",
            Self::Hidden => {
                "move what is worth keeping into the files of the variants, and remove it"
            }
            Self::Orphan => "remove it, or put what it belongs to back into the manifest",
        }
    }
}

impl From<KeptReason> for &'static str {
    fn from(reason: KeptReason) -> Self {
        reason.as_str()
    }
}

impl Changes {
    /// Whether the disk is as planned, but for files that are kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.repos.values().all(|repo| repo.changes.is_empty())
    }

    /// Every change with its repo.
    pub fn iter(&self) -> impl Iterator<Item = (&RepoName, &Change)> {
        self.repos
            .iter()
            .flat_map(|(name, repo)| repo.changes.iter().map(move |change| (name, change)))
    }
}

/// Compares a plan with the disk, without changing anything.
///
/// A generated file is replaced only if it is as the generator left it: its hash
/// is in the repo's record. Whatever else differs is a person's and is kept.
///
/// # Errors
/// When something cannot be read, or stands where a file or directory must be.
pub fn compare(registry: &Registry, plan: &Plan) -> Result<Changes, DiskError> {
    use rayon::prelude::*;
    let repos: Vec<(&RepoName, &RepoPlan)> = plan.repos.iter().collect();
    // All of them, then the first error in order, whichever thread was faster.
    let compared: Vec<_> = repos
        .into_par_iter()
        .map(|(name, repo)| Comparison::of(registry, name, repo))
        .collect();
    let mut changes = Changes::default();
    for compared in compared {
        let (name, repo, kept) = compared?;
        if let Some(repo) = repo {
            changes.repos.insert(name, repo);
        }
        changes.kept.extend(kept);
    }
    Ok(changes)
}

struct Comparison<'p> {
    name: &'p RepoName,
    directory: PathBuf,
    /// The repo's directory, relative to the registry.
    place: &'p RelativePath,
    old: Record,
    record: Record,
    changes: Vec<Change>,
    kept: Vec<Kept>,
}

impl<'p> Comparison<'p> {
    fn of(
        registry: &Registry,
        name: &'p RepoName,
        plan: &'p RepoPlan,
    ) -> Result<(RepoName, Option<RepoChanges>, Vec<Kept>), DiskError> {
        let directory = registry.root().join(plan.path.as_str());
        must_be_directories(registry.root(), &plan.path)?;
        if directory.symlink_metadata().is_ok() && !directory.is_dir() {
            return Err(DiskError::InTheWay {
                path: directory,
                what: "no directory",
            });
        }
        let old = Record::read(&directory)?;
        let mut comparison = Self {
            name,
            record: Record::empty(),
            old,
            directory,
            place: &plan.path,
            changes: Vec::new(),
            kept: Vec::new(),
        };
        for (path, file) in &plan.files {
            comparison.file(plan, path, file)?;
        }
        comparison.orphans(plan)?;
        comparison.changes.sort_by(|a, b| a.path.cmp(&b.path));
        let settled = comparison.changes.is_empty() && comparison.record == comparison.old;
        let changes = (!settled).then_some(RepoChanges {
            directory: comparison.directory,
            changes: comparison.changes,
            record: comparison.record,
        });
        Ok((name.clone(), changes, comparison.kept))
    }

    fn file(
        &mut self,
        plan: &RepoPlan,
        path: &RelativePath,
        file: &PlannedFile,
    ) -> Result<(), DiskError> {
        must_be_directories(&self.directory, path)?;
        let on_disk = read_file(&self.directory.join(path.as_str()))?;
        match &file.kind {
            FileKind::Generated { hides } => {
                for hidden in self.siblings(plan, path, hides) {
                    self.keep(&hidden, KeptReason::Hidden, None);
                }
                let Some(before) = on_disk else {
                    self.record(path, &file.text);
                    self.change(path, ChangeKind::Create, String::new(), file.text.clone());
                    return Ok(());
                };
                if before == file.text.as_bytes() {
                    self.record(path, &file.text);
                } else if self.old.wrote(path.as_str(), &before) {
                    let before = String::from_utf8_lossy(&before).into_owned();
                    self.record(path, &file.text);
                    self.change(path, ChangeKind::Update, before, file.text.clone());
                } else {
                    self.remember(path.as_str());
                    let marked = is_marked(&String::from_utf8_lossy(&before));
                    let reason = if marked {
                        KeptReason::Changed
                    } else {
                        KeptReason::Written
                    };
                    let instead = String::from_utf8(before)
                        .ok()
                        .map(|before| (before, file.text.clone()));
                    self.keep(path.as_str(), reason, instead);
                }
            }
            FileKind::Scaffold { unless } => {
                let other_layout = !self.siblings(plan, path, unless).is_empty();
                let known = self.old.scaffolds.contains(path.as_str());
                if let Some(before) = on_disk.as_ref().filter(|before| {
                    // It was the generator's before the package changed its layout.
                    self.old.files.contains_key(path.as_str())
                        && self.old.wrote(path.as_str(), before)
                }) {
                    let before = String::from_utf8_lossy(before).into_owned();
                    self.record.scaffolds.insert(path.to_string());
                    self.change(path, ChangeKind::Update, before, file.text.clone());
                } else if on_disk.is_some() || other_layout {
                    if known {
                        self.record.scaffolds.insert(path.to_string());
                    }
                } else if known {
                    self.record.scaffolds.insert(path.to_string());
                    self.keep(path.as_str(), KeptReason::Removed, None);
                } else {
                    self.record.scaffolds.insert(path.to_string());
                    self.change(path, ChangeKind::Create, String::new(), file.text.clone());
                }
            }
        }
        Ok(())
    }

    /// Which of the files of these names stand beside a path and stay there: not
    /// those that this very run removes or that are planned themselves.
    fn siblings(
        &self,
        plan: &RepoPlan,
        path: &RelativePath,
        names: &[&'static str],
    ) -> Vec<String> {
        let folder = path
            .as_str()
            .rsplit_once('/')
            .map_or("", |(folder, _)| folder);
        names
            .iter()
            .map(|name| format!("{folder}/{name}"))
            .filter(|sibling| sibling != path.as_str())
            .filter(|sibling| self.directory.join(sibling).exists())
            .filter(|sibling| {
                let planned = sibling
                    .parse::<RelativePath>()
                    .is_ok_and(|sibling| plan.files.contains_key(&sibling));
                let goes = std::fs::read(self.directory.join(sibling))
                    .is_ok_and(|text| self.old.wrote(sibling, &text));
                !planned && !goes
            })
            .collect()
    }

    /// Files written before that the plan has no more.
    fn orphans(&mut self, plan: &RepoPlan) -> Result<(), DiskError> {
        let recorded: Vec<String> = self
            .old
            .files
            .keys()
            .chain(self.old.pending.keys())
            .cloned()
            .collect();
        for name in recorded {
            let path: RelativePath = name
                .parse()
                .expect("the paths of a record were checked when it was read");
            if plan.files.contains_key(&path) {
                continue;
            }
            let Some(before) = read_file(&self.directory.join(&name))? else {
                continue;
            };
            if self.old.wrote(&name, &before) {
                must_be_directories(&self.directory, &path)?;
                let before = String::from_utf8_lossy(&before).into_owned();
                self.change(&path, ChangeKind::Remove, before, String::new());
            } else {
                self.remember(&name);
                self.keep(&name, KeptReason::Orphan, None);
            }
        }
        Ok(())
    }

    fn record(&mut self, path: &RelativePath, text: &str) {
        self.record
            .files
            .insert(path.to_string(), hash(text.as_bytes()));
    }

    /// Keeps what the old record knew of a file that stays as it is.
    fn remember(&mut self, path: &str) {
        if let Some(hash) = self.old.files.get(path) {
            self.record.files.insert(path.to_owned(), hash.clone());
        }
    }

    fn change(&mut self, path: &RelativePath, kind: ChangeKind, before: String, after: String) {
        self.changes.push(Change {
            path: path.clone(),
            file: format!("{}/{path}", self.place),
            kind,
            before,
            after,
        });
    }

    fn keep(&mut self, path: &str, reason: KeptReason, instead: Option<(String, String)>) {
        self.kept.push(Kept {
            repo: self.name.clone(),
            path: path.to_owned(),
            file: format!("{}/{path}", self.place),
            reason,
            instead,
        });
    }
}

/// The bytes of a file, or nothing if there is none.
fn read_file(path: &Path) -> Result<Option<Vec<u8>>, DiskError> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(DiskError::read(path, error)),
        Ok(found) if found.is_dir() => {
            return Err(DiskError::InTheWay {
                path: path.to_owned(),
                what: "a directory",
            });
        }
        Ok(found) if found.is_symlink() => {
            return Err(DiskError::InTheWay {
                path: path.to_owned(),
                what: "a symbolic link",
            });
        }
        Ok(_) => {}
    }
    fs::read(path)
        .map(Some)
        .map_err(|error| DiskError::read(path, error))
}

/// Every folder on the way to a file is a folder of its own, or not there yet: a
/// link could lead out of the repo. The starting folder may be a link.
fn must_be_directories(start: &Path, path: &RelativePath) -> Result<(), DiskError> {
    let mut folder = start.to_owned();
    let mut parts: Vec<&str> = path.as_str().split('/').collect();
    parts.pop();
    for part in parts {
        folder.push(part);
        let what = match fs::symlink_metadata(&folder) {
            Ok(found) if found.is_dir() => continue,
            Ok(found) if found.is_symlink() => "a symbolic link",
            Ok(_) => "a file",
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(DiskError::read(&folder, error)),
        };
        return Err(DiskError::InTheWay { path: folder, what });
    }
    Ok(())
}

/// The record is a file of the generator's own and never part of a plan.
pub(super) fn record_path(directory: &Path) -> PathBuf {
    directory.join(RECORD)
}
