//! Continuous integration: workflows for the forges' runners, in every repo and
//! in the registry, and what Hydra is told.
//!
//! The files of the two forges come from the same templates. A workflow holds
//! checked names only, and the pattern of a branch without `${{`: a forge would read that
//! in any text as code. What is done with paths and URLs is in scripts beside them.

mod check;
mod family;
mod forge;
mod hydra;
mod pins;
mod regenerate;
mod runner;
mod scripts;
mod train;

pub(super) use check::Check;
pub(super) use family::FamilyCheck;
pub(super) use forge::Forge;
pub(super) use hydra::{SPEC, spec};
pub(super) use regenerate::Regenerate;
pub(super) use scripts::{FETCH, Fetch, PROPOSE, Propose};
pub(super) use train::{TRAIN, Train, TrainScript};
