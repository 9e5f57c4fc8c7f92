//! Moves the commits of a family of flake repositories.
//!
//! [`train`] updates, holds and promotes; change sets are trains that start from other branches.
//! [`release`] names the state of a whole family.

// This crate starts no process: see `clippy.toml`.
#![forbid(clippy::disallowed_types)]

pub mod release;
pub mod train;
