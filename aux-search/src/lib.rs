//! "Where is the thing I want?": looks words up among everything that a family has.
//!
//! A search borrows: `Thing` is what may be found, `Query` says how well it
//! fits, and only what is given out becomes a [`Hit`].

// This crate starts no process: see `clippy.toml`.
#![forbid(clippy::disallowed_types)]

mod filter;
mod fit;
mod found;
mod hit;
mod likeness;
mod of_catalog;
mod part;
mod query;
mod thing;

pub use filter::HitFilter;
pub use fit::Match;
pub use hit::{Hit, HitKind};
pub use of_catalog::Search;
