//! The difference between a plan and what is on the disk.

use std::collections::BTreeMap;
use std::path::PathBuf;

use aux_model::{RelativePath, RepoName};

use super::changes::{Change, ChangeKind, Changes, RepoChanges};
use super::error::DiskError;
use super::found::{has_conflict_markers, must_be_directories, read_file};
use super::kept::{Kept, KeptReason};
use super::record::{FIRST, Record, Written, base_path};
use super::registry::Registry;
use super::status::{FileState, FileStatus};
use crate::marker::is_marked;
use crate::plan::{FileKind, Plan, PlannedFile, RegistryPlan, RepoPlan};

/// Compares a plan with the disk, without changing anything.
///
/// A generated file is replaced only if it is as the generator left it, as the
/// repo's record says. One that somebody changed since is merged with what is new,
/// or left alone where the two do not go together. Whatever else differs is a
/// person's and is kept.
///
/// # Errors
/// When something cannot be read, or stands where a file or directory must be.
pub fn compare(registry: &Registry, plan: &Plan) -> Result<Changes, DiskError> {
    use rayon::prelude::*;
    let own = plan.registry.iter().map(Home::registry);
    let homes: Vec<Home<'_>> = own.chain(plan.repos.iter().map(Home::repo)).collect();
    // All of them, then the first error in order, whichever thread was faster.
    let compared: Vec<_> = homes
        .into_par_iter()
        .map(|home| Comparison::of(registry, home))
        .collect();
    let mut changes = Changes::default();
    for compared in compared {
        let compared = compared?;
        match (compared.repo, compared.changes) {
            (Some(name), Some(repo)) => {
                changes.repos.insert(name, repo);
            }
            (None, Some(registry)) => changes.registry = Some(registry),
            (_, None) => {}
        }
        changes.kept.extend(compared.kept);
        changes.states.extend(compared.states);
    }
    Ok(changes)
}

/// A folder with a plan: a repo's checkout, or the registry itself.
struct Home<'p> {
    /// The repo; none for the registry.
    repo: Option<&'p RepoName>,
    /// The folder, relative to the registry; none for the registry.
    place: Option<&'p RelativePath>,
    files: &'p BTreeMap<RelativePath, PlannedFile>,
}

/// What came of comparing one folder.
struct Compared {
    /// The repo; none for the registry.
    repo: Option<RepoName>,
    changes: Option<RepoChanges>,
    kept: Vec<Kept>,
    states: Vec<FileStatus>,
}

impl<'p> Home<'p> {
    fn registry(plan: &'p RegistryPlan) -> Self {
        Self {
            repo: None,
            place: None,
            files: &plan.files,
        }
    }

    fn repo((name, plan): (&'p RepoName, &'p RepoPlan)) -> Self {
        Self {
            repo: Some(name),
            place: Some(&plan.path),
            files: &plan.files,
        }
    }
}

struct Comparison<'p> {
    repo: Option<&'p RepoName>,
    directory: PathBuf,
    place: Option<&'p RelativePath>,
    old: Record,
    record: Record,
    changes: Vec<Change>,
    bases: BTreeMap<String, Option<String>>,
    kept: Vec<Kept>,
    states: Vec<FileStatus>,
}

