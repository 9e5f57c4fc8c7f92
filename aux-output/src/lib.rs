//! What `aux-gen` prints with `--format json`, as types.
//!
//! Every command prints one object, the [`Envelope`]: the version of the format, the name of
//! the output, and `result` or `error`. [`read`] takes it apart:
//!
//! ```no_run
//! use std::process::Command;
//!
//! let output = Command::new("aux-gen").args(["where", "numpy", "--format", "json"]).output()?;
//! let found: aux_output::Found = aux_output::read(&String::from_utf8(output.stdout)?)?;
//! for hit in found.hits {
//!     println!("{} {}", hit.kind, hit.name);
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What may change
//! Within one major version of [`FORMAT`] keys are added, never removed or renamed, and texts
//! such as the `kind` of a [`Hold`] may have values that are new. So unknown keys are skipped
//! when an output is read, and such texts are strings here and no enums. Keys are in
//! `snake_case`, and values of a fixed set in `kebab-case`. A key that is `null` may be absent.
//!
//! The types are plain: they use nothing of the program itself, which may change while its
//! output stays. With the feature `schema` they have JSON Schemas, which
//! `aux-gen schema --output COMMAND` prints.

#![forbid(clippy::disallowed_types)]

mod answers;
mod borrowing;
mod costs;
mod error;
mod evaluation;
mod family;
mod files;
mod forge;
mod impact;
mod locks;
mod names;
mod output;
mod problem;
mod reference;
#[cfg(feature = "schema")]
mod schema;
mod site;
mod splitting;
mod trains;

pub use answers::{
    Allowance, AllowedCoverage, Arc, Candidate, ConsumerFlake, Core, Coverage, Coverages, Cut,
    Cycles, Diagram, Edge, FormerThing, Found, Hit, Misplaced, MisplacedPackage, MissingPackage,
    Move, MovePlan, MustStay, NeedNot, Node, OutOfOrder, Owned, Owners, PackageCycle, Placement,
    Proof, Rearranged, RepoArc, RepoCycle, ShouldMove, VariantPlace, Why,
};
pub use borrowing::{
    AgreedOverride, BorrowedCopy, BorrowedPackage, BorrowedPackages, OfferedPackage,
    RefreshedPackage, ReturnedPackage,
};
pub use costs::{
    AttributeCost, Costs, EvaluatedCost, EvaluationCost, ExplainedCost, FolderCost, RepoCost,
};
pub use error::{Error, ErrorCode, UnknownErrorCode};
pub use evaluation::{
    Clause, Differences, Differing, Drifted, Evaluated, EvaluatedRepo, EvaluatedSet, Evaluation,
    FailedAttribute, Lacking, LeftOut, MemberAsks, MemberSurplus, MemberUnread, MemberUnresolved,
    MetaDifference, MetasChecked, Observed, Pair, PairReason, Same, ScanEvaluated, Scanned,
    ScannedMembers, Surplus, Tally, Unavailable, Unevaluated, Unread, Unresolved, Unseen, Unused,
};
pub use family::{
    AddedPackage, AddedSig, Adopted, AdoptedAgain, AdoptedPeople, AdoptedRepo, Imported,
    IndexState, Indexed, LostPath, MissingName, Moved, MovedOther, Note, Started, Unlisted,
    UpstreamChanges, UpstreamCommit, UpstreamPackage,
};
pub use files::{
    Checked, CheckedPlace, Cloned, Commit, Ejected, Explained, ExplainedFile, FileChange,
    FileStatus, Fixed, FixedContract, FixedMove, FixedReached, FixedTree, Generated, KeptFile,
    LeftFolder, Recovered, Resolved, ResolvedFile, Status, Synced, SyncedRepo, Unejected,
};
pub use forge::{ForgeChange, ForgeChanges};
pub use impact::{Impact, RepoImpact};
pub use locks::{Copies, Locked, LockedInput, LockedRepo, LockedVersion, Lockers, Overrides};
pub use names::{AddedRepo, MergedSigs, MovedPath, Removed, Renamed, ReplacedPerson, SplitSig};
pub use output::{Ended, Envelope, FORMAT, Output, Progress, ReadError, Step, filled, read};
pub use problem::{EvalFailure, Location, NamedFailure, Problem, Related, Subject};
pub use reference::{CodeMeaning, Codes, ManualPages};
#[cfg(feature = "schema")]
pub use schema::{progress_schema, schemas};
pub use site::WrittenSite;
pub use splitting::{
    Claim, Clash, CoreClause, IdleRule, Pin, Place, Readiness, Relaid, RelaidMove, RelationNote,
    SplitClashes, SplitMember, SplitPackage, SplitPlan, SplitRepo, SplitSet, StaysThere, Stub,
    Verified, VerifiedSet,
};
pub use trains::{
    Bisected, Broken, BrokenRepo, ChangeDropped, ChangeTried, CheckedOut, CheckedOutRepo,
    DifferingRepo, FrozenRepo, Hold, HoldIssue, Holds, Outcome, PackageDiff, Promoted,
    PromotedRepo, Release, ReleaseDiff, ReleaseTag, ReleaseTarball, ReleasedPackage, Releases,
    RepoDiff, Train, TrainAborted, TrainRepo,
};
