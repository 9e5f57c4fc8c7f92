//! What Nix may get from outside of the folders that it is asked about.

use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;

/// What Nix may get from outside of the folders that it is asked about.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "What Nix may read besides")]
pub struct ReachArgs {
    /// Use DIR in place of every flake input of this name that is no repo of the family
    #[arg(long = "override", value_name = "INPUT=DIR")]
    pub overrides: Vec<NamedFolder>,
    /// Let `<NAME>` be DIR; what is in DIR may be read
    #[arg(short = 'I', value_name = "NAME=DIR")]
    pub include: Vec<NamedFolder>,
    /// As -I nixpkgs=DIR --override nixpkgs=DIR, and the `pkgs` of a default.nix that takes one
    #[arg(long, value_name = "DIR")]
    pub nixpkgs: Option<PathBuf>,
    /// Let Nix fetch what locks and pins name
    #[arg(long)]
    pub allow_network: bool,
}

/// `NAME=DIR`.
#[derive(Debug, Clone)]
pub struct NamedFolder {
    pub name: String,
    pub folder: PathBuf,
}

impl FromStr for NamedFolder {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some((name, folder)) if !name.is_empty() && !folder.is_empty() => Ok(Self {
                name: name.to_owned(),
                folder: PathBuf::from(folder),
            }),
            _ => Err("it has the form `NAME=DIR`".to_owned()),
        }
    }
}
