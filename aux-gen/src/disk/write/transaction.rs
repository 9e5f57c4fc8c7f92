//! All or nothing: every change of a run is prepared, written down, and then made
//! by renames. A run that ends half way is finished by the next one.
//!
//! The new texts are staged in the registry's [`State`]. Once the journal lies there
//! too, the run counts: the next run makes every file new that is not new yet. Before
//! that moment nothing has changed, and what was staged goes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::{fs, io};

use aux_model::RelativePath;
use rayon::prelude::*;
use rustix::fs::{Access, AtFlags, accessat};
use serde::{Deserialize, Serialize};

use crate::disk::error::DiskError;
use crate::disk::write::checkpoint::checkpoint;
use crate::disk::write::place::Place;
use crate::disk::write::replace::{replace, stage};
use crate::disk::write::slot::Slot;
use crate::disk::write::state::State;
use crate::hash::hash;

/// What is under way, in the registry's state.
const JOURNAL: &str = "journal.json";

/// The texts of what is under way.
const STAGED: &str = "staged";

/// Changes that are made together.
#[derive(Debug, Default)]
pub struct Transaction {
    steps: Vec<(Step, Payload)>,
}

/// What waits in the registry's state until a step is made.
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
    /// somebody may move.
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
    /// A directory with files is created where nothing is.
    #[serde(alias = "grow")]
    CreateFolder,
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
    /// files.
    pub(crate) fn create_folder(
        &mut self,
        path: &Path,
        texts: BTreeMap<PathBuf, String>,
        group: usize,
    ) {
        self.push(path, StepChange::CreateFolder, group, Payload::Tree(texts));
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

    /// Whether everything is as it was, and the disk lets the changes be made.
    ///
    /// # Errors
    /// When it is not, or does not.
    pub(crate) fn must_be_possible(&self, registry: &Path) -> Result<(), DiskError> {
        let steps = self.steps.par_iter();
        let possible: Vec<_> = steps
            .map(|(step, _)| step.must_be_possible(registry))
            .collect();
        // All of them, then the first error in order, whichever thread was faster.
        possible.into_iter().collect()
    }

    /// Makes all changes. The caller holds the lock of the registry.
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
        self.must_be_possible(registry)?;
        let state = State::make(registry)?;
        let numbered: Vec<_> = self.steps.iter().enumerate().collect();
        let staged: Vec<_> = numbered
            .into_par_iter()
            .map(|(number, (step, payload))| payload.stage(&staged(&state, number, step)))
            .collect();
        staged.into_iter().collect::<Result<(), _>>()?;
        let steps: Vec<&Step> = self.steps.iter().map(|(step, _)| step).collect();
        let relative = |step: &&Step| (*step).clone().with_paths(|path| below(registry, path));
        let relative: Vec<Step> = steps.iter().map(relative).collect::<Result<_, _>>()?;
        let journal = state.path(JOURNAL);
        let text = serde_json::to_string(&relative)
            .map_err(|error| DiskError::write(&journal, io::Error::other(error)))?;
        checkpoint();
        replace(&journal, &text)?;
        finish(registry, &state, steps)
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
/// caller holds the lock of the registry.
///
/// # Errors
/// When the journal cannot be understood, or the disk refuses: [`abandon`] gives the
/// rest up.
pub fn recover(registry: &Path) -> Result<Recovered, DiskError> {
    let Some(state) = State::of(registry) else {
        return Ok(Recovered::Nothing);
    };
    let journal = state.path(JOURNAL);
    let text = match fs::read(&journal) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            clear(&state)?;
            return Ok(Recovered::Nothing);
        }
        Err(error) => return Err(DiskError::read(&journal, error)),
        Ok(text) => text,
    };
    let unfinished = |source: DiskError| DiskError::Unfinished {
        registry: registry.to_owned(),
        source: Box::new(source),
    };
    let steps = read_journal(registry, &journal, &text).map_err(unfinished)?;
    match finish(registry, &state, steps.iter().collect()) {
        Ok(()) => Ok(Recovered::Finished),
        // A file that somebody has changed since is theirs.
        Err(error) if error.is_concurrent_change() => Ok(Recovered::Partly(error)),
        Err(error) => Err(unfinished(error)),
    }
}

