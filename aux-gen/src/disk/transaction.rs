//! All or nothing: every change of a run is prepared, written down, and then made
//! by renames. A run that ends half way is finished by the next one.
//!
//! The new texts are staged in the registry's own folder. Once the journal lies
//! there too, the run counts: whoever comes next makes every file new that is not
//! new yet. Before that moment nothing has changed, and what was staged goes.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use aux_model::RelativePath;
use rayon::prelude::*;
use rustix::fs::{Access, access};
use serde::{Deserialize, Serialize};

use super::error::DiskError;
use super::record::{RECORD, hash};
use super::writer::{found, move_directory, move_into_place, replace, stage, target};

/// What is under way, in the registry's folder for such things.
const JOURNAL: &str = "journal.json";

/// The texts of what is under way.
const STAGED: &str = "staged";

/// Changes that are made together.
#[derive(Debug, Default)]
pub struct Transaction {
    steps: Vec<(Step, Payload)>,
}

/// What waits in the registry's folder until a step is made.
#[derive(Debug)]
enum Payload {
    None,
    Text(Vec<u8>),
    /// Texts by path relative to the new directory.
    Tree(BTreeMap<PathBuf, String>),
}

/// One change, as the journal holds it.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Step {
    /// The file or directory. In the journal it is relative to the registry, which
    /// somebody may move or copy.
    path: PathBuf,
    #[serde(flatten)]
    change: StepChange,
    /// Steps of one group belong together: if one of them finds that somebody has
    /// changed its file meanwhile, those after it are left out.
    group: usize,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "change")]
enum StepChange {
    /// The file gets a new text. `before` and `after` are hashes; there is no
    /// `before` if there must be no file.
    Write {
        before: Option<String>,
        after: String,
    },
    /// A directory with files comes to where nothing is.
    Grow,
    /// The file goes.
    Remove { before: String },
    /// The directory goes to where nothing is.
    Move { to: PathBuf },
}

impl Transaction {
    /// Adds a file to write. `before` is what it held when it was read, or nothing
    /// if there must be none.
    pub fn write(
        &mut self,
        path: &Path,
        before: Option<&[u8]>,
        after: impl AsRef<[u8]>,
        group: usize,
    ) {
        let after = after.as_ref();
        let change = StepChange::Write {
            before: before.map(hash),
            after: hash(after),
        };
        self.push(path, change, group, Payload::Text(after.to_owned()));
    }

    /// Adds a directory of files to make where nothing is: one rename, however many
    /// files. It must be on the registry's own file system, as [`is_near`] says.
    pub(super) fn grow(&mut self, path: &Path, texts: BTreeMap<PathBuf, String>, group: usize) {
        self.push(path, StepChange::Grow, group, Payload::Tree(texts));
    }

    /// Adds a file to remove, which holds `before`.
    pub fn remove(&mut self, path: &Path, before: &[u8], group: usize) {
        let change = StepChange::Remove {
            before: hash(before),
        };
        self.push(path, change, group, Payload::None);
    }

    /// Adds a directory to move to where nothing is.
    pub fn relocate(&mut self, from: &Path, to: &Path, group: usize) {
        let change = StepChange::Move { to: to.to_owned() };
        self.push(from, change, group, Payload::None);
    }

    fn push(&mut self, path: &Path, change: StepChange, group: usize, payload: Payload) {
        let step = Step {
            path: path.to_owned(),
            change,
            group,
        };
        self.steps.push((step, payload));
    }

    /// Makes all changes. The registry must be held by this run.
    ///
    /// # Errors
    /// When something is not as it was, or the disk refuses to take the new texts:
    /// then nothing has changed. When somebody changes a file in the last moment:
    /// it is left alone, and so is what belongs to it. When the disk refuses a
    /// rename: the next run goes on from there.
    pub fn commit(self, registry: &Path) -> Result<(), DiskError> {
        if self.steps.is_empty() {
            return Ok(());
        }
        // All of them, then the first error in order, whichever thread was faster.
        let possible: Vec<_> = self
            .steps
            .par_iter()
            .map(|(step, _)| step.must_be_possible())
            .collect();
        possible.into_iter().collect::<Result<(), _>>()?;
        let folder = registry.join(RECORD);
        let numbered: Vec<_> = self.steps.iter().enumerate().collect();
        let staged: Vec<_> = numbered
            .into_par_iter()
            .map(|(number, (step, payload))| payload.stage(&staged(registry, number, step)))
            .collect();
        staged.into_iter().collect::<Result<(), _>>()?;
        let steps: Vec<&Step> = self.steps.iter().map(|(step, _)| step).collect();
        let relative = |step: &&Step| (*step).clone().with_paths(|path| below(registry, path));
        let relative: Vec<Step> = steps.iter().map(relative).collect::<Result<_, _>>()?;
        let journal = serde_json::to_string(&relative)
            .map_err(|error| DiskError::write(&folder, io::Error::other(error)))?;
        checkpoint();
        replace(&folder.join(JOURNAL), &journal)?;
        finish(registry, steps)
    }
}

