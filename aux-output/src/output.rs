//! The envelope of every output, and how it is read.

use std::fmt;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::error::Error;

/// The version of the format of all outputs: a higher minor version has more keys or more
/// values of open texts, a higher major version means something else by the same keys.
pub const FORMAT: &str = "1.0";

/// The result of a command.
pub trait Output: Serialize + DeserializeOwned {
    /// What stands in `command` of the envelope.
    const COMMAND: &'static str;
}

/// What a command prints with `--format json`: one object, on standard output.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Envelope<T> {
    /// The version of the format, such as `1.0`.
    pub format: String,
    /// What was printed, such as `where` or `release-diff`.
    pub command: String,
    /// The result, or why there is none.
    #[serde(flatten)]
    pub outcome: Ended<T>,
    /// What people are told on standard error besides.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// A result, or why there is none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Ended<T> {
    /// The command has done what it was asked for, whatever it found: the exit code says that.
    Result(T),
    /// It stopped before it had a result.
    Error(Error),
}

impl<T> Envelope<T> {
    /// The envelope of a result or an error.
    #[must_use]
    pub fn of(command: &str, outcome: Ended<T>) -> Self {
        Self {
            format: FORMAT.to_owned(),
            command: command.to_owned(),
            outcome,
            warnings: Vec::new(),
        }
    }
}

/// Reads what a command printed.
///
/// ```
/// let text = r#"{ "format": "1.0", "command": "coverage", "result": { "repos": [] } }"#;
/// let coverage: aux_output::Coverages = aux_output::read(text)?;
/// assert!(coverage.repos.is_empty());
/// # Ok::<(), aux_output::ReadError>(())
/// ```
///
/// # Errors
/// [`ReadError::Failed`] if the command failed; the others if the text is not what the command
/// of `T` prints, or of a later major version of the format.
pub fn read<T: Output>(text: &str) -> Result<T, ReadError> {
    #[derive(Deserialize)]
    struct Head {
        format: String,
        command: String,
    }
    let head: Head = serde_json::from_str(text).map_err(ReadError::Json)?;
    let major = |version: &str| version.split('.').next().map(str::to_owned);
    if major(&head.format) != major(FORMAT) {
        return Err(ReadError::Format(head.format));
    }
    #[derive(Deserialize)]
    struct Failed {
        error: Option<Error>,
    }
    let failed: Failed = serde_json::from_str(text).map_err(ReadError::Json)?;
    if let Some(error) = failed.error {
        return Err(ReadError::Failed(Box::new(error)));
    }
    if head.command != T::COMMAND {
        return Err(ReadError::Command {
            expected: T::COMMAND,
            found: head.command,
        });
    }
    #[derive(Deserialize)]
    struct Done<T> {
        result: T,
    }
    let done: Done<T> = serde_json::from_str(text).map_err(ReadError::Json)?;
    Ok(done.result)
}

/// Why an output could not be read.
#[derive(Debug)]
#[non_exhaustive]
pub enum ReadError {
    /// It is no JSON of this form.
    Json(serde_json::Error),
    /// It is of a version of the format that this crate does not know.
    Format(String),
    /// It is the output of another command.
    Command {
        /// What `T` is printed by.
        expected: &'static str,
        /// What the envelope names.
        found: String,
    },
    /// The command failed, and this is why.
    Failed(Box<Error>),
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json(_) => f.write_str("not an output of aux-gen"),
            Self::Format(found) => write!(
                f,
                "the output has format {found}, and this crate reads {FORMAT}"
            ),
            Self::Command { expected, found } => {
                write!(f, "the output is of `{found}`, not of `{expected}`")
            }
            Self::Failed(error) => write!(f, "the command failed: {error}"),
        }
    }
}

impl std::error::Error for ReadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Json(error) => Some(error),
            Self::Failed(error) => Some(&**error),
            Self::Format(_) | Self::Command { .. } => None,
        }
    }
}

/// A line on standard error with `--progress json`: how far a piece of work is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Progress {
    /// The version of the format.
    pub format: String,
    /// The command that runs.
    pub command: String,
    /// How far it is.
    pub progress: Step,
}

/// How far a piece of work is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Step {
    /// What is being done, such as `evaluated`.
    pub step: String,
    /// What it is at: a repo, a wave, a part of the work.
    pub at: Option<String>,
    /// How many are done.
    pub done: Option<usize>,
    /// How many there are, as far as is known by now.
    pub of: Option<usize>,
}

/// A value without what is empty: `null`, and lists and objects of nothing. Two outputs that are
/// the same without it say the same, for what is empty need not be printed.
#[must_use]
pub fn filled(value: &serde_json::Value) -> serde_json::Value {
    use serde_json::Value;
    let is_empty = |value: &Value| match value {
        Value::Null => true,
        Value::Array(all) => all.is_empty(),
        Value::Object(all) => all.is_empty(),
        _ => false,
    };
    match value {
        Value::Array(all) => all.iter().map(filled).collect(),
        Value::Object(all) => {
            let all = all.iter().map(|(key, value)| (key.clone(), filled(value)));
            all.filter(|(_, value)| !is_empty(value)).collect()
        }
        other => other.clone(),
    }
}
