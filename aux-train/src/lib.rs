//! Moves the commits of a family of flake repositories.
//!
//! The update train: every repo of a family moves to the newest state of those below it,
//! wave by wave, and one that breaks is held where it was good while the rest goes on. A change
//! set is a train that starts from other branches. [`release`] names the state of a whole family.
//!
//! A candidate is a commit that nothing but a staging branch names. Real Nix judges it,
//! alone and as a part of top-level; no folder that somebody works in is touched, and no
//! branch that somebody uses moves, until [`promote()`]. What is known is written down after
//! every wave, so that a train that was ended goes on where it was.
//!
//! "The last good commit" of a repo is the one that the committed lock of top-level names:
//! what the family agreed on last needs no book of its own.

// This crate starts no process: see `clippy.toml`.
#![forbid(clippy::disallowed_types)]

pub mod borrow;
mod candidate;
mod changeset;
mod error;
mod fence;
mod hold;
mod impact;
mod judge;
mod on_forge;
mod promote;
mod proposed;
mod refusal;
pub mod release;
mod repository;
mod request;
mod run;
mod staging;
mod start;
mod state;
pub mod sync;
mod wave;
mod wiring;

pub use changeset::{landable, unforeseen};
pub use error::TrainError;
pub use hold::{
    Bisected, Broken, DamagedHold, HELD, HOLD_LABEL, Hold, HoldKind, Holds, IssueChange, Notice,
    Noticed, commit_holds, good_commits, issue_changes, push_holds, renamed_holds, tell,
};
pub use impact::{Impact, ImpactContext, RepoImpact, impact_of, impact_since};
pub use on_forge::{FamilyOnForge, host_and_path};
pub use promote::{Promoted, promote};
pub use refusal::Refusal;
pub use request::{Pushes, UpdateRequest};
pub use run::{Progress, TrainContext, run};
pub use staging::{abort, clear, push_candidates, unstage};
pub use start::start;
pub use state::{Outcome, Phase, RepoState, Train};
