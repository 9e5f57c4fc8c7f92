//! Why an expression has no value.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An expression that has no value, and what Nix said about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Failure {
    /// What sort of failure, for counting and for deciding.
    pub kind: FailureKind,
    /// The cause in one line, without colours or places inside our own directories.
    pub reason: String,
    /// Everything Nix printed about it; the middle is left out of very long ones.
    pub detail: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind, self.reason)
    }
}

/// The sorts of failure told apart.
///
/// Only [`Thrown`](Self::Thrown) and [`AssertionFailed`](Self::AssertionFailed)
/// can be caught by `builtins.tryEval`; all others end the evaluation of whatever
/// asked for the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum FailureKind {
    /// `throw`.
    Thrown,
    /// `assert` of something false.
    AssertionFailed,
    /// `abort`.
    Aborted,
    /// An attribute, or a flake output, that is not there.
    MissingAttribute,
    /// A path that is not there, or a `<name>` outside the search path.
    MissingFile,
    /// A function called without an argument it requires, or with one it refuses.
    MissingArgument,
    /// A name that nothing binds.
    UndefinedVariable,
    /// A value that needs itself.
    InfiniteRecursion,
    /// Calls nested deeper than the stack.
    StackOverflow,
    /// Text that is no Nix expression.
    Syntax,
    /// A value of one type where another is needed.
    TypeMismatch,
    /// Something the restricted or pure evaluation refuses: a path, a URL, a build.
    NotAllowed,
    /// A time limit passed.
    TimedOut,
    /// The memory limit, or the machine's memory, was used up.
    OutOfMemory,
    /// The process ended without saying why.
    Died,
    /// Anything else Nix can say.
    Other,
}

impl FailureKind {
    /// The name used in JSON and in messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Thrown => "thrown",
            Self::AssertionFailed => "assertion-failed",
            Self::Aborted => "aborted",
            Self::MissingAttribute => "missing-attribute",
            Self::MissingFile => "missing-file",
            Self::MissingArgument => "missing-argument",
            Self::UndefinedVariable => "undefined-variable",
            Self::InfiniteRecursion => "infinite-recursion",
            Self::StackOverflow => "stack-overflow",
            Self::Syntax => "syntax",
            Self::TypeMismatch => "type-mismatch",
            Self::NotAllowed => "not-allowed",
            Self::TimedOut => "timed-out",
            Self::OutOfMemory => "out-of-memory",
            Self::Died => "died",
            Self::Other => "other",
        }
    }
}

impl fmt::Display for FailureKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
