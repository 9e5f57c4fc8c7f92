//! The forge: `forge plan`, `forge apply`.

use clap::{Args, Subcommand};

/// Compare what the forge has with what the manifest says, and change the forge.
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_required = true,
    after_help = "\
Repositories, teams with their people, what teams may do, protected branches and labels, on GitHub
and Forgejo. The token is taken from AUX_GEN_TOKEN.

Examples:
  aux-gen forge plan
  aux-gen forge apply
  aux-gen forge apply --allow-removals"
)]
pub struct Forge {
    #[command(subcommand)]
    pub what: ForgeCommand,
}

#[derive(Debug, Subcommand)]
pub enum ForgeCommand {
    /// Say what differs, and change nothing
    #[command(after_help = "\
Ends with 3 if something differs.")]
    Plan(ForgeArgs),
    /// Make the forge as the manifest says
    #[command(after_help = "\
Takes nothing from anybody unless --allow-removals is given: no person leaves a team, no permission
becomes less, no rule that somebody made for a branch is replaced, no repository is archived.")]
    Apply {
        #[command(flatten)]
        asked: ForgeArgs,
        /// Take away, too, what the manifest does not have
        #[arg(long)]
        allow_removals: bool,
    },
}

#[derive(Debug, Args)]
pub struct ForgeArgs {
    /// The forge's API, such as `https://codeberg.org/api/v1`; that of the organization's host if absent
    #[arg(long, value_name = "URL")]
    pub api: Option<String>,
    /// Seconds that the forge may take to answer
    #[arg(long, default_value_t = 120, value_name = "SECONDS")]
    pub patience: u64,
}
