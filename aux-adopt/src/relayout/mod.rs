//! From another layout to by-name directories (RFC 140), with every derivation the same.
//!
//! Packages move out of folders that hold one folder for each, and out of lists of `callPackage`
//! calls. What read them reads by-name directories from then on. Whether that is so Nix says, of a
//! copy, before anything in the tree is touched.

mod error;
mod plan;
mod text;
mod tree;
mod tried;

pub use error::RelayoutError;
pub use plan::{Move, Relayout};
pub(crate) use text::{COMMENTED, Call, calls};
pub use tried::{apply, relayout};
