//! Why a command stopped: an error with its causes and a way out.

use std::error::Error;

use aux_gen::diagram::DiagramError;
use aux_gen::disk::DiskError;
use aux_gen::render::TemplateError;
use aux_model::{Problems, Source};
use aux_nix::NixError;
use aux_train::TrainError;
use aux_train::release::ReleaseError;

use crate::exit::Exit;

/// A command that did not do what it was asked for.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The user's files have problems.
    Problems {
        problems: Problems,
        sources: Vec<Source>,
        /// They are in what the command would have written.
        drafted: bool,
    },
    /// Something else, with its causes.
    Other {
        exit: Exit,
        message: String,
        causes: Vec<String>,
        hint: Option<String>,
    },
}

impl Failure {
    /// The user asked for something that cannot be done.
    pub(crate) fn refused(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Other {
            exit: Exit::Error,
            message: message.into(),
            causes: Vec::new(),
            hint: Some(hint.into()).filter(|hint| !hint.is_empty()),
        }
    }

    /// As [`Self::refused`], because of what git, Nix or the disk said.
    pub(crate) fn because(
        error: &dyn Error,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        let mut causes = vec![error.to_string()];
        causes.extend(causes_of(error));
        Self::Other {
            exit: Exit::Error,
            message: message.into(),
            causes,
            hint: Some(hint.into()).filter(|hint| !hint.is_empty()),
        }
    }

    fn error(error: &dyn Error, hint: Option<String>) -> Self {
        Self::Other {
            exit: Exit::Error,
            message: error.to_string(),
            causes: causes_of(error).collect(),
            hint,
        }
    }

    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Problems { .. } => Exit::Problems,
            Self::Other { exit, .. } => *exit,
        }
    }
}

impl From<DiskError> for Failure {
    fn from(error: DiskError) -> Self {
        match error {
            DiskError::Template(error) => error.into(),
            error => Self::error(&error, error.hint().map(str::to_owned)),
        }
    }
}

impl From<NixError> for Failure {
    fn from(error: NixError) -> Self {
        Self::error(&error, error.hint().map(str::to_owned))
    }
}

impl From<TrainError> for Failure {
    fn from(error: TrainError) -> Self {
        Self::error(&error, error.hint())
    }
}

impl From<ReleaseError> for Failure {
    fn from(error: ReleaseError) -> Self {
        Self::error(&error, error.hint())
    }
}

impl From<TemplateError> for Failure {
    fn from(error: TemplateError) -> Self {
        // The message of the source is part of this error's own.
        Self::Other {
            exit: Exit::Problems,
            message: error.to_string(),
            causes: Vec::new(),
            hint: error.hint(),
        }
    }
}

impl From<DiagramError> for Failure {
    fn from(error: DiagramError) -> Self {
        Self::error(&error, error.hint().map(str::to_owned))
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::error(&error, None)
    }
}

/// What an error was caused by, and that by, each in its own words.
pub(crate) fn causes_of(error: &dyn Error) -> impl Iterator<Item = String> {
    std::iter::successors(error.source(), |cause| (*cause).source()).map(ToString::to_string)
}
