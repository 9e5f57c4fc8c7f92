//! The index of a core that is somebody else's: one evaluation of its package set, which everything
//! that asks for names reads from then on.

mod evaluated;

pub use evaluated::{Index, index};
