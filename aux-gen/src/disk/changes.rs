//! The difference between a plan and what is on the disk.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use aux_model::{RelativePath, RepoName};

use super::error::DiskError;
use super::record::{FIRST, Record, Written, base_path};
use super::registry::Registry;
use crate::marker::is_marked;
use crate::plan::{FileKind, Plan, PlannedFile, RegistryPlan, RepoPlan};

/// What would have to change for the disk to be as planned.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    /// Those in the registry itself, if there are any.
    pub registry: Option<RepoChanges>,
    /// Per repo, in order of name; a repo where nothing changes is not here.
    pub repos: BTreeMap<RepoName, RepoChanges>,
    /// Files that are left alone although the plan has something else for them.
    pub kept: Vec<Kept>,
    /// Every generated file that is not simply as planned, in order.
    pub states: Vec<FileStatus>,
}

/// A generated file that is not simply as planned.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct FileStatus {
    /// Its repo; none if it is the registry's own.
    pub repo: Option<RepoName>,
    /// The file, relative to its repo.
    pub path: String,
    /// The file, relative to the registry.
    pub file: String,
    /// How it stands.
    pub state: FileState,
}

/// How a generated file stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FileState {
    /// It is planned, and not there yet.
    New,
    /// The plan has something new for it.
    Stale,
    /// The plan has it no more, and nobody changed it.
    Surplus,
    /// Somebody changed it.
    Modified,
    /// Somebody changed it, and the plan has something new that goes with that.
    Merging,
    /// Somebody changed it, and what is new does not go with that.
    Conflict,
    /// It has conflict markers.
    Unmerged,
    /// Somebody wrote it, or how it was generated is not known any more.
    Foreign,
    /// Somebody removed it, and it stays removed.
    Removed,
    /// Somebody took it over for good.
    Ejected,
    /// Somebody changed it, and the plan has it no more.
    Orphan,
    /// It does not count: another file of the same package does.
    Hidden,
}

/// What would have to change in one repo, or in the registry itself.
#[derive(Debug, Clone)]
pub struct RepoChanges {
    /// Where it is.
    pub(super) directory: PathBuf,
    /// The changes, in order of path.
    pub changes: Vec<Change>,
    /// The texts of the record that come, and those that go (none).
    pub(super) bases: BTreeMap<String, Option<String>>,
    /// The record after them.
    pub(super) record: Record,
    /// How many files the record had before.
    recorded: usize,
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
    /// Somebody changed it, and what is new goes well with that.
    Merge,
    /// It was generated, nobody changed it, and the model has it no more.
    Remove,
}

/// A file that is left alone, and why.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Kept {
    /// Its repo; none if it is the registry's own.
    pub repo: Option<RepoName>,
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
    /// Somebody changed a generated file, and what is new does not go with that.
    Conflict,
    /// Somebody changed a generated file, and how it was is not known any more.
    Changed,
    /// It still has conflict markers.
    Unmerged,
    /// Somebody wrote it; the generator never did.
    Written,
    /// Somebody removed a scaffold.
    Removed,
    /// Somebody removed a generated file since the last run.
    Gone,
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
            Self::Conflict => {
                "it was changed by hand, and what is new for it does not go with that"
            }
            Self::Changed => "it was changed by hand since it was generated",
            Self::Unmerged => "it has conflict markers",
            Self::Written => "it was written by hand",
            Self::Removed | Self::Gone => "it was removed by hand and stays removed",
            Self::Orphan => "the model has it no more, but it was changed by hand",
            Self::Hidden => "the package has a `packages.nix` now, and this file does not count",
        }
    }

    /// The way out.
    #[must_use]
    pub fn hint(self) -> &'static str {
        match self {
            Self::Conflict => {
                "`aux-gen resolve --merge FILE` puts both into the file, `--ours` keeps yours, `--theirs` takes the generated one"
            }
            Self::Changed | Self::Written => {
                "`aux-gen resolve --theirs FILE` takes the generated one, `--ours` keeps yours, `aux-gen eject FILE` keeps it for good"
            }
            Self::Unmerged => "edit it until the markers are gone",
            Self::Removed => "write it, or take what it belongs to out of the manifest",
            Self::Gone => "`aux-gen resolve --theirs FILE` brings it back",
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

/// A run that would remove more of a repo than this many files, and more than this
/// part of all it wrote there, is refused: it is more often a mistake than meant.
const REMOVALS: usize = 3;
/// See [`REMOVALS`]: one in so many.
const PART: usize = 4;

impl Changes {
    /// Refuses to remove a large part of any repo.
    ///
    /// # Errors
    /// When a repo would lose more than 3 files and more than a quarter of those
    /// that were generated in it.
    pub fn must_not_lose_much(&self) -> Result<(), DiskError> {
        let homes = self.repos.iter().map(|(name, repo)| (Some(name), repo));
        let homes = homes.chain(self.registry.iter().map(|registry| (None, registry)));
        for (name, repo) in homes {
            let removed = repo.changes.iter();
            let removed = removed
                .filter(|change| change.kind == ChangeKind::Remove)
                .count();
            if removed > REMOVALS && removed * PART > repo.recorded {
                return Err(DiskError::MassLoss {
                    repo: name.map_or_else(
                        || "of the registry".to_owned(),
                        |name| format!("of repo `{name}`"),
                    ),
                    removed,
                    recorded: repo.recorded,
                });
            }
        }
        Ok(())
    }

    /// Whether the disk is as planned, but for files that are kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    /// Every change with its repo; none for the registry's own, which come first.
    pub fn iter(&self) -> impl Iterator<Item = (Option<&RepoName>, &Change)> {
        let registry = self.registry.iter().map(|registry| (None, registry));
        let repos = self.repos.iter().map(|(name, repo)| (Some(name), repo));
        registry
            .chain(repos)
            .flat_map(|(name, home)| home.changes.iter().map(move |change| (name, change)))
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

/// Whether a text has a place where `resolve --merge` or git put two texts.
fn has_conflict_markers(text: &str) -> bool {
    let starts = |marker: &str| text.lines().any(|line| line.starts_with(marker));
    starts("<<<<<<< ") && starts(">>>>>>> ")
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
