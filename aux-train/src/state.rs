//! The book of a train: what it saw, what it found, and how far it is.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use aux_gen::disk::{State, read_text, remove, replace};
use aux_model::answers::Step;
use aux_model::{BranchName, BuildScope, Catalog, ChannelName, Date, RepoName, Rev, System};
use aux_nix::flake::LockFormat;
use serde::{Deserialize, Serialize};

use crate::error::TrainError;
use crate::hold::Hold;
use crate::request::Pushes;

/// Where the book of an update lies in the state of the registry.
const FILE: &str = "train.json";

/// The folder with the books of change sets, in the state of the registry.
const CHANGES: &str = "changes";

/// The folder with the books of channels, in the state of the registry.
const CHANNELS: &str = "channels";

/// The version of its format.
const FORMAT: u32 = 1;

/// A train.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Train {
    format: u32,
    /// When it began, in seconds since 1970.
    pub started: i64,
    /// The day when it began.
    pub day: Date,
    /// How far it is.
    pub phase: Phase,
    /// The branch that it starts from and is to move.
    pub branch: BranchName,
    /// The branch that has its candidates.
    pub staging: BranchName,
    /// The channel whose branches move; none for those that the repos have without one.
    #[serde(default)]
    pub channel: Option<ChannelName>,
    /// The branch of a change set, which some repos have; none for an update.
    pub change: Option<BranchName>,
    /// The only inputs that move; all if there is none.
    pub inputs: Vec<RepoName>,
    /// The system that is evaluated for.
    pub system: System,
    /// Whether candidates are pushed to the remotes too.
    pub pushes: Pushes,
    /// As which Nix its locks are written: from 2.26 on, branches have their full names.
    pub full_branch_names: bool,
    /// What is built before a commit is taken.
    #[serde(default = "nothing")]
    pub build: BuildScope,
    /// The store that what was built is copied to.
    #[serde(default)]
    pub copy_to: Option<String>,
    /// The paths that were built or substituted, of the repos that move.
    #[serde(default)]
    pub built: BTreeSet<String>,
    /// The order in which repos move.
    pub waves: Vec<Vec<Step>>,
    /// What is known of each repo.
    pub repos: BTreeMap<RepoName, RepoState>,
    /// Packages that fail in the view of the new top-level and did not in the old one, by
    /// repo.
    pub broken: BTreeMap<RepoName, Vec<super::Broken>>,
    /// Packages that are another derivation alone than in the view of the new top-level, by repo.
    #[serde(default)]
    pub differing: BTreeMap<RepoName, BTreeSet<String>>,
    /// Holds that ended with this train.
    pub released: Vec<Hold>,
    /// Holds that ended earlier, and of which somebody is still to be told.
    pub owed: Vec<Hold>,
}

/// How far a train is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Some repos are not judged yet.
    Running,
    /// All are, and nothing but staging branches has moved.
    Ready,
    /// The branches are about to move, or some have.
    Promoting,
    /// The branches have moved, and some remotes may not know yet.
    Promoted,
    /// Everything is where it belongs.
    Done,
}

/// What a train knows of one repo.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RepoState {
    /// The branch that moves; none for that of the train.
    #[serde(default)]
    pub branch: Option<BranchName>,
    /// The commit that its candidate starts from; none if there is none to be had.
    pub base: Option<Rev>,
    /// The newest commit of its branch on a channel, if what that follows has gone on: the candidate
    /// has both as parents, and starts from the other.
    #[serde(default)]
    pub tip: Option<Rev>,
    /// Where its branch was here.
    pub local: Option<Rev>,
    /// Where its branch was on the remote.
    pub remote: Option<Rev>,
    /// The commit that top-level had locked.
    pub good: Option<Rev>,
    /// Whether top-level had locked one, here or not.
    pub was_good: bool,
    /// Where its staging branch was, and then is, here.
    pub staging: Option<Rev>,
    /// The commit that this train brought to the staging branch of the remote.
    #[serde(default)]
    pub pushed: Option<Rev>,
    /// What became of it; none yet.
    pub outcome: Option<Outcome>,
}