impl Payload {
    fn stage(&self, place: &Path) -> Result<(), DiskError> {
        match self {
            Self::None => Ok(()),
            Self::Text(text) => {
                checkpoint();
                stage(place, text)
            }
            Self::Tree(texts) => texts.iter().try_for_each(|(path, text)| {
                checkpoint();
                stage(&place.join(path), text)
            }),
        }
    }
}

/// Whether a path is, or will be, on the same file system as the registry, so that a
/// directory can be renamed to it.
pub(super) fn is_near(registry: &Path, path: &Path) -> bool {
    let device = |path: &Path| fs::metadata(path).ok().map(|found| found.dev());
    let above = path.ancestors().find_map(device);
    above.is_some() && above == device(registry)
}

/// What came of an earlier run that was ended.
#[derive(Debug)]
pub enum Recovered {
    /// There was none, or it had only prepared itself.
    Nothing,
    /// All that it began is done.
    Finished,
    /// Something has changed since, and what belongs to that was left alone.
    Partly(DiskError),
}

/// Finishes what an earlier run began, or clears away what it only prepared. The
/// registry must be held.
///
/// # Errors
/// When the journal cannot be understood, or the disk refuses.
pub fn recover(registry: &Path) -> Result<Recovered, DiskError> {
    let folder = registry.join(RECORD);
    let journal = folder.join(JOURNAL);
    let text = match fs::read(&journal) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            clear(registry)?;
            return Ok(Recovered::Nothing);
        }
        Err(error) => return Err(DiskError::read(&journal, error)),
        Ok(text) => text,
    };
    let damaged = |message: String| DiskError::Record {
        path: journal.clone(),
        message,
    };
    let steps: Vec<Step> =
        serde_json::from_slice(&text).map_err(|error| damaged(error.to_string()))?;
    let here = |path: &Path| {
        let checked = path.to_string_lossy().parse::<RelativePath>();
        let checked = checked.map_err(|error| damaged(error.to_string()))?;
        Ok(registry.join(checked.as_str()))
    };
    let steps: Vec<Step> = steps
        .into_iter()
        .map(|step| step.with_paths(here))
        .collect::<Result<_, DiskError>>()?;
    match finish(registry, steps.iter().collect()) {
        Ok(()) => Ok(Recovered::Finished),
        // A file that somebody has changed since is theirs.
        Err(error @ DiskError::Changed { .. }) => Ok(Recovered::Partly(error)),
        Err(error) => Err(error),
    }
}

/// A path relative to the registry.
fn below(registry: &Path, path: &Path) -> Result<PathBuf, DiskError> {
    let relative = path.strip_prefix(registry).map_err(|_| {
        let error = io::Error::other("it is not in the registry");
        DiskError::write(path, error)
    })?;
    Ok(relative.to_owned())
}

/// Whether an earlier run was ended half way.
#[must_use]
pub fn is_under_way(registry: &Path) -> bool {
    registry.join(RECORD).join(JOURNAL).exists()
}

/// Where the text of a step waits.
fn staged(registry: &Path, number: usize, step: &Step) -> PathBuf {
    let folder = registry.join(RECORD).join(STAGED);
    folder.join(step.group.to_string()).join(number.to_string())
}

/// Makes every step that is not made yet, then forgets the journal.
fn finish(registry: &Path, steps: Vec<&Step>) -> Result<(), DiskError> {
    let mut groups: BTreeMap<usize, Vec<(usize, &Step)>> = BTreeMap::new();
    for (number, step) in steps.into_iter().enumerate() {
        groups.entry(step.group).or_default().push((number, step));
    }
    let groups: Vec<_> = groups.into_values().collect();
    let made: Vec<_> = groups
        .par_iter()
        .map(|steps| make_together(registry, steps))
        .collect();
    let mut changed = None;
    for made in made {
        match made {
            Err(error @ DiskError::Changed { .. }) => {
                changed.get_or_insert(error);
            }
            made => made?,
        }
    }
    let left = groups.iter().flatten().map(|(_, step)| step);
    let left = left.filter(|step| {
        matches!(
            step.change,
            StepChange::Remove { .. } | StepChange::Move { .. }
        )
    });
    let emptied: BTreeSet<&Path> = left
        .flat_map(|step| step.path.ancestors().skip(1).take(FOLDERS))
        .collect();
    // Deepest first; a folder that still holds something refuses, and stays.
    for folder in emptied
        .into_iter()
        .rev()
        .filter(|folder| !registry.starts_with(folder))
    {
        let _still_in_use = fs::remove_dir(folder);
    }
    clear(registry)?;
    changed.map_or(Ok(()), Err)
}

/// Makes the steps of one group in order, up to the first that cannot be made.
fn make_together(registry: &Path, steps: &[(usize, &Step)]) -> Result<(), DiskError> {
    steps.iter().try_for_each(|(number, step)| {
        checkpoint();
        step.make(&staged(registry, *number, step))
    })
}

