//! Commands about what repos lock of each other.

use clap::{Args, ValueEnum};

/// Lock every repo's inputs to what the others have committed.
#[derive(Debug, Args)]
#[command(after_help = "\
Writes the flake.lock of each repo as Nix would write it, from git's objects: Nix is
not asked, and nothing is fetched. Repos are done in the order in which they use
each other. What a flake wants that is no repo of the family
stays as it is locked; if it is not locked yet, let Nix lock it once.

A lock names commits: what is not committed is in no lock. With --commit each lock
is committed before the repos that use it are locked, so that one run is enough.

--check writes nothing, says which repo locks what that is not up to date and where
two copies of one repo would be part of a lock, and exits with 4 if there is any.

Examples:
  aux-gen lock
  aux-gen lock --commit
  aux-gen lock --check
  aux-gen lock --repo python --repo top-level")]
pub struct Lock {
    /// Only this repo; may be given several times
    #[arg(long, value_name = "REPO")]
    pub repo: Vec<String>,
    /// Write nothing; exit with 4 if a lock is not up to date
    #[arg(long, conflicts_with = "commit")]
    pub check: bool,
    /// Commit each lock as soon as it is written
    #[arg(long)]
    pub commit: bool,
    /// As which Nix writes it; that of the Nix that is installed if absent
    #[arg(long, value_enum, alias = "dialect")]
    pub lock_format: Option<LockFormatChoice>,
}

/// How versions of Nix write locks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LockFormatChoice {
    /// Up to Nix 2.25
    #[value(name = "2.8")]
    Old,
    /// From Nix 2.26 on
    #[value(name = "2.26", alias = "2.34")]
    New,
}

/// Say who locks which version of a repo, and how far behind each is.
#[derive(Debug, Args)]
#[command(after_help = "\
Reads the flake.lock of every repo that is checked out: what is locked directly and
what comes along with others. For a fix that everybody needs, --older-than names the
commit that has it; those whose version does not have it are listed, and the command
exits with 3 if there are any.

Examples:
  aux-gen who-locks core
  aux-gen who-locks core --older-than 4863b37306")]
pub struct WhoLocks {
    /// The repo
    pub repo: String,
    /// Only versions that do not have this commit
    #[arg(long, value_name = "REV")]
    pub older_than: Option<String>,
}