impl<'p> Comparison<'p> {
    fn of(registry: &Registry, plan: Home<'p>) -> Result<Compared, DiskError> {
        let directory = match plan.place {
            Some(place) => {
                must_be_directories(registry.root(), place)?;
                registry.root().join(place.as_str())
            }
            None => registry.root().to_owned(),
        };
        if directory.symlink_metadata().is_ok() && !directory.is_dir() {
            return Err(DiskError::InTheWay {
                path: directory,
                what: "no directory",
            });
        }
        let old = Record::read(&directory)?;
        let mut comparison = Self {
            repo: plan.repo,
            record: Record::empty(),
            old,
            directory,
            place: plan.place,
            changes: Vec::new(),
            bases: BTreeMap::new(),
            kept: Vec::new(),
            states: Vec::new(),
        };
        for (path, file) in plan.files {
            comparison.file(&plan, path, file)?;
        }
        comparison.orphans(&plan)?;
        comparison.first_record()?;
        comparison.changes.sort_by(|a, b| a.path.cmp(&b.path));
        comparison.forget_bases();
        let settled = comparison.changes.is_empty()
            && comparison.bases.is_empty()
            && comparison.record == comparison.old;
        let changes = (!settled).then_some(RepoChanges {
            directory: comparison.directory,
            changes: comparison.changes,
            bases: comparison.bases,
            record: comparison.record,
            recorded: comparison.old.files.len(),
        });
        comparison.states.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(Compared {
            repo: comparison.repo.cloned(),
            changes,
            kept: comparison.kept,
            states: comparison.states,
        })
    }

