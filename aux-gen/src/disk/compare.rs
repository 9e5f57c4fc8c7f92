//! The difference between a plan and what is on the disk.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use aux_model::{RelativePath, RepoName};

use super::changes::{Change, ChangeKind, Changes, RepoChanges};
use super::error::DiskError;
use super::found::{Ways, has_conflict_markers, is_file, read_file};
use super::home::{Home, homes};
use super::kept::{Kept, KeptReason};
use super::record::{FIRST, Record, Written, base_path, record_path};
use super::registry::{Registry, entries};
use super::settled::Settled;
use super::status::{FileState, FileStatus};
use crate::marker::is_marked;
use crate::plan::{FileKind, Plan, PlannedFile};

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
    nothing_lies_elsewhere(registry, plan)?;
    let known = Settled::read(registry);
    // All of them, then the first error in order, whichever thread was faster.
    let compared: Vec<_> = homes(plan)
        .into_par_iter()
        .map(|home| {
            let directory = home.directory(registry)?;
            if known.holds(home, &directory) {
                return Ok(Compared::Settled(home.name()));
            }
            Comparison::of(directory, home).map(|found| Compared::Anew(Box::new(found)))
        })
        .collect();
    let mut changes = Changes::default();
    for compared in compared {
        let found = match compared? {
            Compared::Anew(found) => found,
            Compared::Settled(folder) => {
                changes.settled.insert(folder.to_owned());
                continue;
            }
        };
        match (found.repo, found.changes) {
            (Some(name), Some(repo)) => {
                changes.repos.insert(name, repo);
            }
            (None, Some(registry)) => changes.registry = Some(registry),
            (_, None) => {}
        }
        changes.kept.extend(found.kept);
        changes.states.extend(found.states);
    }
    Ok(changes)
}

/// Refuses to begin a repo anew whose checkout lies beside where it is planned: the
/// work of its maintainers would be left behind, and stubs would take its place.
fn nothing_lies_elsewhere(registry: &Registry, plan: &Plan) -> Result<(), DiskError> {
    let homes = homes(plan);
    let places: Vec<(Home<'_>, PathBuf)> = homes
        .into_iter()
        .filter_map(|home| Some((home, registry.root().join(home.place?.as_str()))))
        .collect();
    let new = places.iter().filter(|(_, place)| !place.exists());
    let new: BTreeMap<&str, &str> = new
        .filter_map(|(home, _)| Some((home.repo?.as_str(), home.name())))
        .collect();
    if new.is_empty() {
        return Ok(());
    }
    let places: BTreeSet<&Path> = places.iter().map(|(_, place)| place.as_path()).collect();
    let folders: BTreeSet<&Path> = places.iter().filter_map(|place| place.parent()).collect();
    for folder in folders.into_iter().filter(|folder| folder.is_dir()) {
        for found in entries(folder)? {
            if places.contains(found.as_path()) || !record_path(&found).is_file() {
                continue;
            }
            let contract = std::fs::read(found.join("contract.json")).unwrap_or_default();
            let contract: serde_json::Value = serde_json::from_slice(&contract).unwrap_or_default();
            let repo = contract["repo"].as_str().unwrap_or_default();
            if let Some(planned) = new.get(repo) {
                return Err(DiskError::Elsewhere {
                    repo: repo.to_owned(),
                    planned: (*planned).to_owned(),
                    found,
                });
            }
        }
    }
    Ok(())
}

/// What came of comparing one folder.
enum Compared<'p> {
    /// It looks as it did when it was as planned; its name.
    Settled(&'p str),
    /// It was compared file by file.
    Anew(Box<Found>),
}

/// What was found in one folder.
struct Found {
    /// The repo; none for the registry.
    repo: Option<RepoName>,
    changes: Option<RepoChanges>,
    kept: Vec<Kept>,
    states: Vec<FileStatus>,
}

/// Whether a folder is simply as planned, by content.
pub(super) fn is_as_planned(directory: PathBuf, home: Home<'_>) -> Result<bool, DiskError> {
    let found = Comparison::of(directory, home)?;
    Ok(found.changes.is_none() && found.kept.is_empty() && found.states.is_empty())
}

struct Comparison<'p> {
    repo: Option<&'p RepoName>,
    directory: PathBuf,
    place: Option<&'p RelativePath>,
    ways: Ways,
    old: Record,
    record: Record,
    changes: Vec<Change>,
    bases: BTreeMap<String, Option<String>>,
    kept: Vec<Kept>,
    states: Vec<FileStatus>,
}

