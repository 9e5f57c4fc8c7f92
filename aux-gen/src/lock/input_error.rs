//! Why an input cannot be locked.

use aux_nix::flake::{MOST_NESTED_INPUTS, Reference, ReferenceError};

/// An input cannot be locked.
#[derive(Debug, thiserror::Error)]
#[error("the input `{input}` {reason}")]
pub struct InputError {
    /// The path of the input from the flake.
    pub input: String,
    /// Why.
    pub reason: InputReason,
}

/// Why an input cannot be locked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InputReason {
    /// Nobody knows what it is.
    #[error(
        "({}) is no git repository of the family that is checked out, and is not locked yet; lock it once with `nix flake lock`", .0.text()
    )]
    Unknown(Reference),
    /// Only a registry knows what it is.
    #[error(
        "({}) is looked up in the flake registry and is not locked yet; lock it once with `nix flake lock`, or give it a `url`", .0.text()
    )]
    Registry(Reference),
    /// Its reference is none.
    #[error("cannot be read: {0}")]
    Reference(ReferenceError),
    /// Nobody says any more what one of its inputs follows, and its flake is not here.
    #[error(
        "({}) has an input `{inner}` that follows nothing any more, so that its own flake counts, which is not here; run `nix flake lock`", .reference.text()
    )]
    NotHere {
        /// What it is.
        reference: Reference,
        /// The input of the input.
        inner: String,
    },
    /// A flake has itself among its inputs, and no lock that would end it.
    #[error("is an input of itself: `{}`", .0.text())]
    Cycle(Reference),
    /// What it follows is not there, or follows it.
    #[error("follows `{0}`, which is no input, or which follows it")]
    Follows(String),
    /// It is too deep in others.
    #[error("is more than {MOST_NESTED_INPUTS} inputs deep")]
    Deep,
    /// There are too many before it.
    #[error("is one too many: no lock has more than {} nodes", super::file::MOST)]
    Many,
}
