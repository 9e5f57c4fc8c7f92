//! Holds: repos that stay at their last good commit, each as a file in the registry for as
//! long as it is held.

#[expect(clippy::module_inception, reason = "the noun of this folder")]
mod hold;
mod holds;
mod notice;

pub use hold::{Broken, Hold, HoldKind};
pub use holds::{DamagedHold, HELD, Holds, good_commits};
pub use notice::{Notice, Noticed, tell};
