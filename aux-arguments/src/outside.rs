//! Commands about a core that is somebody else's.

use clap::Args;

use crate::ReachArgs;

/// Ask Nix once which attributes a core has that is somebody else's.
///
/// Writes index/NAME.json, which every command reads from then on: commit it. A core that is at the
/// commit of its index is not asked again.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  aux-gen index                after the core's checkout moved
  aux-gen index --check        whether the index is of what is checked out; 4 if not
  aux-gen index --again        also if it is")]
pub struct Index {
    /// Write nothing: end with 4 if the index is not of the commit that is checked out
    #[arg(long, conflicts_with = "again")]
    pub check: bool,
    /// Ask even if the index is of the commit that is checked out
    #[arg(long)]
    pub again: bool,
    /// The system to ask for; this machine's if absent
    #[arg(long)]
    pub system: Option<String>,
    /// How many Nix processes may run at once; as many as there are processors if absent
    #[arg(long, value_name = "N")]
    pub jobs: Option<u16>,
    #[command(flatten)]
    pub reach: ReachArgs,
}
