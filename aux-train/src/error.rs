//! Why a train cannot go on, and what to do about it.

use aux_eval::commits::CommitsError;
use aux_gen::disk::DiskError;
use aux_git::GitError;
use aux_model::{ChannelName, RepoName};
use aux_nix::NixError;
use aux_nix::language::one_line;

/// A train cannot go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrainError {
    /// git refuses.
    #[error(transparent)]
    Git(#[from] GitError),
    /// The disk refuses.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// Nix cannot be asked.
    #[error(transparent)]
    Nix(#[from] NixError),
    /// The book cannot be read.
    #[error("`{path}` is damaged: {message}")]
    Damaged {
        /// It, relative to the registry.
        path: String,
        /// What is wrong with it.
        message: String,
    },
    /// There is nothing to move.
    #[error("no repo of the family is checked out as a git repository of its own")]
    NoRepository,
    /// No repo has the branch that is to move.
    #[error("no repo has a branch `{0}`")]
    NoBranch(String),
    /// No repo has the branch of a channel, or what that follows.
    #[error("no repo has its branch of channel `{0}`, and none has what that follows")]
    NoChannel(ChannelName),
    /// Nobody can say what was good.
    #[error("`{0}` is no git repository with the branch that is to move")]
    NoTopLevel(String),
    /// Nobody can read what was good.
    #[error("the `flake.lock` of top-level cannot be read: {0}")]
    Lock(aux_gen::lock::LockError),
    /// A checkout that no train can work with.
    #[error("`{repo}`: {reason}")]
    Unusable {
        /// The repo.
        repo: RepoName,
        /// What is wrong with it, and what to do.
        reason: String,
    },
    /// Somebody works on the branch that is to have candidates.
    #[error("the branch `{branch}` is checked out in `{}`", .folder.display())]
    StagingInUse {
        /// The branch.
        branch: String,
        /// The folder.
        folder: std::path::PathBuf,
    },
    /// The train is of another family.
    #[error("the manifest has other repos than when the train began")]
    Changed,
    /// A change set has landed.
    #[error("`{0}` has landed already")]
    Landed(String),
    /// There is no train.
    #[error("there is no train")]
    None,
    /// No repo has the branch of a change set.
    #[error("no repo has a branch `{0}`")]
    NoChange(String),
    /// No repo has what is to be compared with.
    #[error("no repo has a commit `{0}`, so there is nothing to compare with")]
    NoBase(String),
    /// The branch of a change set was not tried, or has moved since.
    #[error("`{0}` was not tried as it is now")]
    NotTried(String),
    /// A change set breaks repos.
    #[error("`{change}` is not good: it breaks {}", .repos.iter().map(|repo| format!("`{repo}`")).collect::<Vec<_>>().join(", "))]
    NotGood {
        /// The change set.
        change: String,
        /// The repos that would be held.
        repos: Vec<RepoName>,
    },
    /// There is one that is not ended.
    #[error("a train is under way since {day}: it is {phase}")]
    UnderWay {
        /// The day when it began.
        day: String,
        /// How far it is.
        phase: &'static str,
    },
    /// It is not that far.
    #[error("the train is {0}")]
    Phase(&'static str),
    /// The holds of the registry cannot be committed or pushed.
    #[error("the registry: {0}")]
    Registry(String),
    /// Branches cannot move.
    #[error("nothing was promoted: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Refused(Vec<super::Refusal>),
}

impl From<CommitsError> for TrainError {
    fn from(error: CommitsError) -> Self {
        match error {
            CommitsError::Git(error) => Self::Git(error),
            CommitsError::Disk(error) => Self::Disk(error),
            CommitsError::Nix(error) => Self::Nix(error),
        }
    }
}

impl TrainError {
    /// It in one line, for a hold: what git says, without the call.
    pub(super) fn reason(&self) -> String {
        match self {
            Self::Git(error) => error.reason(),
            Self::Unusable { reason, .. } => reason.clone(),
            other => one_line(&other.to_string()),
        }
    }

    /// A way out.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Git(_) => return None,
            Self::Disk(error) => return error.hint().map(str::to_owned),
            Self::Nix(error) => return error.hint().map(str::to_owned),
            Self::Damaged { path, .. } => {
                format!("remove `{path}`: branches and locks stay as they are")
            }
            Self::NoRepository => {
                "clone them to where the manifest says, or `git init` them there".to_owned()
            }
            Self::NoTopLevel(_) => {
                "clone it there: what it has locked is the last good state of all".to_owned()
            }
            Self::Lock(_) => {
                "put back the last one that was committed: it says where everybody was good"
                    .to_owned()
            }
            Self::Unusable { .. } => return None,
            Self::Registry(_) => {
                "nothing is lost: the files in `holds/` are as the last train left them".to_owned()
            }
            Self::StagingInUse { .. } => "check another one out there".to_owned(),
            Self::Changed => {
                "`aux-gen update` starts anew; `aux-gen train abort` drops this one".to_owned()
            }
            Self::Landed(_) => return None,
            Self::NoBranch(branch) => format!(
                "commit in every repo, rename the branches (`git branch -m {branch}`), or name another with `--branch`"
            ),
            Self::NoChannel(_) => {
                "run the train of what it follows first; one that follows nothing needs its branches in the repos".to_owned()
            }
            Self::NoChange(_) => {
                "commit the parts of a change on branches of one name in the repos".to_owned()
            }
            Self::NoBase(_) => {
                "name a branch, a tag or a commit that git knows in the repos, such as `origin/main`".to_owned()
            }
            Self::NotTried(change) => format!("run `aux-gen changeset try {change}`"),
            Self::NotGood { change, .. } => {
                format!("mend them on branches `{change}` of their own, and try again")
            }
            Self::None => "`aux-gen update` starts one".to_owned(),
            Self::UnderWay { .. } => {
                "`aux-gen train resume` goes on with it, `aux-gen train abort` drops it".to_owned()
            }
            Self::Phase(_) => "`aux-gen train status` says what is to be done".to_owned(),
            Self::Refused(_) => {
                "mend that and promote again; `aux-gen update` starts from where branches are now"
                    .to_owned()
            }
        })
    }
}