/// What became of a repo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "is")]
pub enum Outcome {
    /// It is where it was, and that is right.
    Unchanged {
        /// The commit.
        commit: Rev,
    },
    /// It moves to a new commit.
    Moves {
        /// The commit.
        commit: Rev,
        /// Packages that fail, and are not held against it because they did before.
        failing: Vec<String>,
        /// What its owners are told although it moves: another repo broke it in top-level, and
        /// its own commits are not to blame.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        hold: Option<Box<Hold>>,
    },
    /// It is held.
    Held {
        /// The commit that others go on with; none if it never was good.
        commit: Option<Rev>,
        /// Why.
        hold: Box<Hold>,
    },
}

impl Outcome {
    /// The commit that others build on.
    #[must_use]
    pub fn commit(&self) -> Option<&Rev> {
        match self {
            Self::Unchanged { commit } | Self::Moves { commit, .. } => Some(commit),
            Self::Held { commit, .. } => commit.as_ref(),
        }
    }

    /// It with a hold for what the move of another repo breaks: its own move is good, and goes
    /// on.
    pub(super) fn also_held(self, mut hold: Hold) -> Self {
        hold.held_at = self.commit().cloned();
        let hold = Box::new(hold);
        match self {
            Self::Moves {
                commit, failing, ..
            } => Self::Moves {
                commit,
                failing,
                hold: Some(hold),
            },
            Self::Unchanged { commit } => Self::Held {
                commit: Some(commit),
                hold,
            },
            // It was held for what others broke already.
            Self::Held {
                commit,
                hold: known,
            } if known.refused.is_none() => Self::Held { commit, hold },
            held @ Self::Held { .. } => held,
        }
    }

    /// Why it is held, if it is.
    #[must_use]
    pub fn hold(&self) -> Option<&Hold> {
        match self {
            Self::Held { hold, .. } => Some(hold),
            Self::Moves { hold, .. } => hold.as_deref(),
            Self::Unchanged { .. } => None,
        }
    }
}

impl RepoState {
    /// What becomes of it when its newest commit is refused: it stays at this one.
    pub(super) fn held(&self, commit: Option<Rev>, mut hold: Hold) -> Outcome {
        hold.held_at.clone_from(&commit);
        hold.refused.clone_from(&self.base);
        let hold = Box::new(hold);
        Outcome::Held { commit, hold }
    }
}

impl Phase {
    /// In a sentence: "the train is …".
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Running => "not through all waves",
            Self::Ready => "ready, and not promoted",
            Self::Promoting => "half promoted",
            Self::Promoted => "promoted, but not everywhere pushed",
            Self::Done => "done",
        }
    }
}

impl Train {
    pub(super) fn new(
        asked: &super::UpdateRequest,
        channel: Option<ChannelName>,
        started: i64,
        day: Date,
    ) -> Self {
        Self {
            format: FORMAT,
            channel,
            started,
            day,
            phase: Phase::Running,
            branch: asked.branch.clone(),
            staging: asked.staging.clone(),
            change: asked.change.clone(),
            inputs: asked.inputs.clone(),
            system: asked.system.clone(),
            pushes: asked.pushes,
            build: asked.build,
            copy_to: asked.copy_to.clone(),
            built: BTreeSet::new(),
            full_branch_names: asked.format == LockFormat::Full,
            waves: Vec::new(),
            repos: BTreeMap::new(),
            broken: BTreeMap::new(),
            differing: BTreeMap::new(),
            released: Vec::new(),
            owed: Vec::new(),
        }
    }