/// Gives up what an earlier run began and did not end: what is not made yet is not
/// made. What it had taken away from a file to replace it is put back. Returns how many
/// of its changes were still open. The caller holds the lock of the registry.
///
/// # Errors
/// When the disk refuses.
pub fn abandon(registry: &Path) -> Result<usize, DiskError> {
    let Some(state) = State::of(registry) else {
        return Ok(0);
    };
    let journal = state.path(JOURNAL);
    let text = fs::read(&journal).unwrap_or_default();
    // One that cannot be understood has nothing to put back.
    let steps = read_journal(registry, &journal, &text).unwrap_or_default();
    let mut open = 0;
    for (number, step) in steps.iter().enumerate() {
        let is_made = step.is_made(registry, &staged(&state, number, step))?;
        open += usize::from(!is_made);
    }
    clear(&state)?;
    Ok(open)
}

/// The steps of a journal, with the paths of where the registry is now.
fn read_journal(registry: &Path, journal: &Path, text: &[u8]) -> Result<Vec<Step>, DiskError> {
    let damaged = |message: String| DiskError::Record {
        path: journal.to_owned(),
        message,
    };
    let steps: Vec<Step> =
        serde_json::from_slice(text).map_err(|error| damaged(error.to_string()))?;
    let here = |path: &Path| {
        let text = path.to_str().unwrap_or_default();
        let checked = text.parse::<RelativePath>();
        let checked = checked.map_err(|error| damaged(error.to_string()))?;
        Ok(registry.join(checked.as_str()))
    };
    steps
        .into_iter()
        .map(|step| step.with_paths(here))
        .collect()
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
    State::of(registry).is_some_and(|state| state.path(JOURNAL).exists())
}

/// Where the text of a step waits.
fn staged(state: &State, number: usize, step: &Step) -> PathBuf {
    let folder = state.path(STAGED).join(step.group.to_string());
    folder.join(number.to_string())
}

