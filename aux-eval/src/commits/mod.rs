//! Real Nix on commits that nobody has checked out, alone and as a part of top-level.
//! Inputs are overridden, so that no lock is written and nothing is fetched.
//!
//! One question to Nix is enough for a repo that is good. Only for one that is not, its
//! tree and those of what it uses are written to a scratch folder, and every package is
//! asked for alone, so that each failure has its reason.

mod build;
mod contracts;
mod differing;
mod error;
mod evaluator;
mod memory;
mod offered;
mod pins;
mod scratch;
mod view;

pub use build::Builds;
pub use contracts::{Contracts, Versions, interface_of};
pub use error::CommitsError;
pub use evaluator::{Commits, FamilyPackage};
pub use memory::Memory;
pub use view::{Asked, Evaluated, View};
