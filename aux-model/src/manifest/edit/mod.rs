//! Edits of a manifest's text: comments, order and spacing of what a person
//! wrote stay as they are; only the new lines are new.

mod additions;
mod document;
mod rearranging;

pub use additions::{Addition, NewPackage, NewSig, add_edge, add_package, add_sig};
pub use document::EditError;
pub use rearranging::rearrange;
