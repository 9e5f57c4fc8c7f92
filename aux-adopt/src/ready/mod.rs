//! What a core in nixpkgs' style must change so that layers of other repos reach
//! every stage of its bootstrap, and every other package set it makes.
//!
//! The contract is in `docs/contract.md`. Each [`Place`] is found in the syntax tree
//! of the core's own files; what is there already is not asked for again.

mod core;
mod place;
mod places;
mod probe;
mod stubs;

pub use core::{Readiness, STUBS, readiness};
pub use place::{Place, State, Stubs};
pub use probe::{Clause, check};
pub use stubs::{read_stubs, stubs};
