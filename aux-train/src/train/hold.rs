//! Holds: repos that stay at their last good commit, each as a file in the registry for as
//! long as it is held.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use aux_model::{Catalog, Date, RepoName};
use serde::{Deserialize, Serialize};

use super::error::TrainError;
use aux_eval::commits::Found;
use aux_gen::disk::{DiskError, must_stay_inside, read_text, remove_below, replace_below};
use aux_git::is_object_name;

/// The folder of the registry that has them.
pub const HELD: &str = "holds";

/// A repo that does not move, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Hold {
    /// The repo.
    pub repo: RepoName,
    /// The SIG that runs it.
    pub sig: String,
    /// The accounts to ask: the SIG's team, or else its leads.
    pub owners: Vec<String>,
    /// Where to reach the SIG.
    pub contact: Option<String>,
    /// The sort of reason.
    pub kind: HoldKind,
    /// The reason, in one line.
    pub reason: String,
    /// The repo whose move broke it, or that it waits for.
    pub because_of: Option<RepoName>,
    /// Packages that are broken, with the reasons.
    pub broken: Vec<Broken>,
    /// The day when it was first held.
    pub since: String,
    /// The commit that it is held at; none if it never was good.
    pub held_at: Option<String>,
    /// The commit of its branch that is not good with what it uses now; none if nobody
    /// knows it.
    pub refused: Option<String>,
    /// Whether somebody was told.
    pub told: bool,
}

/// The sorts of reasons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum HoldKind {
    /// There is no such repository, or no such branch in it, any more.
    Gone,
    /// Its remote does not answer.
    Unreachable,
    /// Its branch here and that of the remote went different ways.
    Diverged,
    /// Its flake does not parse.
    Syntax,
    /// Its inputs cannot be locked.
    Unlockable,
    /// It needs another version of a contract.
    Contract,
    /// Its own commits broke it.
    Broken,
    /// The move of a repo that it uses broke it.
    BrokenBy,
    /// What it needs of a repo that is held is what that one is held for.
    Waits,
    /// It is good alone and not as a part of top-level.
    Together,
    /// git cannot work with its checkout.
    Unusable,
}

impl fmt::Display for HoldKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Gone => "gone",
            Self::Unreachable => "unreachable",
            Self::Diverged => "diverged",
            Self::Syntax => "syntax",
            Self::Unlockable => "unlockable",
            Self::Contract => "contract",
            Self::Broken => "broken",
            Self::BrokenBy => "broken by another",
            Self::Waits => "waits",
            Self::Together => "broken together",
            Self::Unusable => "unusable",
        })
    }
}

/// A package that does not evaluate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Broken {
    /// The attribute; none if it is the whole flake.
    pub attribute: Option<String>,
    /// Why, in one line.
    pub reason: String,
    /// The file below the repo, with line and column, if Nix names one.
    pub place: Option<String>,
}

impl From<Found> for Broken {
    fn from(found: Found) -> Self {
        Self {
            attribute: found.attribute,
            reason: found.reason,
            place: found.place,
        }
    }
}

/// The holds of a registry.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Holds {
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

impl Hold {
    /// A hold of a repo that begins on a day.
    pub(super) fn new(
        catalog: &Catalog,
        repo: &RepoName,
        day: &str,
        kind: HoldKind,
        reason: impl Into<String>,
    ) -> Self {
        let sig = catalog.repo(repo.as_str()).map(|repo| &repo.sig);
        let sig = sig.and_then(|sig| catalog.sig(sig.as_str()));
        let leads = || {
            sig.iter()
                .flat_map(|sig| &sig.leads)
                .map(ToString::to_string)
        };
        Self {
            repo: repo.clone(),
            sig: sig.map(|sig| sig.name.to_string()).unwrap_or_default(),
            owners: match sig.and_then(|sig| sig.team.as_ref()) {
                Some(team) => vec![team.to_string()],
                None => leads().collect(),
            },
            contact: sig.and_then(|sig| sig.contact.clone()),
            kind,
            reason: reason.into(),
            because_of: None,
            broken: Vec::new(),
            since: day.to_owned(),
            held_at: None,
            refused: None,
            told: false,
        }
    }

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
        if hold.since.parse::<Date>().is_err() {
            return Err("`since` is no day".to_owned());
        }
        let commits = [&hold.held_at, &hold.refused].into_iter().flatten();
        if commits.into_iter().any(|name| !is_object_name(name)) {
            return Err("`held-at` or `refused` is no name of a commit".to_owned());
        }
        Ok(hold)
    }
}

impl Holds {
    /// Reads the holds of a registry. A file that is none is named, and stops nobody.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn read(root: &Path) -> Result<Self, TrainError> {
        let folder = root.join(HELD);
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Self::default());
            }
            Err(source) => {
                return Err(DiskError::Read {
                    path: folder,
                    source,
                }
                .into());
            }
        };
        let mut holds = Self::default();
        for path in entries.flatten().map(|entry| entry.path()) {
            if path.extension().is_none_or(|end| end != "json") {
                continue;
            }
            match Hold::read(root, &path) {
                Ok(hold) => {
                    holds.held.insert(hold.repo.clone(), hold);
                }
                Err(message) => holds.damaged.push(DamagedHold { path, message }),
            }
        }
        holds.damaged.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(holds)
    }

    /// Makes the files of a registry be these; one that says so already is left alone.
    pub(super) fn write(&self, root: &Path) -> Result<(), TrainError> {
        let before = Self::read(root)?;
        for (repo, hold) in &self.held {
            if before.held.get(repo) != Some(hold) {
                aux_gen::disk::checkpoint();
                let text = serde_json::to_string_pretty(hold).expect("a hold has text keys");
                let path = path(root, repo);
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
            remove_below(root, &path(root, repo))?;
        }
        Ok(())
    }

    /// What was held on an earlier day is held since then.
    pub(super) fn remember(&self, hold: &mut Hold) {
        if let Some(known) = self.held.get(&hold.repo) {
            hold.since.clone_from(&known.since);
            hold.told = known.told;
        }
    }
}

fn path(root: &Path, repo: &RepoName) -> PathBuf {
    root.join(HELD).join(format!("{repo}.json"))
}