impl<'p> Comparison<'p> {
    fn of(directory: PathBuf, plan: Home<'p>) -> Result<Found, DiskError> {
        let old = Record::read(&directory)?;
        let mut comparison = Self {
            repo: plan.repo,
            ways: Ways::default(),
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
        comparison.must_own_bases()?;
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
        Ok(Found {
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
        self.ways.must_be_directories(&self.directory, path)?;
        let name = path.as_str();
        if self.old.ejected.contains(name) {
            self.record.ejected.insert(name.to_owned());
            self.state(name, FileState::Ejected);
            return Ok(());
        }
        match &file.kind {
            FileKind::Generated { hides } => {
                for hidden in self.siblings(plan, path, hides) {
                    self.keep(&hidden, KeptReason::Hidden, None);
                }
                match read_file(&self.directory.join(name))? {
                    Some(before) => self.generated(path, file, before),
                    None => self.absent(path, file),
                }
            }
            FileKind::Scaffold { part_of, .. } if self.is_part_of_own(path, *part_of) => Ok(()),
            FileKind::Scaffold { unless, .. } => self.written_once(plan, path, file, unless),
        }
    }

    /// Whether what a scaffold is a part of is there and never was the generator's.
    fn is_part_of_own(&self, path: &RelativePath, whole: Option<&str>) -> bool {
        let folder = path.as_str().rsplit_once('/');
        let (Some(whole), Some((folder, _))) = (whole, folder) else {
            return false;
        };
        let whole = format!("{folder}/{whole}");
        let was_ours = self.old.scaffolds.contains(&whole) || self.old.files.contains_key(&whole);
        !was_ours && self.directory.join(&whole).exists()
    }

    /// A planned file that is a person's as soon as it is there.
    fn written_once(
        &mut self,
        plan: &Home<'_>,
        path: &RelativePath,
        file: &PlannedFile,
        unless: &[&'static str],
    ) -> Result<(), DiskError> {
        let name = path.as_str();
        let place = self.directory.join(name);
        let known = self.old.scaffolds.contains(name);
        if self.old.files.contains_key(name)
            && let Some(before) = read_file(&place)?
            && self.old.wrote(name, &before)
        {
            // It was the generator's before the package changed its layout.
            let before = String::from_utf8_lossy(&before).into_owned();
            self.record.scaffolds.insert(name.to_owned());
            let text = file.text.get()?.to_owned();
            self.change(path, ChangeKind::Update, before, text);
        } else if is_file(&place)? || !self.siblings(plan, path, unless).is_empty() {
            if known {
                self.record.scaffolds.insert(name.to_owned());
            }
        } else {
            self.record.scaffolds.insert(name.to_owned());
            if known {
                self.keep(name, KeptReason::Removed, None);
            } else {
                let text = file.text.get()?.to_owned();
                self.change(path, ChangeKind::Create, String::new(), text);
            }
        }
        Ok(())
    }

    /// A planned file that is not there: new, or removed by somebody.
    fn absent(&mut self, path: &RelativePath, file: &PlannedFile) -> Result<(), DiskError> {
        let name = path.as_str();
        if self.old.removed.contains(name) {
            self.record.removed.insert(name.to_owned());
            self.state(name, FileState::Removed);
        } else if self.old.files.contains_key(name) {
            self.record.removed.insert(name.to_owned());
            self.keep(name, KeptReason::Gone, None);
        } else {
            let text = file.text.get()?;
            self.record(path, text, file);
            self.change(path, ChangeKind::Create, String::new(), text.to_owned());
        }
        Ok(())
    }

    /// A planned file that is there: the generator's own, changed by somebody, or
    /// somebody's own.
    fn generated(
        &mut self,
        path: &RelativePath,
        file: &PlannedFile,
        before: Vec<u8>,
    ) -> Result<(), DiskError> {
        let name = path.as_str();
        let text = file.text.get()?;
        if before == text.as_bytes() {
            self.record(path, text, file);
            return Ok(());
        }
        let Ok(before) = String::from_utf8(before) else {
            self.remember(name);
            self.keep(name, KeptReason::Changed, None);
            return Ok(());
        };
        if self.old.wrote(name, before.as_bytes()) {
            self.record(path, text, file);
            self.change(path, ChangeKind::Update, before, text.to_owned());
            return Ok(());
        }
        self.changed_by_hand(path, file, text, before);
        Ok(())
    }

    /// A file that is neither as planned nor as it was last written.
    fn changed_by_hand(
        &mut self,
        path: &RelativePath,
        file: &PlannedFile,
        text: &str,
        before: String,
    ) {
        let name = path.as_str();
        let instead = Some((before.clone(), text.to_owned()));
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
        if base == text {
            // Nothing is new for it, so it is as its owner wants it.
            self.remember(name);
            self.state(name, FileState::Modified);
            return;
        }
        match diffy::merge(&base, &before, text) {
            Ok(merged) => {
                self.record(path, text, file);
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
                self.ways.must_be_directories(&self.directory, &path)?;
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
    fn record(&mut self, path: &RelativePath, text: &str, file: &PlannedFile) {
        let name = path.as_str();
        let known = self.old.files.get(name);
        let known = known.filter(|known| known.is(text.as_bytes()));
        let written = match known {
            Some(known) => known.clone(),
            None => Written::new(text, &file.provenance),
        };
        self.record.files.insert(name.to_owned(), written);
        let is_there = known.is_some() && base_path(&self.directory, name).exists();
        if !is_there {
            self.bases.insert(name.to_owned(), Some(text.to_owned()));
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

    /// The record's folder is a folder of the repo's own, all the way down.
    fn must_own_bases(&mut self) -> Result<(), DiskError> {
        for name in self.bases.keys() {
            let path = base_path(Path::new(""), name);
            let path = path.to_string_lossy().parse();
            let path = path.expect("the paths of a record were checked when it was read");
            self.ways.must_be_directories(&self.directory, &path)?;
        }
        Ok(())
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
