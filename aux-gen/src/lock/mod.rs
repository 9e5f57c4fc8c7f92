//! `flake.lock` without Nix: read, worked out from git objects, and written byte for
//! byte as Nix writes it.
//!
//! What is locked is what git has committed; no file of a checkout is read. Nix
//! decides whether that is right: tests compare every lock with `nix flake lock`.

mod attributes;
mod checkouts;
mod file;
mod forms;
mod input_error;
mod inputs;
mod nar;
mod nodes;
mod reference;
mod remembered;
mod resolve;
mod url;

pub use attributes::Unportable;
pub use checkouts::{Checkouts, PinError};
pub use file::{InputRef, LockError, LockFile, Node};
pub use input_error::{InputError, InputReason};
pub use inputs::{FlakeInputs, Spec};
pub(crate) use nar::must_have_an_end;
pub use nar::{NarHash, TreeError};
pub use reference::{Reference, ReferenceError};
pub use remembered::Remembered;
pub use resolve::{Dialect, Pinned, Source, lock};
