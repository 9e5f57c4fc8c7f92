//! `split`: one tree becomes a core and repos above it, and nothing else changes.

mod json;
mod lacking;
mod placement;
mod plan;
mod registry;
mod report;
mod run;
mod steps;
mod verify;

pub use run::run;