/// Makes every step that is not made yet, then forgets the journal.
fn finish(registry: &Path, state: &State, steps: Vec<&Step>) -> Result<(), DiskError> {
    let mut groups: BTreeMap<usize, Vec<(usize, &Step)>> = BTreeMap::new();
    for (number, step) in steps.into_iter().enumerate() {
        groups.entry(step.group).or_default().push((number, step));
    }
    let groups: Vec<_> = groups.into_values().collect();
    let made: Vec<_> = groups
        .par_iter()
        .map(|steps| make_together(registry, state, steps))
        .collect();
    let mut changed = None;
    for made in made {
        match made {
            Err(error) if error.is_concurrent_change() => {
                changed.get_or_insert(error);
            }
            made => made?,
        }
    }
    for (number, step) in groups.iter().flatten() {
        step.settle(registry, &staged(state, *number, step))?;
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
    clear(state)?;
    changed.map_or(Ok(()), Err)
}

/// Makes the steps of one group in order, up to the first that cannot be made.
fn make_together(
    registry: &Path,
    state: &State,
    steps: &[(usize, &Step)],
) -> Result<(), DiskError> {
    steps.iter().try_for_each(|(number, step)| {
        checkpoint();
        step.make(registry, &staged(state, *number, step))
    })
}

/// As many folders above what went may be empty: shard, by-name, pkgs.
const FOLDERS: usize = 4;

/// Forgets the journal, then what was staged for it.
fn clear(state: &State) -> Result<(), DiskError> {
    checkpoint();
    for gone in [
        fs::remove_file(state.path(JOURNAL)),
        fs::remove_dir_all(state.path(STAGED)),
    ] {
        match gone {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(DiskError::write(&state.path(JOURNAL), error));
            }
            _ => {}
        }
    }
    state.tidy();
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
    fn must_be_possible(&self, registry: &Path) -> Result<(), DiskError> {
        let place = Place::of(registry, &self.path)?;
        must_be_writable(&place)?;
        match &self.change {
            StepChange::Write { before, .. } => match (before, place.hash()?) {
                (None, None) => Ok(()),
                (None, Some(_)) => Err(in_the_way(&self.path)),
                (Some(before), Some(found)) if *before == found => Ok(()),
                (Some(_), _) => Err(self.changed()),
            },
            StepChange::Remove { before } => match place.hash()? {
                Some(found) if *before == found => Ok(()),
                _ => Err(self.changed()),
            },
            StepChange::CreateFolder if place.kind()?.is_some() => Err(in_the_way(&self.path)),
            StepChange::CreateFolder => Ok(()),
            StepChange::Move { to } => {
                let to = Place::of(registry, to)?;
                must_be_writable(&to)?;
                if to.kind()?.is_some() {
                    return Err(in_the_way(to.path()));
                }
                if place.kind()?.is_none() {
                    return Err(self.changed());
                }
                if place.device()? == to.device()? {
                    Ok(())
                } else {
                    Err(DiskError::OtherDevice {
                        from: self.path.clone(),
                        to: to.path().to_owned(),
                    })
                }
            }
        }
    }

    /// Makes the change if it is not made yet.
    fn make(&self, registry: &Path, staged: &Path) -> Result<(), DiskError> {
        let place = Place::of(registry, &self.path)?;
        let slot = Slot::new(staged, &place)?;
        let is_made = match &self.change {
            StepChange::Write { before, after } => slot.write(before.as_deref(), after)?,
            StepChange::Remove { before } => slot.take(before)?,
            StepChange::CreateFolder => slot.create_folder()?,
            StepChange::Move { to } => place.relocate(&Place::of(registry, to)?)?,
        };
        if is_made { Ok(()) } else { Err(self.changed()) }
    }

    /// Looks once more at what a file held before.
    fn settle(&self, registry: &Path, staged: &Path) -> Result<(), DiskError> {
        let StepChange::Write {
            before: Some(before),
            after,
        } = &self.change
        else {
            return Ok(());
        };
        let Ok(place) = Place::of(registry, &self.path) else {
            // Somebody has put something else there.
            return Ok(());
        };
        Slot::new(staged, &place)?.settle(Some(before), Some(after))
    }

    /// Whether the change is made. What was exchanged and is somebody's is put back.
    fn is_made(&self, registry: &Path, staged: &Path) -> Result<bool, DiskError> {
        let place = Place::of(registry, &self.path)?;
        match &self.change {
            StepChange::Write { before, after } => {
                let slot = Slot::new(staged, &place)?;
                slot.give_back(before.as_deref(), Some(after))?;
                Ok(place.hash()?.as_ref() == Some(after))
            }
            StepChange::Remove { before } => {
                let slot = Slot::new(staged, &place)?;
                slot.give_back(Some(before), None)?;
                Ok(place.hash()?.is_none())
            }
            StepChange::CreateFolder => Ok(place.kind()?.is_some()),
            StepChange::Move { .. } => Ok(place.kind()?.is_none()),
        }
    }

    fn changed(&self) -> DiskError {
        DiskError::Changed {
            path: self.path.clone(),
        }
    }
}

fn in_the_way(path: &Path) -> DiskError {
    DiskError::InTheWay {
        path: path.to_owned(),
        what: "there already",
    }
}

/// Whether entries of the folder that a path is in, or will be in, may be changed.
fn must_be_writable(place: &Place) -> Result<(), DiskError> {
    let folder = place.nearest_folder()?;
    let wanted = Access::WRITE_OK | Access::EXEC_OK;
    accessat(&folder, ".", wanted, AtFlags::EACCESS)
        .map_err(|error| DiskError::write(place.path(), error.into()))
}
