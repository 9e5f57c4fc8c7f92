//! What using a repo costs.

use std::path::PathBuf;

use clap::Args;

use crate::ReachArgs;

/// Measure what using a repo costs: bytes to fetch, and what Nix takes.
#[derive(Debug, Args)]
#[command(after_help = "\
Bytes are those of the last commit of each checkout: the archive that a forge
sends (tar.gz), and what is in the store; alone, and with all inputs. Nix counts
what evaluating takes, in a process of its own for each: one package and all that
the repo offers alone, in its own view, through top-level, and with --against in
another tree. Thunks are the same on every machine; times are not.

What the policy allows is compared ([policy.cost]); the exit code is 3 if
something is over it.

Examples:
  aux-gen cost
  aux-gen cost python --package python/numpy
  aux-gen cost --against ../monorepo      the same attributes in one tree
  aux-gen cost --no-eval                  bytes only, without Nix
  aux-gen cost --explain python           what makes it so
  aux-gen cost --write && aux-gen generate   the table in top-level's README")]
pub struct Cost {
    /// Only these repos
    #[arg(value_name = "REPO")]
    pub repos: Vec<String>,
    /// The package that is evaluated alone; the first that each repo offers if absent
    #[arg(long, value_name = "PACKAGE")]
    pub package: Vec<String>,
    /// Compare with the package set of this directory
    #[arg(long, value_name = "DIR", conflicts_with = "no_eval")]
    pub against: Option<PathBuf>,
    /// Say what makes this repo as large and as slow as it is
    #[arg(long, value_name = "REPO", conflicts_with_all = ["repos", "package", "against"])]
    pub explain: Option<String>,
    /// How many attributes --explain evaluates one by one, at most
    #[arg(long, value_name = "N", default_value_t = 50, requires = "explain")]
    pub most: usize,
    /// Write what every repo costs into costs.json, for the README of top-level
    #[arg(long, conflicts_with_all = ["repos", "package", "against", "explain", "no_eval"])]
    pub write: bool,
    /// Count bytes only
    #[arg(long)]
    pub no_eval: bool,
    /// System to evaluate for; this machine's if the organization has it
    #[arg(long)]
    pub system: Option<String>,
    /// Seconds that one evaluation may take
    #[arg(long, value_name = "SECONDS", default_value_t = 600, value_parser = clap::value_parser!(u64).range(1..))]
    pub timeout: u64,
    #[command(flatten)]
    pub reach: ReachArgs,
}
