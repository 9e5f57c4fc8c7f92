//! From a catalog to the files of a family of flake repositories.
//!
//! Data goes one way: [`disk::Registry`] reads manifest texts into a catalog, [`plan`](mod@plan)
//! works out every file, [`disk`] compares the plan with what is there and writes what
//! differs. [`lock`] writes `flake.lock` files without Nix. A step never reaches back.

// This crate starts no process: see `clippy.toml`.
#![forbid(clippy::disallowed_types)]

pub mod disk;
mod hash;
pub mod init;
pub mod languages;
pub mod lock;
pub mod marker;
pub mod plan;
mod program;
pub mod render;
pub mod testing;
