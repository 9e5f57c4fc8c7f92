//! What stands between us and an answer: the machine, the disk, a `nix` too old.
//!
//! Nothing here is about an expression being wrong; that is a `Failure`.

use std::io;
use std::path::PathBuf;

use aux_git::GitError;

use crate::evaluator::failure::Failure;
use crate::evaluator::version::{NixVersion, NotAVersion};

/// Nix could not be asked at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NixError {
    /// git refuses to work with a repository that Nix would have to read.
    #[error(transparent)]
    Git(#[from] GitError),
    /// No `nix` where it was looked for.
    #[error("`nix` is not installed: {}", listed(looked))]
    Missing {
        /// Every file that would have done.
        looked: Vec<PathBuf>,
    },

    /// A `nix` from before this module's minimum.
    #[error("`{}` is nix {found}, but at least 2.8.0 is needed", program.display())]
    TooOld {
        /// The `nix` found.
        program: PathBuf,
        /// The version it says it is.
        found: NixVersion,
    },

    /// A program called `nix` that does not answer `--version` like one.
    #[error("`{}` does not say which nix it is", program.display())]
    NotNix {
        /// The program found.
        program: PathBuf,
        /// What it said instead.
        source: NotAVersion,
    },

    /// A program could not be started or waited for.
    #[error("cannot run `{command}`")]
    Run {
        /// Program and arguments.
        command: String,
        /// What the system said.
        source: io::Error,
    },

    /// A file or directory could not be read, written or removed.
    #[error("cannot {action} `{}`", path.display())]
    File {
        /// What was attempted, as a verb: `write`, `resolve`.
        action: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },

    /// Nix ended before it looked at any expression.
    #[error("`{command}` does not work here: {}", failure.reason)]
    Unusable {
        /// Program and arguments.
        command: String,
        /// What it said.
        failure: Box<Failure>,
    },

    /// Nix succeeded and printed something that is not the JSON asked for.
    #[error("`{command}` succeeded without printing the JSON asked for")]
    Garbled {
        /// Program and arguments.
        command: String,
        /// Where the JSON stops making sense.
        source: serde_json::Error,
    },

    /// Nix did not do something with its store.
    #[error("`{command}` failed: {said}")]
    Refused {
        /// Program and arguments.
        command: String,
        /// The last line of what it said.
        said: String,
    },

    /// A directory whose name this Nix cannot read in a flake reference.
    #[error("nix {version} cannot use `{}` as a flake: its name has characters that need percent-encoding", path.display())]
    OddPath {
        /// The directory.
        path: PathBuf,
        /// The Nix that would misread it.
        version: NixVersion,
    },
}

impl NixError {
    /// What to do about it, when there is something to do.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Missing { .. } => Some(
                "install Nix 2.8 or newer (Debian and Ubuntu: `apt-get install nix-bin`; elsewhere: \
                 the installer at https://nixos.org/download or the distribution's package), \
                 or name a `nix` binary in `AUX_GEN_NIX`",
            ),
            Self::TooOld { .. } => {
                Some("upgrade Nix, or name a newer `nix` binary in `AUX_GEN_NIX`")
            }
            Self::NotNix { .. } => Some("name the real `nix` binary in `AUX_GEN_NIX`"),
            Self::OddPath { .. } => Some(
                "move the directory to a path of ASCII letters, digits and `-._~`, or use Nix 2.19 or newer",
            ),
            Self::Unusable { .. } => Some(
                "try the command by hand; `/etc/nix/nix.conf` may have a setting this Nix refuses",
            ),
            Self::Git(_)
            | Self::Run { .. }
            | Self::Refused { .. }
            | Self::File { .. }
            | Self::Garbled { .. } => None,
        }
    }

    pub(super) fn file(
        action: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File {
            action,
            path,
            source,
        }
    }
}

fn listed(looked: &[PathBuf]) -> String {
    match looked {
        [one] => format!("looked for `{}`", one.display()),
        _ => "no folder of `PATH` has it".to_owned(),
    }
}
