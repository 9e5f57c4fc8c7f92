//! A plan against the disk: what differs, what people have decided, what is written.

mod changes;
mod commit;
mod compare;
mod decide;
mod elsewhere;
mod explain;
mod freshness;
mod git;
mod home;
mod kept;
mod markers;
mod origin;
mod record;
mod relocated;
mod remember;
mod status;
mod texts;
mod writer;

pub use changes::{Change, ChangeKind, Changes, HomeChanges, LeftHome};
pub use commit::{Committed, Uncommittable, commit, must_be_committed};
pub use compare::compare;
pub use decide::{Decision, decide};
pub use elsewhere::{Orphan, orphans};
pub use explain::{Because, Explanation, explain};
pub use freshness::is_settled;
pub use git::{committed_files, tell_git, tell_git_of_new};
pub use kept::{Kept, KeptReason};
pub use origin::PlanOrigin;
pub use relocated::relocated_record;
pub use remember::remember;
pub use status::{FileState, FileStatus};
pub use writer::{must_be_possible, write};
