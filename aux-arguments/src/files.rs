//! Commands about files: what is wrong in them, whether they are as planned, and what Nix
//! makes of them.

use std::path::PathBuf;

use crate::ReachArgs;
use aux_model::Date;
use clap::{ArgGroup, Args, ValueEnum};

/// Report every problem in the manifest and the trees.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  aux-gen check
  aux-gen check --format json | jq '.problems[].code'
  aux-gen check --base origin/main      only what by-name trees did not have there
  aux-gen check --tree ~/nixpkgs        a tree that is part of no family
  aux-gen check --fix                   packages go to the shard of their name
  aux-gen explain tier-order")]
pub struct Check {
    /// Exit with 3 for warnings too
    #[arg(long)]
    pub deny_warnings: bool,
    /// Check the by-name tree of this repo instead of a registry; may be given several
    /// times
    #[arg(long, value_name = "DIR")]
    pub tree: Vec<PathBuf>,
    /// Only what the by-name trees did not have at this git revision
    #[arg(long, value_name = "REV")]
    pub base: Option<String>,
    /// Move packages to the shard of their name, and write the paths there anew
    #[arg(long, conflicts_with = "base")]
    pub fix: bool,
    /// Ask Nix whether `meta` of the packages says what the manifest says of systems, licences and the like;
    /// with --fix the manifest is brought to what `meta` says
    #[arg(long, conflicts_with_all = ["tree", "base"])]
    pub meta: bool,
    /// Day on which reviews and aliases are looked at; this day if absent
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub today: Option<Date>,
}

/// Write every repo's files.
#[derive(Debug, Args)]
#[command(after_help = "\
What you changed by hand is never lost: what is new is merged into it, and where
the two do not go together the file is left alone and named. Files that you are
meant to edit, such as package.nix, are written once. All files of a run are
written or none: a run that is killed is finished by the next one.

Examples:
  aux-gen generate
  aux-gen generate --check              for CI: exits with 4 when stale
  aux-gen generate --diff --repo python
  aux-gen generate --commit             one commit in each git repository
  aux-gen generate --explain repos/python/flake.nix")]
pub struct Generate {
    /// Write nothing: print what would change as a unified diff, and exit with 4
    #[arg(long)]
    pub check: bool,
    /// Write, and print what changed as a unified diff
    #[arg(long)]
    pub diff: bool,
    /// Only this repo; may be given several times
    #[arg(long, value_name = "REPO")]
    pub repo: Vec<String>,
    /// Write nothing: say which template a file is made from and why it would be
    /// written anew; may be given several times
    #[arg(long, value_name = "FILE", conflicts_with_all = ["check", "diff", "repo"])]
    pub explain: Vec<String>,
    /// Remove files that the model has no more even if they are many
    #[arg(long)]
    pub allow_removals: bool,
    /// Commit what was generated and is not committed yet, once per git repository;
    /// what people wrote or staged stays as it is
    #[arg(long, conflicts_with_all = ["check", "explain"])]
    pub commit: bool,
}

/// Show the state of generated files.
#[derive(Debug, Args)]
#[command(after_help = "\
As git status does for a work tree: which generated files were changed by hand,
removed or taken over, and what `aux-gen generate` would do.

Examples:
  aux-gen status
  aux-gen status --repo python --format json")]
pub struct Status {
    /// Only this repo; may be given several times
    #[arg(long, value_name = "REPO")]
    pub repo: Vec<String>,
}

/// Decide about files that `generate` left alone.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("how").required(true)), after_help = "\
Files are named relative to aux.toml, as `status` and `generate` name them.

Examples:
  aux-gen resolve --merge repos/python/flake.nix    both, with git's markers
  aux-gen resolve --ours repos/python/flake.nix     keep mine; later changes are merged
  aux-gen resolve --theirs repos/python/README.md   take the generated one")]
pub struct Resolve {
    /// Keep the file as it is; what is new from now on is merged into it
    #[arg(long, group = "how")]
    pub ours: bool,
    /// Take the generated file; also brings a removed one back
    #[arg(long, group = "how")]
    pub theirs: bool,
    /// Put both into the file, with conflict markers where they differ
    #[arg(long, group = "how")]
    pub merge: bool,
    /// The files
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<String>,
}

/// Take generated files over for good, or give them back.
#[derive(Debug, Args)]
#[command(after_help = "\
An ejected file is yours: it is never written again, and `eval` still holds it to
the contract.

Examples:
  aux-gen eject repos/python/README.md
  aux-gen uneject repos/python/README.md   it is kept as it is, and merged again")]
pub struct Eject {
    /// The files, relative to aux.toml
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<String>,
}

/// Finish a run that was ended half way, or give it up.
#[derive(Debug, Args)]
#[command(after_help = "\
A run writes all of its files or none. One that was killed half way left a journal of what
it was about to do, in the git directory of the registry, or in `.aux-gen/local` where
there is none. Every command that writes finishes it first; this one does nothing else.
Where that cannot be done, since a disk refuses or a folder is gone, --abandon gives the
rest up: files that are new stay so, the others stay as they are.

