//! What must hold in any by-name tree, generated or not: RFC 140's layout, and that
//! a package's directory can be moved without breaking what is in it.
//!
//! Only texts and the file system are asked, never Nix: a tree can be vetted that
//! does not evaluate. Findings are [`Problem`](aux_model::Problem)s, so that they are shown,
//! explained and counted as those of a manifest.

mod case;
mod fix;
mod layout;
mod ratchet;
mod references;
mod tree;

pub use fix::{Fix, Fixed, Reached, fix};
pub use ratchet::{Unfit, only_new, revision, told_once};
pub use tree::{Place, TreeDescription, Vetted, vet};
