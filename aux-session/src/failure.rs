//! Why a command stopped: an error with its causes and a way out.

use std::error::Error;
use std::io;

use aux_diagram::DiagramError;
use aux_gen::disk::DiskError;
use aux_gen::render::TemplateError;
use aux_model::{Location, Problem, Problems, Severity, Source};
use aux_nix::NixError;
use aux_output::ErrorCode;
use aux_train::TrainError;
use aux_train::release::ReleaseError;

use crate::exit::Exit;
use aux_terminal::count;

/// A command that did not do what it was asked for.
#[derive(Debug)]
pub enum Failure {
    /// The user's files have problems.
    Problems {
        /// What they are.
        problems: Problems,
        /// The texts that they are in.
        sources: Vec<Source>,
        /// They are in what the command would have written.
        drafted: bool,
    },
    /// Something else, with its causes.
    Other {
        /// Its code, for scripts.
        code: ErrorCode,
        /// What it is, in one line.
        message: String,
        /// What it follows from, the nearest first.
        causes: Vec<String>,
        /// The way out.
        hint: Option<String>,
    },
}

impl Failure {
    /// The user asked for something that cannot be done.
    pub fn refused(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::without_cause(ErrorCode::Refused, message.into(), hint.into())
    }

    /// The user named something that there is not.
    pub fn not_found(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::without_cause(ErrorCode::NotFound, message.into(), hint.into())
    }

    /// As [`Self::refused`], because of what git, Nix or the disk said.
    pub fn because(
        code: ErrorCode,
        error: &dyn Error,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        let mut causes = vec![error.to_string()];
        causes.extend(causes_of(error));
        Self::Other {
            code,
            message: message.into(),
            causes,
            hint: Some(hint.into()).filter(|hint| !hint.is_empty()),
        }
    }

    fn without_cause(code: ErrorCode, message: String, hint: String) -> Self {
        Self::Other {
            code,
            message,
            causes: Vec::new(),
            hint: Some(hint).filter(|hint| !hint.is_empty()),
        }
    }

    fn error(code: ErrorCode, error: &dyn Error, hint: Option<String>) -> Self {
        Self::Other {
            code,
            message: error.to_string(),
            causes: causes_of(error).collect(),
            hint,
        }
    }

    /// The exit code that it asks for.
    pub fn exit(&self) -> Exit {
        match self {
            Self::Problems { .. }
            | Self::Other {
                code: ErrorCode::Template,
                ..
            } => Exit::Problems,
            Self::Other { .. } => Exit::Error,
        }
    }

    /// What went wrong, in one sentence.
    pub fn message(&self) -> String {
        match self {
            Self::Problems {
                problems, drafted, ..
            } => {
                let count = count(problems.iter());
                let where_to = if *drafted {
                    " in the manifest as it would be; nothing was written"
                } else {
                    ""
                };
                format!("{count}{where_to}")
            }
            Self::Other { message, .. } => message.clone(),
        }
    }

    /// For machines.
    pub fn output(&self) -> aux_output::Error {
        let message = self.message();
        match self {
            Self::Problems { problems, .. } => aux_output::Error {
                code: ErrorCode::Problems.as_str().to_owned(),
                message,
                causes: Vec::new(),
                help: Some("`aux-gen explain CODE` says more about each kind".to_owned()),
                problems: problems.iter().map(problem).collect(),
            },
            Self::Other {
                code, causes, hint, ..
            } => aux_output::Error {
                code: code.as_str().to_owned(),
                message,
                causes: causes.clone(),
                help: hint.clone(),
                problems: Vec::new(),
            },
        }
    }
}

/// A problem for machines.
pub fn problem(problem: &Problem) -> aux_output::Problem {
    let location = |location: &Location| aux_output::Location {
        file: location.path.to_string(),
        line: location.line,
        column: location.column,
        pointer: location.pointer.as_deref().map(str::to_owned),
    };
    let related = problem.related.iter().map(|related| aux_output::Related {
        location: location(&related.location),
        label: related.label.clone(),
    });
    aux_output::Problem {
        code: problem.code.to_string(),
        severity: match problem.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        }
        .to_owned(),
        location: problem.location.as_ref().map(location),
        subject: problem.subject().map(|subject| aux_output::Subject {
            kind: subject.kind.to_string(),
            name: subject.name,
        }),
        message: problem.message.clone(),
        help: problem.help.clone(),
        related: related.collect(),
    }
}

impl From<DiskError> for Failure {
    fn from(error: DiskError) -> Self {
        match error {
            DiskError::Template(error) => error.into(),
            error => Self::error(code_of(&error), &error, error.hint().map(str::to_owned)),
        }
    }
}

impl From<NixError> for Failure {
    fn from(error: NixError) -> Self {
        Self::error(ErrorCode::Nix, &error, error.hint().map(str::to_owned))
    }
}

impl From<TrainError> for Failure {
    fn from(error: TrainError) -> Self {
        let code = match &error {
            TrainError::Git(_) => ErrorCode::Git,
            TrainError::Disk(error) => code_of(error),
            TrainError::Nix(_) => ErrorCode::Nix,
            TrainError::None | TrainError::NoBranch(_) | TrainError::NoChange(_) => {
                ErrorCode::NotFound
            }
            _ => ErrorCode::Refused,
        };
        Self::error(code, &error, error.hint())
    }
}

impl From<ReleaseError> for Failure {
    fn from(error: ReleaseError) -> Self {
        Self::error(ErrorCode::Git, &error, error.hint())
    }
}

impl From<TemplateError> for Failure {
    fn from(error: TemplateError) -> Self {
        // The message of the source is part of this error's own.
        Self::Other {
            code: ErrorCode::Template,
            message: error.to_string(),
            causes: Vec::new(),
            hint: error.hint(),
        }
    }
}

impl From<DiagramError> for Failure {
    fn from(error: DiagramError) -> Self {
        Self::error(ErrorCode::Refused, &error, error.hint().map(str::to_owned))
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::error(ErrorCode::Disk, &error, None)
    }
}

/// What kind of error the disk's is: a name that is not there, a refusal, or the disk itself.
fn code_of(error: &DiskError) -> ErrorCode {
    match error {
        DiskError::NoRegistry { .. } | DiskError::NotGenerated { .. } => ErrorCode::NotFound,
        DiskError::Read { source, .. } if source.kind() == io::ErrorKind::NotFound => {
            ErrorCode::NotFound
        }
        DiskError::Read { .. } | DiskError::Write { .. } => ErrorCode::Disk,
        DiskError::Git(_) | DiskError::Untold(_) => ErrorCode::Git,
        _ => ErrorCode::Refused,
    }
}

/// What an error was caused by, and that by, each in its own words.
pub fn causes_of(error: &dyn Error) -> impl Iterator<Item = String> {
    std::iter::successors(error.source(), |cause| (*cause).source()).map(ToString::to_string)
}
