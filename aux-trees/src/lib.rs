//! The commands about trees that are no family, or not yet: what a whole package set evaluates to, an
//! index of a core that is somebody else's, and the split of one tree into a family.

// This crate starts no process: see `clippy.toml`.
#![forbid(clippy::disallowed_types)]

pub mod index;
mod named_system;
mod outside;
pub mod snapshot;
pub mod split;

pub use named_system::named_system;
pub use outside::Outside;
