//! Commands that turn one tree into a family.

use std::path::PathBuf;

use crate::ReachArgs;
use clap::{ArgGroup, Args, ValueEnum};

/// Split a tree with all packages into a core and repos above it.
#[derive(Debug, Args)]
#[command(
    group(ArgGroup::new("how").required(true).args(["rules", "random"])),
    after_help = "\
Shows who goes where and why, what has to stay in core (what it boots from, and
what paths tie to it), and what each repo offers alone and costs to download.
Nothing is written unless --apply names a folder for the family: the repos are
made there with their history, core is made ready for layers, and everything is
generated. The tree itself is never changed.

--verify evaluates the tree and the family, and compares every attribute. It
exits with 3 if one is another than it was.

The rules are TOML (docs/splitting.md):
  [repos.python]
  attributes = [\"pypy*\"]
  paths = [\"pkgs/by-name/py/*\"]
  sets = [\"python3Packages\"]
  owners = [\"@org/python\"]

Examples:
  aux-gen split ~/core --rules split.toml
  aux-gen split ~/core --rules split.toml --apply family --verify
  aux-gen split ~/core --random 30 --seed 7 --apply /tmp/x --verify --attr pkgsStatic
  aux-gen split ~/overlay --over ~/nixpkgs --rules split.toml --apply family --verify"
)]
pub struct Split {
    /// The tree: a checkout of nixpkgs or of a core in its style
    #[arg(value_name = "TREE")]
    pub tree: PathBuf,
    /// Which packages go to which repo
    #[arg(long, value_name = "FILE")]
    pub rules: Option<PathBuf>,
    /// Over this core, which is somebody else's: the checkout of nixpkgs, or of a core in its
    /// style, that the tree's overlay or `{ pkgs }` function is for
    #[arg(long, value_name = "DIR", conflicts_with_all = ["no_eval", "wiring", "attr"])]
    pub over: Option<PathBuf>,
    /// Send packages to N repos by chance, to see whether the tree can be split
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub random: Option<u16>,
    /// What chance starts from: the same number gives the same repos
    #[arg(long, value_name = "NUMBER", default_value_t = 1, requires = "random")]
    pub seed: u64,
    /// Make the family in this folder, which must be empty or not there yet
    #[arg(long, value_name = "DIR")]
    pub apply: Option<PathBuf>,
    /// Evaluate the tree and the family, and compare every attribute
    #[arg(long, requires = "apply")]
    pub verify: bool,
    /// Compare this set too, such as pkgsStatic or pkgsCross.riscv64; may be given
    /// several times
    #[arg(long, value_name = "PATH", requires = "verify")]
    pub attr: Vec<String>,
    /// How core takes part
    #[arg(long, value_enum, default_value_t = CoreWiring::Auto)]
    pub wiring: CoreWiring,
    /// Start repos with a copy, and name the commit that it was made from
    #[arg(long, requires = "apply")]
    pub no_history: bool,
    /// Name of the organization; the rules', or the folder's, if absent
    #[arg(long)]
    pub name: Option<String>,
    /// Prefix of flake references; the rules', or `github:NAME`, if absent
    #[arg(long, value_name = "PREFIX")]
    pub forge: Option<String>,
    /// Who leads SIG core, and those that the rules name nobody for
    #[arg(long, value_name = "HANDLE")]
    pub lead: Option<String>,
    /// Read texts only: do not ask Nix what core boots from
    #[arg(long, conflicts_with = "verify")]
    pub no_eval: bool,
    /// How many Nix processes may run at once; the number of cores if absent
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub jobs: Option<u16>,
    /// System to evaluate for; this machine's if absent
    #[arg(long)]
    pub system: Option<String>,
    #[command(flatten)]
    pub reach: ReachArgs,
}

/// How core takes part in a family that is split off it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CoreWiring {
    /// By layers if its files can be made ready for them, else by overlays
    Auto,
    /// By layers: its files are made ready for them
    Layers,
    /// By overlays: its files stay as they are, without what has moved
    Overlays,
}

/// Say what a core in nixpkgs' style must change to take layers of other repos.
#[derive(Debug, Args)]
#[command(after_help = "\
Names each place in its files, what goes there and why, and shows the change as a
diff. What is there already is left alone. Then asks Nix whether the core keeps
its part of the contract (docs/contract.md). Exits with 3 if it does not.

Examples:
  aux-gen ready                    the core of the family here
  aux-gen ready ~/core
  aux-gen ready ~/core --apply     writes the change")]
pub struct Ready {
    /// The core's directory; that of the family here if absent
    #[arg(value_name = "DIR")]
    pub core: Option<PathBuf>,
    /// Write the change
    #[arg(long)]
    pub apply: bool,
    /// Read texts only: do not ask Nix
    #[arg(long)]
    pub no_eval: bool,
    /// System to evaluate for; this machine's if absent
    #[arg(long)]
    pub system: Option<String>,
}

/// Move the packages of a tree of another layout into by-name directories.
///
/// Takes folders that hold one folder for each package, and entries `NAME = callPackage PATH { };`, to
/// pkgs/by-name/SHARD/NAME/package.nix (RFC 140), writes paths anew, and has what read them read that.
/// It is tried on a copy first: if one derivation of the package set would be another, that package
/// stays, and if it cannot be done with every derivation the same, nothing is written.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  aux-gen relayout ~/packages            what would move, and whether all stays the same
  aux-gen relayout ~/packages --apply    moves it; git knows of the moves")]
pub struct RelayoutArgs {
    /// The tree: a checkout with a default.nix that gives its package set
    #[arg(value_name = "DIR", default_value = ".")]
    pub tree: PathBuf,
    /// The tree is an overlay, or a function of `{ pkgs }`, for this core: a checkout of it
    #[arg(long, value_name = "CORE")]
    pub over: Option<PathBuf>,
    /// Write it
    #[arg(long)]
    pub apply: bool,
    /// The system to compare for; this machine's if absent
    #[arg(long)]
    pub system: Option<String>,
    #[command(flatten)]
    pub reach: ReachArgs,
}
