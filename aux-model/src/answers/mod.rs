//! The answers: what goes where, which SIG owns it, which repo may use which, and the
//! plan for a cycle.
//!
//! Every answer comes with its evidence: the edges it follows from, each with
//! the place in the manifest that states it. Nothing here changes the catalog.

mod allowance;
mod core;
mod coverage;
mod cycles;
mod former;
mod graph;
mod moves;
mod owners;
mod place;
mod query;
mod rearrangement;
mod removal;
mod unknown;
mod waves;
mod why;

pub use crate::policy::Weight;
pub use allowance::{Allowance, AllowedCoverage};
pub use core::{CoreReport, MustStay, NeedNot, ShouldMove};
pub use coverage::{Coverage, Missing};
pub use cycles::{PackageCycle, Relation, RepoArc, RepoCycle};
pub use former::Formerly;
pub use graph::{GraphEdge, Observed, PackageGraph};
pub use moves::{Cut, Move, MovePlan, NoPlan, Peers};
pub use owners::{Owned, Owner, Place};
pub use place::{Candidate, Misplaced, Placement, Rule, VariantPlace, Verdict, Wish};
pub use query::{Direction, EdgeFilter, PackageSet};
pub use rearrangement::Rearrangement;
pub use removal::Obstacle;
pub use unknown::Unknown;
pub use waves::Step;
pub use why::Subject;
