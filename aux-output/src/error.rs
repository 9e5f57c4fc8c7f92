//! Why a command stopped.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::problem::Problem;

/// Why a command stopped before it had a result.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Error {
    /// What kind of error, such as `not-found`; codes may be added.
    pub code: String,
    /// What went wrong, in one sentence.
    pub message: String,
    /// What caused that, each cause in its own words.
    #[serde(default)]
    pub causes: Vec<String>,
    /// The way out, if there is one to name.
    pub help: Option<String>,
    /// The problems of the user's files, if `code` is `problems`.
    #[serde(default)]
    pub problems: Vec<Problem>,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

macro_rules! codes {
    ($($variant:ident = $text:literal, $summary:literal, $explanation:literal;)*) => {
        /// What kind of error stopped a command.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum ErrorCode {
            $(#[doc = $summary] $variant,)*
        }

        impl ErrorCode {
            /// Every code, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The stable text, such as `not-found`.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// What is wrong, in one line.
            #[must_use]
            pub fn summary(self) -> &'static str {
                match self { $(Self::$variant => $summary,)* }
            }

            /// Why, and what to do, in a paragraph of Markdown.
            #[must_use]
            pub fn explanation(self) -> &'static str {
                match self { $(Self::$variant => $explanation,)* }
            }
        }
    };
}

codes! {
    Problems = "problems",
    "The manifest, or what it would become, has problems.",
    "The command needs a manifest without errors. `problems` of the error lists them, each with a code of its own and a place; `aux-gen check` shows them with the lines they are about. Nothing was written. The exit code is 3.";
    NotFound = "not-found",
    "Nothing has the name that was given.",
    "A name, path or commit on the command line names nothing that the registry has. The help names the nearest one if there is one. The exit code is 1.";
    Refused = "refused",
    "The command would do something that it must not do.",
    "What was asked for would overwrite or lose something, contradicts itself, or is not possible in this registry as it is. The message says what stands in the way and the help how to get past it. Nothing was written. The exit code is 1.";
    Usage = "usage",
    "The command line is wrong.",
    "An option or a command is unknown, or a value is not one that it takes. `aux-gen COMMAND --help` lists what there is. Nothing was done. The exit code is 2.";
    Disk = "disk",
    "A file or folder could not be read or written.",
    "The operating system refused, something unexpected is in the way, or another run has the registry locked. Each file is as it was, or as it should be: a run that was ended half way is finished by the next one, or by `aux-gen recover`. The exit code is 1.";
    Nix = "nix",
    "Nix could not be started, or ended in an unexpected way.",
    "aux-gen needs `nix` of version 2.8 or later on `PATH` for everything that evaluates. A package that fails to evaluate is not this error: it is part of the result. The exit code is 1.";
    Git = "git",
    "git refused, or a repository is not as it has to be.",
    "The causes have git's own words. A repository that is not checked out, a remote that cannot be reached or a branch that somebody else moved are the usual ones. Branches are moved all together or not at all. The exit code is 1.";
    Forge = "forge",
    "The forge did not do what it was asked for.",
    "The message has what was asked, the status that the forge answered and what it says. A token that is missing, has expired or may not write issues is the usual reason; `AUX_GEN_TOKEN` has it. What was done before stays, and the next run does the rest. The exit code is 1.";
    Template = "template",
    "A template cannot be used.",
    "A template of the registry's own has a syntax error, names a value that there is not, or overrides one that does not exist. The message has the file and the line. The exit code is 3.";
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for ErrorCode {
    type Err = UnknownErrorCode;

    fn from_str(text: &str) -> Result<Self, UnknownErrorCode> {
        let mut all = Self::ALL.iter().copied();
        all.find(|code| code.as_str() == text)
            .ok_or_else(|| UnknownErrorCode(text.to_owned()))
    }
}

/// A text that is no code of an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownErrorCode(pub String);

impl fmt::Display for UnknownErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not the code of an error", self.0)
    }
}

impl std::error::Error for UnknownErrorCode {}
