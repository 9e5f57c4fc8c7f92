//! Asks a family of flake repositories whether it keeps its contract.
//!
//! [`evaluate`] asks real Nix, [`scan`] finds who needs whom by origin, [`vet`] reads by-name
//! trees. Nothing here changes a repository.

// This crate starts no process: see `clippy.toml`.
#![forbid(clippy::disallowed_types)]

pub mod evaluate;
pub mod scan;
pub mod vet;
