//! Which packages go to which repo: a person's rules, or chance.

mod chance;
mod choice;
mod error;
mod file;
mod pattern;

pub(super) use chance::chance;
pub use choice::Rules;
pub(super) use choice::{Choice, RepoRules, plain_owner};
pub use error::RulesError;
pub(super) use pattern::{Pattern, PatternOf};
