//! Commands about moving the whole family to its newest state.

use aux_model::BuildScope;
use clap::{Args, Subcommand, ValueEnum};

/// Move every repo to the newest state of those that it uses, on staging branches.
#[derive(Debug, Args)]
#[command(after_help = "\
Goes through the family in waves, from core up: each repo gets a candidate, a commit on top
of its branch with a new flake.lock, and real Nix judges it, alone and as a part of
top-level. A good one moves on, on the branch `staging` of its repo. A bad one is held: it
stays at the commit that top-level has locked, others go on with that, and a file in
`holds/` says why and since when. Packages that failed before are not held against a repo.

Remotes named `origin` are fetched first, and nothing is pushed without --push. No folder
and no branch but `staging` changes: `aux-gen promote` moves the branches, all or none.
A run that is ended goes on with `aux-gen train resume`; another update takes its place.

With INPUT only what is new in those repos moves, and whatever has to follow; who follows
brings its own new commits along.

With --notify a command is told of every repo that is held, and of every one that is no
longer, once each, as JSON on its standard input.

With --build, packages that are another derivation than before are built first, on whatever
builders your Nix has, and what is not built is held with the end of its log.

Exits with 3 if a repo is held.

Examples:
  aux-gen update
  aux-gen update --build --copy-to file:///var/cache
  aux-gen update core python
  aux-gen update --push --notify 'ci/open-issue.sh'")]
pub struct Update {
    /// Only what is new in these repos; all if absent
    #[arg(value_name = "INPUT")]
    pub inputs: Vec<String>,
    /// The branch to start from, and to move in the end
    #[arg(long, default_value = "main", value_name = "NAME")]
    pub branch: String,
    /// The branch for candidates; `staging`, or of a channel `staging-NAME`, if absent
    #[arg(long, value_name = "NAME")]
    pub staging: Option<String>,
    /// Ask no remote: what is here is what there is
    #[arg(long, conflicts_with = "push")]
    pub offline: bool,
    /// Push the candidates to the remotes
    #[arg(long)]
    pub push: bool,
    /// The system to evaluate for; that of this machine if absent
    #[arg(long, value_name = "SYSTEM")]
    pub system: Option<String>,
    /// Tell this command of every repo that is held, and that is no longer
    #[arg(long, value_name = "COMMAND")]
    pub notify: Option<String>,
    #[command(flatten)]
    pub build: Build,
    #[command(flatten)]
    pub work: Work,
}

/// What a train builds.
#[derive(Debug, Args)]
pub struct Build {
    /// Build what changed, or everything that moves, before it is taken
    #[arg(long, value_name = "WHAT", num_args = 0..=1, require_equals = true, default_missing_value = "changed")]
    pub build: Option<Builds>,
    /// Copy what was built to this store, such as file:///var/cache
    #[arg(long, value_name = "STORE", requires = "build")]
    pub copy_to: Option<String>,
}

/// What can be built.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Builds {
    /// Packages that are another derivation than they were
    Changed,
    /// All packages of repos that move
    All,
    /// Nothing
    None,
}

impl Build {
    pub fn scope(&self) -> BuildScope {
        match self.build {
            None | Some(Builds::None) => BuildScope::Nothing,
            Some(Builds::Changed) => BuildScope::Changed,
            Some(Builds::All) => BuildScope::All,
        }
    }
}

/// How much a train may use.
#[derive(Debug, Args)]
pub struct Work {
    /// How many Nix processes may run at once; as many as there are cores if absent
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub jobs: Option<u16>,
    /// Seconds that one attribute may take
    #[arg(long, default_value_t = 60, value_name = "SECONDS")]
    pub timeout: u64,
    /// Seconds that a remote may take to answer
    #[arg(long, default_value_t = 120, value_name = "SECONDS")]
    pub patience: u64,
    /// Seconds that the builds of one repo may take
    #[arg(long, default_value_t = 14400, value_name = "SECONDS")]
    pub build_timeout: u64,
}

