//! From a catalog to a family of flake repositories.
//!
//! Data goes one way: [`disk::Registry`] reads manifest texts into a catalog,
//! [`plan`] works out every file, [`disk`] compares the plan with what is there
//! and writes what differs, [`nix`] starts the real Nix and [`evaluate`] asks it
//! whether the family keeps its contract. A step never reaches back.

pub mod adopt;
pub mod disk;
pub mod evaluate;
pub mod git;
pub mod import;
pub mod init;
pub mod lock;
pub mod marker;
pub mod nix;
pub mod picture;
pub mod plan;
pub mod ready;
pub mod release;
pub mod render;
mod running;
pub mod scan;
pub mod split;
pub mod train;
pub mod vet;

pub use running::end_all;