    fn file(
        &mut self,
        plan: &Home<'_>,
        path: &RelativePath,
        file: &PlannedFile,
    ) -> Result<(), DiskError> {
        must_be_directories(&self.directory, path)?;
        let name = path.as_str();
        if self.old.ejected.contains(name) {
            self.record.ejected.insert(name.to_owned());
            self.state(name, FileState::Ejected);
            return Ok(());
        }
        let on_disk = read_file(&self.directory.join(name))?;
        match &file.kind {
            FileKind::Generated { hides } => {
                for hidden in self.siblings(plan, path, hides) {
                    self.keep(&hidden, KeptReason::Hidden, None);
                }
                match on_disk {
                    Some(before) => self.generated(path, file, before),
                    None => self.absent(path, file),
                }
            }
            FileKind::Scaffold { unless } => {
                let other_layout = !self.siblings(plan, path, unless).is_empty();
                let known = self.old.scaffolds.contains(path.as_str());
                if let Some(before) = on_disk.as_ref().filter(|before| {
                    // It was the generator's before the package changed its layout.
                    self.old.wrote(path.as_str(), before)
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

    /// A planned file that is not there: new, or removed by somebody.
    fn absent(&mut self, path: &RelativePath, file: &PlannedFile) {
        let name = path.as_str();
        if self.old.removed.contains(name) {
            self.record.removed.insert(name.to_owned());
            self.state(name, FileState::Removed);
        } else if self.old.files.contains_key(name) {
            self.record.removed.insert(name.to_owned());
            self.keep(name, KeptReason::Gone, None);
        } else {
            self.record(path, file);
            self.change(path, ChangeKind::Create, String::new(), file.text.clone());
        }
    }

    /// A planned file that is there: the generator's own, changed by somebody, or
    /// somebody's own.
    fn generated(&mut self, path: &RelativePath, file: &PlannedFile, before: Vec<u8>) {
        let name = path.as_str();
        if before == file.text.as_bytes() {
            self.record(path, file);
            return;
        }
        let Ok(before) = String::from_utf8(before) else {
            self.remember(name);
            self.keep(name, KeptReason::Changed, None);
            return;
        };
        if self.old.wrote(name, before.as_bytes()) {
            self.record(path, file);
            self.change(path, ChangeKind::Update, before, file.text.clone());
            return;
        }
        let instead = Some((before.clone(), file.text.clone()));
        let Some(base) = self.old.base(&self.directory, name) else {
            self.remember(name);
            let marked = is_marked(&before) || self.old.files.contains_key(name);
            let reason = if marked {
                KeptReason::Changed
            } else {
                KeptReason::Written
            };
            self.keep(name, reason, instead);
            return;
        };
        if has_conflict_markers(&before) {
            self.remember(name);
            self.keep(name, KeptReason::Unmerged, None);
            return;
        }
        if base == file.text {
            // Nothing is new for it, so it is as its owner wants it.
            self.remember(name);
            self.state(name, FileState::Modified);
            return;
        }
        match diffy::merge(&base, &before, &file.text) {
            Ok(merged) => {
                self.record(path, file);
                if merged == before {
                    self.state(name, FileState::Modified);
                } else {
                    self.change(path, ChangeKind::Merge, before, merged);
                }
            }
            Err(_) => {
                self.remember(name);
                self.keep(name, KeptReason::Conflict, instead);
            }
        }
    }

    /// Which of the files of these names stand beside a path and stay there: not
    /// those that this very run removes or that are planned themselves.
    fn siblings(
        &self,
        plan: &Home<'_>,
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
    fn orphans(&mut self, plan: &Home<'_>) -> Result<(), DiskError> {
        let recorded: Vec<String> = self.old.files.keys().cloned().collect();
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

    /// The record of version 1 goes once there is one of this version.
    fn first_record(&mut self) -> Result<(), DiskError> {
        if let Some(before) = read_file(&self.directory.join(FIRST))? {
            let path = FIRST.parse().expect("the name of a file is a path");
            let before = String::from_utf8_lossy(&before).into_owned();
            self.change(&path, ChangeKind::Remove, before, String::new());
        }
        Ok(())
    }

    /// Notes that a file is, or will be, as planned or a merge with that. An entry
    /// that says the same already stays as it is, whichever version wrote it.
    fn record(&mut self, path: &RelativePath, file: &PlannedFile) {
        let name = path.as_str();
        let known = self.old.files.get(name);
        let known = known.filter(|known| known.is(file.text.as_bytes()));
        let written = match known {
            Some(known) => known.clone(),
            None => Written::new(&file.text, &file.provenance),
        };
        self.record.files.insert(name.to_owned(), written);
        let is_there = known.is_some() && base_path(&self.directory, name).exists();
        if !is_there {
            self.bases.insert(name.to_owned(), Some(file.text.clone()));
        }
    }

    /// Keeps what the old record knew of a file that stays as it is.
    fn remember(&mut self, path: &str) {
        if let Some(written) = self.old.files.get(path) {
            self.record.files.insert(path.to_owned(), written.clone());
        }
    }

    /// The texts of files that the record has no more.
    fn forget_bases(&mut self) {
        for name in self.old.files.keys() {
            if !self.record.files.contains_key(name) {
                self.bases.insert(name.clone(), None);
            }
        }
    }

    /// A path relative to the registry.
    fn in_registry(&self, path: &str) -> String {
        match self.place {
            Some(place) => format!("{place}/{path}"),
            None => path.to_owned(),
        }
    }

    fn state(&mut self, path: &str, state: FileState) {
        self.states.push(FileStatus {
            repo: self.repo.cloned(),
            path: path.to_owned(),
            file: self.in_registry(path),
            state,
        });
    }

    fn change(&mut self, path: &RelativePath, kind: ChangeKind, before: String, after: String) {
        let state = match kind {
            ChangeKind::Create => FileState::New,
            ChangeKind::Update => FileState::Stale,
            ChangeKind::Merge => FileState::Merging,
            ChangeKind::Remove => FileState::Surplus,
        };
        self.state(path.as_str(), state);
        self.changes.push(Change {
            path: path.clone(),
            file: self.in_registry(path.as_str()),
            kind,
            before,
            after,
        });
    }

    fn keep(&mut self, path: &str, reason: KeptReason, instead: Option<(String, String)>) {
        let state = match reason {
            KeptReason::Conflict => FileState::Conflict,
            KeptReason::Unmerged => FileState::Unmerged,
            KeptReason::Changed | KeptReason::Written => FileState::Foreign,
            KeptReason::Removed | KeptReason::Gone => FileState::Removed,
            KeptReason::Orphan => FileState::Orphan,
            KeptReason::Hidden => FileState::Hidden,
        };
        self.state(path, state);
        self.kept.push(Kept {
            repo: self.repo.cloned(),
            path: path.to_owned(),
            file: self.in_registry(path),
            reason,
            instead,
        });
    }
}