    /// The last train of a registry, an update or that of a change set, of a channel or without
    /// one; none if there was none.
    ///
    /// # Errors
    /// When its book cannot be read.
    pub fn read(
        root: &Path,
        channel: Option<&ChannelName>,
        change: Option<&str>,
    ) -> Result<Option<Self>, TrainError> {
        let Some(path) = State::of(root).map(|state| state.path(&book(channel, change))) else {
            return Ok(None);
        };
        if !path.is_file() {
            return Ok(None);
        }
        let damaged = |message: String| TrainError::Damaged {
            path: path.display().to_string(),
            message,
        };
        let text = read_text(&path)?;
        let train: Self =
            serde_json::from_str(&text).map_err(|error| damaged(error.to_string()))?;
        match train.format {
            FORMAT => Ok(Some(train)),
            other => Err(damaged(format!(
                "it has format {other}, and this program knows {FORMAT}"
            ))),
        }
    }

    /// Writes it down: whole or not at all.
    pub(super) fn write(&self, root: &Path) -> Result<(), TrainError> {
        aux_gen::disk::checkpoint();
        let text = serde_json::to_string_pretty(self).expect("a book has text keys");
        let state = State::make(root)?;
        replace(&state.path(&self.book()), text + "\n")?;
        aux_gen::disk::checkpoint();
        Ok(())
    }

    /// A train is of the repos that the family had when it began.
    pub(super) fn must_fit(&self, catalog: &Catalog) -> Result<(), TrainError> {
        let known = |name: &RepoName| self.repos.contains_key(name);
        let is_whole = |member: &RepoState| member.base.is_some() || member.outcome.is_some();
        let mut all = catalog.repos();
        let fits = all.all(|repo| known(&repo.name))
            && self
                .repos
                .keys()
                .all(|name| catalog.repo(name.as_str()).is_some())
            && self.waves.iter().flatten().flatten().all(known)
            && self.waves.iter().flatten().flatten().count() == self.repos.len()
            && self.repos.values().all(is_whole);
        if fits {
            Ok(())
        } else {
            Err(TrainError::Changed)
        }
    }

    /// Forgets it.
    pub(super) fn forget(&self, root: &Path) -> Result<(), TrainError> {
        match State::of(root) {
            Some(state) => Ok(remove(&state.path(&self.book()))?),
            None => Ok(()),
        }
    }

    fn book(&self) -> String {
        book(self.channel.as_ref(), self.change.as_deref())
    }

    /// Who is held, and why.
    pub fn holds(&self) -> impl Iterator<Item = &Hold> {
        let outcomes = self
            .repos
            .values()
            .filter_map(|member| member.outcome.as_ref());
        outcomes.filter_map(Outcome::hold)
    }

    /// The repos that move, and the commits that they move to.
    pub fn moves(&self) -> impl Iterator<Item = (&RepoName, &RepoState, &Rev)> {
        self.repos
            .iter()
            .filter_map(|(name, member)| match &member.outcome {
                Some(Outcome::Moves { commit, .. }) => Some((name, member, commit)),
                _ => None,
            })
    }

    /// The branch of a repo that moves.
    #[must_use]
    pub fn branch_of(&self, repo: &RepoName) -> &str {
        let member = self.repos.get(repo);
        let own = member.and_then(|member| member.branch.as_deref());
        own.unwrap_or(&self.branch)
    }

    /// The reference of a branch.
    pub(super) fn head(branch: &str) -> String {
        format!("refs/heads/{branch}")
    }
}

fn nothing() -> BuildScope {
    BuildScope::Nothing
}

/// Where the book of a train lies in the registry.
fn book(channel: Option<&ChannelName>, change: Option<&str>) -> String {
    let own = match change {
        // `%` is in no name of a branch that is taken here.
        Some(change) => format!("{CHANGES}/{}.json", change.replace('/', "%2F")),
        None => FILE.to_owned(),
    };
    match channel {
        Some(channel) => format!("{CHANNELS}/{channel}/{own}"),
        None => own,
    }
}
