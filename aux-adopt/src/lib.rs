//! Brings packages that exist into a family of flake repositories.
//!
//! [`adopt`] describes a repository that exists as a manifest, [`import`] brings one package,
//! [`split`] makes a family of one tree, [`ready`] finds what a core needs for layers.

// This crate starts no process: see `clippy.toml`.
#![forbid(clippy::disallowed_types)]

pub mod adopt;
pub mod import;
pub mod index;
pub mod layout;
pub mod ready;
pub mod relayout;
pub mod split;
mod tree_set;

pub use tree_set::{OverError, TreeSet};
