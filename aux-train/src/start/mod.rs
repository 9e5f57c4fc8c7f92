//! The start of a train: what every repo's branches are at that moment. Whatever comes
//! later is judged against that, so that a train that goes on tomorrow ends as it would
//! have ended today.

mod agreed;
mod look;
#[expect(clippy::module_inception, reason = "the noun of this folder")]
mod start;

pub(crate) use look::{held, made_by_trains};
pub use start::start;
