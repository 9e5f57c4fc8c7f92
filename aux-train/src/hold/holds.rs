//! The holds of a registry, as files.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use aux_gen::disk::{DiskError, must_stay_inside, read_text, remove_below, replace_below};
use aux_git::{Commit, WorkTree};
use aux_model::{ChannelName, RepoName};

use crate::error::TrainError;
use crate::hold::hold::Hold;

/// The folder of the registry that has them.
pub const HELD: &str = "holds";

/// The holds of a registry.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Holds {
    /// The channel that they are of; none for the branches without one.
    pub channel: Option<ChannelName>,
    /// By repo.
    pub held: BTreeMap<RepoName, Hold>,
    /// Files that are no holds, and why: they are committed, and so anybody's.
    pub damaged: Vec<DamagedHold>,
}

/// A file among the holds that is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DamagedHold {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub message: String,
}

/// The commits at which held repos were good, with the branch that each has checked out;
/// none for a repo that never was good, or whose checkout does not have the commit.
#[must_use]
pub fn good_commits(
    held: &BTreeMap<RepoName, Hold>,
    places: &BTreeMap<RepoName, PathBuf>,
) -> BTreeMap<RepoName, Option<Commit>> {
    let good = |name: &RepoName, hold: &Hold| {
        let tree = WorkTree::at(places.get(name)?)?;
        let commit = tree.commit_of(hold.held_at.as_ref()?).ok()?;
        let head = tree.commit_of_head().ok().flatten();
        let branch = head.and_then(|head| head.branch);
        Some(Commit { branch, ..commit })
    };
    let held = held.iter();
    held.map(|(name, hold)| (name.clone(), good(name, hold)))
        .collect()
}

impl Holds {
    /// Reads the holds of a registry, of a channel or without one. A file that is none is named, and
    /// stops nobody.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn read(root: &Path, channel: Option<&ChannelName>) -> Result<Self, TrainError> {
        let folder = folder(root, channel);
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Self {
                    channel: channel.cloned(),
                    ..Self::default()
                });
            }
            Err(source) => {
                return Err(DiskError::Read {
                    path: folder,
                    source,
                }
                .into());
            }
        };
        let mut holds = Self {
            channel: channel.cloned(),
            ..Self::default()
        };
        for path in entries.flatten().map(|entry| entry.path()) {
            if path.extension().is_none_or(|end| end != "json") {
                continue;
            }
            match Hold::read(root, &path) {
                Ok(hold) if hold.channel.as_ref() != channel => {
                    let message = match &hold.channel {
                        Some(other) => format!("it is of the channel `{other}`"),
                        None => "it is of no channel".to_owned(),
                    };
                    holds.damaged.push(DamagedHold { path, message });
                }
                Ok(hold) => {
                    holds.held.insert(hold.repo.clone(), hold);
                }
                Err(message) => holds.damaged.push(DamagedHold { path, message }),
            }
        }
        holds.damaged.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(holds)
    }

    /// Writes these into the files of a registry; one with that content already is left alone.
    pub(crate) fn write(&self, root: &Path) -> Result<(), TrainError> {
        let channel = self.channel.as_ref();
        let before = Self::read(root, channel)?;
        for (repo, hold) in &self.held {
            if before.held.get(repo) != Some(hold) {
                aux_gen::disk::checkpoint();
                let text = serde_json::to_string_pretty(hold).expect("a hold has text keys");
                let path = path(root, channel, repo);
                let old = fs::read(&path).ok();
                replace_below(root, &path, old.as_deref(), text + "\n")?;
            }
        }
        for repo in before
            .held
            .keys()
            .filter(|repo| !self.held.contains_key(*repo))
        {
            aux_gen::disk::checkpoint();
            remove_below(root, &path(root, channel, repo))?;
        }
        Ok(())
    }

    /// What was held on an earlier day is held since then.
    pub(crate) fn remember(&self, hold: &mut Hold) {
        if let Some(known) = self.held.get(&hold.repo) {
            hold.since.clone_from(&known.since);
            hold.told = known.told;
        }
    }
}

/// Where the holds of a channel lie.
/// The holds that say the name of a repo that is to have another one: the file of each, where it is to be,
/// and its text. Paths are relative to the registry.
///
/// # Errors
/// When the folder cannot be read.
pub fn renamed_holds(
    root: &Path,
    channel: Option<&ChannelName>,
    (old, new): (&RepoName, &RepoName),
) -> Result<Vec<(String, String, String)>, TrainError> {
    let anew = |name: &RepoName| {
        if name == old {
            new.clone()
        } else {
            name.clone()
        }
    };
    let place = |repo: &RepoName| {
        let place = path(root, channel, repo);
        let place = place.strip_prefix(root).unwrap_or(&place).to_owned();
        place.to_string_lossy().into_owned()
    };
    let mut renamed = Vec::new();
    for (repo, hold) in Holds::read(root, channel)?.held {
        let after = Hold {
            repo: anew(&repo),
            because_of: hold.because_of.as_ref().map(anew),
            ..hold.clone()
        };
        if after != hold {
            let text = serde_json::to_string_pretty(&after).expect("a hold has text keys");
            renamed.push((place(&repo), place(&after.repo), text + "\n"));
        }
    }
    Ok(renamed)
}

fn folder(root: &Path, channel: Option<&ChannelName>) -> PathBuf {
    let folder = root.join(HELD);
    match channel {
        Some(channel) => folder.join(channel.as_str()),
        None => folder,
    }
}

fn path(root: &Path, channel: Option<&ChannelName>, repo: &RepoName) -> PathBuf {
    folder(root, channel).join(format!("{repo}.json"))
}

impl Hold {
    /// Reads the file of a hold; what is wrong with it is the error.
    fn read(root: &Path, path: &Path) -> Result<Self, String> {
        must_stay_inside(root, path).map_err(|error| error.to_string())?;
        let text = read_text(path).map_err(|error| error.to_string())?;
        let hold: Self = serde_json::from_str(&text).map_err(|error| error.to_string())?;
        if path
            .file_stem()
            .is_none_or(|stem| *stem != *hold.repo.as_str())
        {
            return Err(format!("it is of the repo `{}`", hold.repo));
        }
        Ok(hold)
    }
}
