//! Commands for reference.

use std::path::PathBuf;

use clap::Args;

/// Explain the code of a problem or an error.
#[derive(Debug, Args)]
pub struct Explain {
    /// The code, such as tier-order or not-found; all codes if absent
    pub code: Option<String>,
}

/// Print the flags that make Nix use the checkouts as inputs.
#[derive(Debug, Args)]
#[command(after_help = "\
For trying a repo before anything is published.

Examples:
  nix build path:repos/python#requests $(aux-gen overrides python)
  nix flake show path:repos/top-level $(aux-gen overrides top-level)")]
pub struct Overrides {
    /// The repo whose flake Nix is asked about
    pub repo: String,
}

/// Print the JSON Schema of the manifest, or of what a command prints.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  aux-gen schema > aux.schema.json                 for aux.toml
  aux-gen schema --included > sig.schema.json      for sigs/*.toml
  aux-gen schema --output where > where.schema.json    for `where --format json`
  aux-gen schema --output site-index                   for the index.json of a site")]
pub struct Schema {
    /// The schema of files that aux.toml includes
    #[arg(long)]
    pub included: bool,
    /// The schema of what COMMAND prints with `--format json`
    #[arg(long, value_name = "COMMAND", conflicts_with = "included")]
    pub output: Option<String>,
}

/// Print completions for a shell.
#[derive(Debug, Args)]
#[command(after_help = "\
The shell asks aux-gen while you type, so names of repos, packages, SIGs, people, tiers and systems
are completed too, from the manifest that is in the current folder or above. With --static it does
not, and knows commands and options only.

Examples:
  aux-gen completions bash > ~/.local/share/bash-completion/completions/aux-gen
  aux-gen completions fish > ~/.config/fish/completions/aux-gen.fish
  aux-gen completions zsh > ~/.zfunc/_aux-gen")]
pub struct Completions {
    /// The shell
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
    /// Without names of the family
    #[arg(long = "static")]
    pub is_static: bool,
}

/// Print or write the manual pages.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  aux-gen man | man -l -
  aux-gen man --to ~/.local/share/man/man1")]
pub struct Man {
    /// Write a page for every command into DIR
    #[arg(long, value_name = "DIR")]
    pub to: Option<PathBuf>,
}
