//! Holds: repos that stay at their last good commit, each as a file in the registry for as
//! long as it is held.

mod commit;
#[expect(clippy::module_inception, reason = "the noun of this folder")]
mod hold;
mod holds;
mod issue;
mod notice;

pub use commit::{commit_holds, push_holds};
pub use hold::{Bisected, Broken, Hold, HoldKind};
pub use holds::{DamagedHold, HELD, Holds, good_commits, renamed_holds};
pub(crate) use issue::hold_label;
pub use issue::{HOLD_LABEL, IssueChange, issue_changes};
pub use notice::{Notice, Noticed, tell};
