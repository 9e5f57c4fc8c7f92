//! Adoption: what repos that exist say of themselves, as a manifest.
//!
//! Everything is read from texts first; [`Adopted::evaluated`] adds what Nix knows
//! better. What is not understood is a [`Note`], never silence. Adopted repos are
//! external: nothing in them is written.

mod evaluated;
mod manifest;
mod owners;
mod repo;
mod wants;

pub use manifest::{Adoption, Known, adoption};
pub(crate) use manifest::{is_handle, key, list};
pub use repo::{Adopted, Note, outputs, read};