Examples:
  aux-gen recover
  aux-gen recover --abandon   then `aux-gen status` says how files stand")]
pub struct Recover {
    /// Give up what is not done yet
    #[arg(long)]
    pub abandon: bool,
}

/// Evaluate what was generated with real Nix.
#[derive(Debug, Args)]
#[command(after_help = "\
Each repo is evaluated alone and through top-level: does its flake keep the
contract, and is every package a derivation, with a `meta` that `nix search` and
other commands can read? Nothing is fetched or built.

With --save, --compare or --tree every attribute of a package set is looked at:
that of top-level, or of a tree that is in no family. However many fail, and
however hard, each is named with its reason. --compare exits with 3 if anything
is another than it was; --save alone exits with 0, whatever fails.

Examples:
  aux-gen eval
  aux-gen eval --repo python --flakes   as users get it, by Nix's own inputs
  aux-gen eval --save before.json
  aux-gen eval --compare before.json
  aux-gen eval --tree ~/core --attr python3Packages
  aux-gen eval --format json")]
pub struct Eval {
    /// Only this repo; may be given several times
    #[arg(long, value_name = "REPO")]
    pub repo: Vec<String>,
    /// Let Nix resolve every flake itself, with inputs overridden by the checkouts
    #[arg(long)]
    pub flakes: bool,
    /// How many Nix processes may run at once; the number of cores if absent
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub jobs: Option<u16>,
    /// System to evaluate for; this machine's if the organization has it
    #[arg(long)]
    pub system: Option<String>,
    /// Evaluate for every system of the organization, one after the other; this machine need run none of
    /// them
    #[arg(long, conflicts_with_all = ["system", "save", "compare", "tree", "flakes"])]
    pub all_systems: bool,
    /// Write what every attribute evaluates to into this file
    #[arg(long, value_name = "FILE", conflicts_with_all = ["repo", "flakes"])]
    pub save: Option<PathBuf>,
    /// Say what is another than in this file, which --save wrote
    #[arg(long, value_name = "FILE", conflicts_with_all = ["repo", "flakes"])]
    pub compare: Option<PathBuf>,
    /// Look at the package set of this directory instead of a family's: its
    /// default.nix, or its flake if that has no inputs
    #[arg(long, value_name = "DIR", conflicts_with_all = ["repo", "flakes"])]
    pub tree: Option<PathBuf>,
    /// Only the set at this path, such as python3Packages or pkgsStatic
    #[arg(long, value_name = "PATH", requires = "tree", default_value = "")]
    pub attr: String,
    /// Look into sets that ask for it (recurseForDerivations) too
    #[arg(long)]
    pub nested: bool,
    /// Seconds that one attribute may take
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..))]
    pub timeout: u64,
    #[command(flatten)]
    pub reach: ReachArgs,
}

/// Clone and update the checkouts of a family.
#[derive(Debug, Args)]
#[command(after_help = "\
What is missing is cloned, whole, from where its url says. What is there goes
forward to what its remote has, if nothing of yours is in the way, and a shallow
clone gets its history, which updates need; everything
else stays as it is and is named, and the exit code is 3.

Examples:
  aux-gen sync
  aux-gen sync python javascript")]
pub struct Sync {
    /// Only these repos
    #[arg(value_name = "REPO")]
    pub repos: Vec<String>,
    /// Fetch old versions of files when they are asked for: smaller clones, as git's --filter makes
    #[arg(long, value_enum, value_name = "SPEC")]
    pub filter: Option<Filter>,
    /// Seconds that a remote may take for one answer
    #[arg(long, value_name = "SECONDS", default_value_t = 600, value_parser = clap::value_parser!(u64).range(1..))]
    pub patience: u64,
}

/// What clones leave out.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Filter {
    /// Files that are not checked out
    #[value(name = "blob:none")]
    BlobNone,
}

/// Clone a registry and all of its repos.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  aux-gen clone https://github.com/auxolotl/registry
  aux-gen clone github:auxolotl/registry --filter blob:none --channel 26.11
  cd registry && aux-gen eval")]
pub struct Clone {
    /// Where the registry is: what git can clone, or a flake reference
    pub url: String,
    /// The folder to make; the last part of the URL if absent
    #[arg(value_name = "DIR")]
    pub folder: Option<PathBuf>,
    /// Fetch old versions of files when they are asked for: smaller clones, as git's --filter makes
    #[arg(long, value_enum, value_name = "SPEC")]
    pub filter: Option<Filter>,
    /// Seconds that a remote may take for one answer
    #[arg(long, value_name = "SECONDS", default_value_t = 600, value_parser = clap::value_parser!(u64).range(1..))]
    pub patience: u64,
}

impl Eval {
    /// Whether a package set is looked at, attribute by attribute, and not the family's
    /// contracts.
    pub fn is_of_a_set(&self) -> bool {
        self.tree.is_some() || self.save.is_some() || self.compare.is_some() || self.nested
    }
}