/// Move the branches of all repos of a train to its candidates, all or none.
#[derive(Debug, Args)]
#[command(after_help = "\
Nothing moves if a branch is elsewhere than when the train began, or if files that somebody
changed are in the way. Folders that have the branch checked out follow it.

With --push the remotes follow too. Nothing is forced: every remote is asked first whether
its branch is still where it was, then gets the candidates on the staging branch, then its
branch moves. Git has no transaction over several remotes; if one refuses at the very last
moment, it is named, and `aux-gen train resume` asks it again.

Examples:
  aux-gen promote
  aux-gen promote --push")]
pub struct Promote {
    /// Push to the remotes
    #[arg(long)]
    pub push: bool,
    /// Seconds that a remote may take to answer
    #[arg(long, default_value_t = 120, value_name = "SECONDS")]
    pub patience: u64,
}

/// Look at the last train, go on with it, or drop it.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  aux-gen train status
  aux-gen train resume
  aux-gen train abort")]
pub struct Train {
    #[command(subcommand)]
    pub what: TrainCommand,
}

#[derive(Debug, Subcommand)]
pub enum TrainCommand {
    /// Say how far it is, and what became of each repo
    Status,
    /// Go on where an ended run was
    #[command(after_help = "\
From the commits that it saw at its start, to the same end. A promotion that was ended, or
that a remote refused, is finished.")]
    Resume {
        /// Tell this command of every repo that is held, and that is no longer
        #[arg(long, value_name = "COMMAND")]
        notify: Option<String>,
        #[command(flatten)]
        work: Work,
    },
    /// Drop it: its staging branches go, nothing else has moved
    Abort {
        /// Seconds that a remote may take to answer
        #[arg(long, default_value_t = 120, value_name = "SECONDS")]
        patience: u64,
    },
}

/// Say which repos are held, why, since when, and which team to ask.
#[derive(Debug, Args)]
#[command(after_help = "\
A repo is held when `aux-gen update` finds that it is not good with what is new, or that it
cannot be fetched. The next update that finds it good releases it. Exits with 3 if there
are any.

With --commit, --push or --sync-issues they are made known, and it exits with 0 when that is
done. --push pushes nothing but commits of holds, and forces nothing.

With --sync-issues one issue is open in the registry's repository on the forge for each repo
that is held: it is opened, kept up to date and closed. They have the label `aux-gen: hold`,
which nobody can give who may not write there. AUX_GEN_TOKEN has the token; it needs to read
and write issues, and nothing else. Where the registry is on the forge follows from GITHUB_API_URL
and GITHUB_REPOSITORY, which runners set, and else from its git remote `origin`.

Examples:
  aux-gen holds
  aux-gen holds --sig python
  aux-gen holds --format json
  aux-gen holds --commit --push
  aux-gen holds --sync-issues --dry-run")]
pub struct HoldsArgs {
    /// Only those of this SIG
    #[arg(long, value_name = "SIG", conflicts_with_all = ["commit", "push", "sync_issues"])]
    pub sig: Option<String>,
    /// Commit their files in the registry, and nothing else
    #[arg(long)]
    pub commit: bool,
    /// Push that commit to the registry's remote
    #[arg(long, requires = "commit")]
    pub push: bool,
    /// Open, edit and close issues about them on the forge
    #[arg(long)]
    pub sync_issues: bool,
    /// Say what would become of the issues, and do nothing
    #[arg(long, requires = "sync_issues", conflicts_with = "commit")]
    pub dry_run: bool,
    /// The forge's API, such as `https://codeberg.org/api/v1`
    #[arg(long, value_name = "URL", requires = "sync_issues")]
    pub api: Option<String>,
    /// The repository on the forge that has the issues
    #[arg(long, value_name = "OWNER/NAME", requires = "sync_issues")]
    pub repository: Option<String>,
    /// Seconds that the forge or a remote may take to answer
    #[arg(long, default_value_t = 120, value_name = "SECONDS")]
    pub patience: u64,
}

impl TrainCommand {
    /// What it prints for machines.
    pub fn output(&self) -> &'static str {
        match self {
            Self::Status | Self::Resume { .. } => "train",
            Self::Abort { .. } => "train-abort",
        }
    }
}
