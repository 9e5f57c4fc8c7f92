//! `flake.lock` without Nix: read, worked out from git objects, and written byte for
//! byte as Nix writes it.
//!
//! What is locked is what git has committed; no file of a checkout is read. Nix
//! decides whether that is right: tests compare every lock with `nix flake lock`.

mod attributes;
mod cache;
mod checkouts;
mod family;
mod file;
mod input_error;
mod nar;
mod nodes;
mod resolve;

pub use attributes::Unportable;
pub use cache::LockCache;
pub use checkouts::{Checkouts, PinError};
pub use family::{
    CommitLockError, Copies, FamilyLock, LockState, LockedRepo, RepoLock, Writes, lock_family,
};
pub use file::{InputRef, LOCK, LockError, LockFile, Node};
pub use input_error::{InputError, InputReason};
pub use nar::must_have_an_end;
pub use nar::{NarHash, TreeError, nar_size};
pub use resolve::{LockedInput, Source, lock};
