//! Promotion: all branches move, or none.

mod moves;
#[expect(clippy::module_inception, reason = "the noun of this folder")]
mod promote;
mod remotes;

pub use promote::{Promoted, promote};