/// As many folders above what went may be empty: shard, by-name, pkgs.
const FOLDERS: usize = 4;

/// Forgets the journal, then what was staged for it.
fn clear(registry: &Path) -> Result<(), DiskError> {
    let folder = registry.join(RECORD);
    checkpoint();
    for gone in [
        fs::remove_file(folder.join(JOURNAL)),
        fs::remove_dir_all(folder.join(STAGED)),
    ] {
        match gone {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(DiskError::write(&folder, error));
            }
            _ => {}
        }
    }
    // The folder may hold other things of ours.
    let _still_in_use = fs::remove_dir(&folder);
    Ok(())
}

impl Step {
    /// The same step with its paths written in another way.
    fn with_paths(
        self,
        write: impl Fn(&Path) -> Result<PathBuf, DiskError>,
    ) -> Result<Self, DiskError> {
        Ok(Self {
            path: write(&self.path)?,
            change: match self.change {
                StepChange::Move { to } => StepChange::Move { to: write(&to)? },
                change => change,
            },
            group: self.group,
        })
    }

    /// Whether the disk is as it was when the change was worked out, and lets the
    /// change be made.
    fn must_be_possible(&self) -> Result<(), DiskError> {
        for path in self.places() {
            must_be_writable(path)?;
        }
        let in_the_way = |path: &Path| DiskError::InTheWay {
            path: path.to_owned(),
            what: "there already",
        };
        match &self.change {
            StepChange::Write { before, .. } => match (before, self.found()?) {
                (None, None) => Ok(()),
                (None, Some(_)) => Err(in_the_way(&self.path)),
                (Some(before), Some(found)) if *before == found => Ok(()),
                (Some(_), _) => Err(self.changed()),
            },
            StepChange::Remove { before } => match self.found()? {
                Some(found) if *before == found => Ok(()),
                _ => Err(self.changed()),
            },
            StepChange::Grow if self.path.symlink_metadata().is_ok() => Err(in_the_way(&self.path)),
            StepChange::Grow => Ok(()),
            StepChange::Move { to } if to.symlink_metadata().is_ok() => Err(in_the_way(to)),
            StepChange::Move { .. } => Ok(()),
        }
    }

    /// The paths that come or go.
    fn places(&self) -> impl Iterator<Item = &Path> {
        let to = match &self.change {
            StepChange::Move { to } => Some(to.as_path()),
            StepChange::Write { .. } | StepChange::Grow | StepChange::Remove { .. } => None,
        };
        [self.path.as_path()].into_iter().chain(to)
    }

    /// Makes the change if it is not made yet.
    fn make(&self, staged: &Path) -> Result<(), DiskError> {
        match &self.change {
            StepChange::Write { before, after } => {
                let found = self.found()?;
                if found.as_ref() == Some(after) {
                    Ok(())
                } else if found == *before {
                    move_into_place(staged, &target(&self.path)?)
                } else {
                    Err(self.changed())
                }
            }
            StepChange::Remove { before } => match self.found()? {
                None => Ok(()),
                Some(found) if found == *before => {
                    fs::remove_file(&self.path).map_err(|error| DiskError::write(&self.path, error))
                }
                Some(_) => Err(self.changed()),
            },
            StepChange::Grow => match (staged.is_dir(), self.path.symlink_metadata().is_ok()) {
                (true, false) => move_directory(staged, &self.path),
                // It has come already.
                (false, true) => Ok(()),
                _ => Err(self.changed()),
            },
            StepChange::Move { to } => {
                if !self.path.is_dir() && to.is_dir() {
                    return Ok(());
                }
                move_directory(&self.path, to)
            }
        }
    }

    /// The hash of what the file holds now.
    fn found(&self) -> Result<Option<String>, DiskError> {
        Ok(found(&self.path)?.map(|text| hash(&text)))
    }

    fn changed(&self) -> DiskError {
        DiskError::Changed {
            path: self.path.clone(),
        }
    }
}

/// Whether entries of the folder that a path is in, or will be in, may be changed.
fn must_be_writable(path: &Path) -> Result<(), DiskError> {
    let path = target(path)?;
    let mut folders = path.ancestors().skip(1);
    let folder = folders.find(|folder| folder.is_dir());
    folder.map_or(Ok(()), |folder| {
        access(folder, Access::WRITE_OK | Access::EXEC_OK)
            .map_err(|error| DiskError::write(&path, error.into()))
    })
}

/// Ends the process if the variable `AUX_GEN_END_AT` says that it should not get
/// past as many moments as this one: for tests of what a killed run leaves behind.
pub(crate) fn checkpoint() {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU64, Ordering};
    static END: OnceLock<Option<u64>> = OnceLock::new();
    static PASSED: AtomicU64 = AtomicU64::new(0);
    let end = END.get_or_init(|| std::env::var("AUX_GEN_END_AT").ok()?.parse().ok());
    if end.is_some_and(|end| PASSED.fetch_add(1, Ordering::Relaxed) >= end) {
        std::process::abort();
    }
}
