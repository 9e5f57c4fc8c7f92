//! Asks the real Nix whether the family keeps its contract, repo by repo and
//! attribute by attribute, each alone and through top-level.
//!
//! What is asked follows from the catalog, never from what the flakes say of
//! themselves; otherwise a repo that lost its packages would look fine.

pub(crate) mod clauses;
pub(crate) mod differing;
pub(crate) mod family;
mod flakes;
mod metas;
mod options;
pub(crate) mod pins;
mod planned;
mod report;
mod run;
mod siblings;
mod sources;
mod subject;

pub use metas::{MetaSays, Metas, metas};
pub use options::Options;
pub use planned::{PlannedError, evaluate_plan};
pub use report::{
    ClauseReport, Differing, Drifted, LeftOut, RepoReport, Report, Resolution, Tally, Unavailable,
};
pub use run::evaluate;
pub use siblings::untracked;
pub use sources::Checkout;
