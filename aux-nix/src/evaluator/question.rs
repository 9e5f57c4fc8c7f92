//! What is asked and what comes back, one for one.

use std::time::Duration;

use serde::de::DeserializeOwned;

use crate::evaluator::failure::Failure;

/// One expression whose value is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The asker's name for it; any text, repeated in the answer and never shown to Nix.
    pub key: String,
    /// A Nix expression; `scope` is bound. Relative paths mean nothing in it.
    pub expr: String,
}

impl Question {
    /// Asks for the value of `expr` under the name `key`.
    pub fn new(key: impl Into<String>, expr: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            expr: expr.into(),
        }
    }
}

/// The value of an expression, or why it has none.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// What `builtins.toJSON` makes of it.
    Value(serde_json::Value),
    /// It has no value, or none that JSON can hold.
    Failed(Failure),
}

impl Answer {
    /// The value, when there is one.
    pub fn value(&self) -> Option<&serde_json::Value> {
        match self {
            Self::Value(value) => Some(value),
            Self::Failed(_) => None,
        }
    }

    /// The failure, when it failed.
    pub fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Value(_) => None,
            Self::Failed(failure) => Some(failure),
        }
    }

    /// The value as a type.
    ///
    /// # Errors
    /// The reason why it failed, or why its value is not of this type.
    pub fn read<T: DeserializeOwned>(self) -> Result<T, String> {
        match self {
            Self::Value(value) => serde_json::from_value(value).map_err(|error| error.to_string()),
            Self::Failed(failure) => Err(failure.reason),
        }
    }
}

/// The answer to one [`Question`].
#[derive(Clone, Debug, PartialEq)]
pub struct Answered {
    /// The question's key.
    pub key: String,
    /// Its value or failure.
    pub answer: Answer,
    /// How long Nix took, parts of `scope` it was the first to need included;
    /// zero for a question that was never evaluated.
    pub elapsed: Duration,
}
