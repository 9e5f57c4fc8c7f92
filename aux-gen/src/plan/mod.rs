//! The plan: every file of every repo, worked out before anything is touched.
//!
//! Pure: a catalog and templates in, texts out. The same model gives the same
//! bytes, whatever is on the disk.

mod attributes;
mod ci;
mod consumer;
mod contract;
mod family;
mod file;
mod flake;
mod forward;
mod home;
mod owners;
mod readme;
mod scaffold;
mod starts;
mod text;

pub use consumer::consumer;
pub use contract::{Contract, MovedTo};
pub use family::{Plan, plan};
pub use file::{FileKind, PlannedFile};
pub use home::{Home, HomePlan};
pub use readme::kibibytes;
pub use text::Text;

pub use crate::render::Provenance;
