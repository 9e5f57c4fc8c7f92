//! The fewest packages to move so that nothing needs anything above it.

mod cut;
mod order;
mod out_of_order;
mod plan;
mod problem;
mod search;

pub use cut::Cut;
pub use plan::{Move, MovePlan, Peers};
pub use search::NoPlan;
