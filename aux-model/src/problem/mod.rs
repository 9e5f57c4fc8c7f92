//! Problems: what is wrong in the user's files.
//!
//! A problem is collected, never thrown; a run reports all of them, sorted by
//! place. What is wrong with the disk, Nix or this program is an error instead
//! and lives where it happens.

mod all;
mod code;
mod one;
mod subject;

pub use all::Problems;
pub use code::{Code, UnknownCode};
pub use one::{Problem, Related, Severity};
pub use subject::{ProblemSubject, SubjectKind};
