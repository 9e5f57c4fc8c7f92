//! `flake.lock` without Nix: read, worked out from git objects, and written byte for
//! byte as Nix writes it.
//!
//! What is locked is what git has committed; no file of a checkout is read. Nix
//! decides whether that is right: tests compare every lock with `nix flake lock`.

mod checkouts;
mod file;
mod inputs;
mod nar;
mod reference;
mod remembered;
mod resolve;

pub use checkouts::{Checkouts, PinError};
pub use file::{InputRef, LockError, LockFile, Node};
pub use inputs::{FlakeInputs, Spec};
pub use nar::NarHash;
pub use reference::Reference;
pub use remembered::Remembered;
pub use resolve::{Dialect, Pinned, Source, lock};
