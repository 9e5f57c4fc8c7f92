//! Commands about states of the whole family: frozen ones, and those that somebody
//! proposes.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::trains::{Build, Work};

/// Freeze the commits of all repos under a name, get them back, or compare two.
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    after_help = "\
A release is what top-level has locked on its branch, and top-level itself: the commits
that were evaluated together. It is a small file in `releases/` of the registry, and it
never changes. Its name is a version (1.2.0) or a day (2026-11-23).

With --tag each repo gets a tag of that name at its commit, so that users type
`github:org/top-level/1.2.0`; with --push their remotes get it too. Tags are never moved.

Examples:
  aux-gen release 2026-11-23
  aux-gen release 1.2.0 --tag --push
  aux-gen release list
  aux-gen release checkout 2026-11-23 --to /tmp/family
  aux-gen release diff 2026-10-01 2026-11-23
  aux-gen release diff 2026-11-23 now"
)]
pub struct ReleaseArgs {
    /// The name of the release to make
    #[arg(required = true)]
    pub name: Option<String>,
    /// The branch of top-level that is frozen; the one that it has if absent
    #[arg(long, value_name = "NAME")]
    pub branch: Option<String>,
    /// Tag the repos with the name of the release, which may have been made before
    #[arg(long)]
    pub tag: bool,
    /// Push the tags
    #[arg(long, requires = "tag")]
    pub push: bool,
    /// Put every repo of it into one archive in DIR, nixexprs.tar.xz, as channels of Nix have it
    #[arg(long, value_name = "DIR")]
    pub tarball: Option<PathBuf>,
    /// Seconds that a remote may take to answer
    #[arg(long, default_value_t = 120, value_name = "SECONDS")]
    pub patience: u64,
    #[command(subcommand)]
    pub what: Option<ReleaseCommand>,
}

#[derive(Debug, Subcommand)]
pub enum ReleaseCommand {
    /// Show all releases
    List,
    /// Check every repo out as a release has it
    #[command(after_help = "\
Repos that are not here are cloned. Nothing happens if files that are not committed are in
the way. Every repo is then on no branch; `git checkout main` goes back.")]
    Checkout {
        /// The release
        name: String,
        /// A new folder, instead of the checkouts of this family
        #[arg(long, value_name = "DIR")]
        to: Option<PathBuf>,
        /// Seconds that a remote may take to answer
        #[arg(long, default_value_t = 600, value_name = "SECONDS")]
        patience: u64,
    },
    /// List packages that were added, removed or changed
    #[command(after_help = "\
Both are evaluated by real Nix as a part of top-level; a package has changed if its
derivation has. `now` is what top-level has locked on its branch.")]
    Diff {
        /// The earlier release, or `now`
        before: String,
        /// The later release, or `now`
        after: String,
        /// The branch that `now` is of; the one that top-level has if absent
        #[arg(long, value_name = "NAME")]
        branch: Option<String>,
        /// The system to evaluate for; that of this machine if absent
        #[arg(long, value_name = "SYSTEM")]
        system: Option<String>,
        /// Seconds that one attribute may take
        #[arg(long, default_value_t = 60, value_name = "SECONDS")]
        timeout: u64,
    },
}

/// Try and land a change that spans repos: branches of one name in several of them.
#[derive(Debug, Args)]
#[command(after_help = "\
`try` makes a candidate of every repo that the change reaches, on top of the branches of
that name, and lets real Nix judge all of them, alone and as parts of top-level. Nothing
moves, and nobody is held: whatever breaks is listed, and the exit code is 3.

`land` moves the branches of all these repos to the candidates, in the order in which they
use each other, all or none; only a change that was tried as it is now, and is good, lands.

Examples:
  aux-gen changeset try openssl-4
  aux-gen changeset land openssl-4 --push")]
pub struct Changeset {
    #[command(subcommand)]
    pub what: ChangesetCommand,
}

#[derive(Debug, Subcommand)]
pub enum ChangesetCommand {
    /// Judge a change, and move nothing
    #[command(after_help = "\
Examples:
  aux-gen changeset try openssl-4 --impact
  aux-gen changeset try openssl-4 --offline --format json")]
    Try {
        /// The name of the branches
        name: String,
        /// The branch that they are to land on
        #[arg(long, default_value = "main", value_name = "NAME")]
        branch: String,
        /// Ask no remote: what is here is what there is
        #[arg(long)]
        offline: bool,
        /// The system to evaluate for; that of this machine if absent
        #[arg(long, value_name = "SYSTEM")]
        system: Option<String>,
        /// Say what it does to every package: other derivations, failures, what is to be built
        #[arg(long)]
        impact: bool,
        #[command(flatten)]
        build: Build,
        #[command(flatten)]
        work: Work,
    },
    /// Move the branches of all repos that a change reaches, all or none
    #[command(after_help = "\
Examples:
  aux-gen changeset land openssl-4
  aux-gen changeset land openssl-4 --push")]
    Land {
        /// The name of the branches
        name: String,
        /// Push to the remotes
        #[arg(long)]
        push: bool,
        /// Seconds that a remote may take to answer
        #[arg(long, default_value_t = 120, value_name = "SECONDS")]
        patience: u64,
    },
    /// Forget what was tried: its candidates go, the branches stay
    Drop {
        /// The name of the branches
        name: String,
    },
}

impl ReleaseCommand {
    /// What it prints for machines.
    pub fn output(&self) -> &'static str {
        match self {
            Self::List => "release-list",
            Self::Checkout { .. } => "release-checkout",
            Self::Diff { .. } => "release-diff",
        }
    }
}

impl ChangesetCommand {
    /// What it prints for machines.
    pub fn output(&self) -> &'static str {
        match self {
            Self::Try { .. } => "changeset-try",
            Self::Land { .. } => "promote",
            Self::Drop { .. } => "changeset-drop",
        }
    }
}

/// Say which packages a change makes other derivations, breaks, or has built.
#[derive(Debug, Args)]
#[command(after_help = "\
The change is what is checked out, compared with what --base names in each repo: a branch, a
tag or a commit. With REPO only those repos are compared, and the others are taken as they are.
Real Nix is asked for every package of top-level, before and after, and which of the new
derivations neither the store nor a substituter has. What is not committed is no part of it.

Exits with 3 if a package fails that did not.

Examples:
  aux-gen impact --base origin/main
  aux-gen impact python --base HEAD~3
  aux-gen impact --base origin/main --markdown >> \"$GITHUB_STEP_SUMMARY\"")]
pub struct Impact {
    /// Only these repos are compared; all that have the base if absent
    #[arg(value_name = "REPO")]
    pub repos: Vec<String>,
    /// What git knows the state before by
    #[arg(long, value_name = "REV")]
    pub base: String,
    /// Print Markdown, as for the summary of a job
    #[arg(long)]
    pub markdown: bool,
    /// Do not ask what there is to build
    #[arg(long)]
    pub no_builds: bool,
    /// The system to evaluate for; that of this machine if absent
    #[arg(long, value_name = "SYSTEM")]
    pub system: Option<String>,
    /// Seconds that one attribute may take
    #[arg(long, default_value_t = 60, value_name = "SECONDS")]
    pub timeout: u64,
}
