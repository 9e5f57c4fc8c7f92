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

impl Failure {
    /// What would let it through, where the expression wants something that [`Reach`](super::Reach)
    /// does not have: in the words of options that fill one.
    #[must_use]
    pub fn way_out(&self) -> Option<String> {
        let said = |text: &str| self.reason.contains(text);
        if said("was not found in the Nix search path") {
            let name = self.reason.split('\'').nth(1).unwrap_or("NAME");
            let name = name.split('/').next().unwrap_or(name);
            return Some(if name == "nixpkgs" {
                "name what it is with `--nixpkgs DIR`".to_owned()
            } else {
                format!("name what it is with `-I {name}=DIR`")
            });
        }
        if said("argument 'pkgs'") || said("argument 'lib'") || said("input `nixpkgs`") {
            return Some("name a package set for it with `--nixpkgs DIR`".to_owned());
        }
        if self.kind != FailureKind::NotAllowed {
            return None;
        }
        if said("access to URI") || said("xperimental") {
            return Some("let Nix fetch with `--allow-network`".to_owned());
        }
        let path = self.reason.split('\'').nth(1)?;
        said("access to absolute path").then(|| format!("let it be read with `-I NAME={path}`"))
    }

    /// The reason, and after a semicolon the [way out](Self::way_out) if there is one.
    #[must_use]
    pub fn reason_with_way_out(&self) -> String {
        match self.way_out() {
            Some(way_out) => format!("{}; {way_out}", self.reason),
            None => self.reason.clone(),
        }
    }
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
    /// The time limit for all questions had passed before this one was asked: nothing is known of it.
    NotAsked,
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
            Self::NotAsked => "not-asked",
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
