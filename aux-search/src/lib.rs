//! "Where is the thing I want?": looks words up among everything that a family has.
//!
//! An [`Index`] has everything that may be found, as data; a search goes over it, whether it was
//! made of a family a moment ago or published beside a site. Only what is given out becomes a
//! [`Hit`].

// This crate starts no process: see `clippy.toml`.
#![forbid(clippy::disallowed_types)]

mod filter;
mod fit;
mod hit;
mod index;
mod likeness;
mod of_family;
mod part;
mod query;
mod search;

pub use filter::HitFilter;
pub use fit::Match;
pub use hit::{Hit, HitKind};
pub use index::{Entry, FormerName, INDEX_FORMAT, Index, IndexError, OtherName, SetNames};
pub use search::Search;
