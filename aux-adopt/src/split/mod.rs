//! Splitting: from one tree with all packages to a core and repos above it, so that
//! the whole stays the same bit for bit.

mod assignment;
mod carve;
mod coverage;
mod evidence;
mod family;
mod flat;
mod manifest;
mod members;
mod monorepo;
mod relations;
mod rules;

pub use assignment::{Assignment, Clash, Idle, Pin, Placed, Places, Wanted};
pub(crate) use carve::copy;
pub use carve::{CarveError, Carving, History};
pub use coverage::{Alone, Coverage, coverage};
pub use evidence::Evidence;
pub use family::{BuiltFamily, FamilyError, Target, TargetError, make};
pub(crate) use flat::Flat;
pub use members::{PackageSets, SplitMember, SplitSet};
pub use monorepo::{Monorepo, TreeError};
pub use relations::{RelationNote, Relations};
pub use rules::{Rules, RulesError};
