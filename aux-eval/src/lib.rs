//! Asks a family of flake repositories whether it keeps its contract.
//!
//! [`evaluate`] asks real Nix about checkouts, [`commits`] about commits, [`snapshot`] takes down
//! what a package set evaluates to, [`cost`] what using a repo takes, [`facts`] what
//! Nix knows of packages and modules, [`scan`] finds which package needs which by origin, [`vet`]
//! reads by-name trees. Nothing here changes a repository, but for the fixes of [`vet`] that somebody asks for.

// This crate starts no process: see `clippy.toml`.
#![forbid(clippy::disallowed_types)]

pub mod commits;
pub mod cost;
pub mod evaluate;
pub mod facts;
mod failure;
pub mod scan;
pub mod snapshot;
pub mod vet;

pub use failure::EvalFailure;
