//! Adoption: what repos that exist say of themselves, as a manifest.
//!
//! Everything is read from texts first; [`Adopted::evaluated`] adds what Nix knows
//! better. What is not understood is a [`Note`], never silence. Adopted repos are
//! external: nothing in them is written.

mod adopted;
mod below;
mod core;
mod distinct;
mod entry;
mod evaluated;
mod evaluation;
mod graph;
mod known;
mod laid_out;
mod listed;
mod manifest;
mod missing;
mod over_core;
mod owners;
mod people;
mod places;
mod repo;
mod requirements;
mod text;
mod toml;

pub use adopted::{Adopted, Note};
pub use core::NoCore;
pub(crate) use entry::{Entry, EntryShape};
pub(crate) use evaluated::{Attribute, attribute};
pub use evaluation::{Evaluation, EvaluationError, Unevaluated};
pub use known::{Known, named};
pub use listed::ManifestEntry;
pub use manifest::{Adoption, adoption};
pub use people::{People, PeopleError};
pub(crate) use places::Places;
pub use repo::{origin, outputs, read};
pub(crate) use toml::{is_handle, key, list};
