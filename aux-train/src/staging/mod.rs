//! Staging branches: where candidates are, until they are promoted or given up.

mod abort;
mod push;
mod stage;

pub use abort::{abort, clear, unstage};
pub use push::push_candidates;
pub(crate) use push::push_staging;
pub(crate) use stage::{must_be_nobodys, stage};
