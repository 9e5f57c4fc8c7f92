//! The plan: every file of every repo, worked out before anything is touched.
//!
//! Pure: a catalog and templates in, texts out. The same model gives the same
//! bytes, whatever is on the disk.

mod attributes;
mod ci;
mod contract;
mod family;
mod file;
mod flake;
mod owners;
mod readme;
mod scaffold;
mod text;

pub use contract::{CONTRACT, Contract};
pub use family::{Plan, RegistryPlan, RepoPlan, plan};
pub use file::{FileKind, PlannedFile};
pub use text::Text;

pub use crate::render::Provenance;
