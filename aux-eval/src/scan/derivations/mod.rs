//! What evaluated derivations say: every package is evaluated, the graph of what
//! they are built from is read, and the packages are found in it again.

mod evaluation;
mod known;
mod mapping;
mod sets;

pub use evaluation::derivations;
pub use known::{Derivations, Evaluated, Unevaluated, Unseen};
pub use mapping::SameAs;
pub use sets::View;

pub(super) use known::Known;
pub(super) use mapping::{Owner, Use};
