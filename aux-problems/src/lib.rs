//! Problems: what is wrong in the user's files, with a stable code and a place in a text.
//!
//! A problem is collected, never thrown; a run reports all of them, sorted by
//! place. What is wrong with the disk, Nix or this program is an error instead
//! and lives where it happens.

// This crate starts no process: see `clippy.toml`.
#![forbid(clippy::disallowed_types)]

mod all;
mod code;
mod equality;
mod one;
pub mod remembered;
mod source;
mod subject;
mod syntax;
mod word;

pub use all::Problems;
pub use code::{Code, UnknownCode};
pub use one::{Problem, Related, Severity};
pub use source::{At, Located, Location, Source, offset_u32};
pub use subject::{ProblemSubject, SubjectKind};
pub use syntax::explain_syntax;
pub use word::UnknownWord;
