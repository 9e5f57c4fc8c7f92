//! What there is to say of cycles.

use std::collections::BTreeSet;

use aux_model::answers::{
    Allowance, GraphEdge, MovePlan, NoPlan, PackageCycle, PackageGraph, RepoCycle,
};
use aux_model::{Problem, RepoName};
use serde::Serialize;

/// What is found, in the order in which it is shown.
#[derive(Serialize)]
pub(crate) struct Found<'g, 'c> {
    #[serde(skip)]
    pub(crate) graph: &'g PackageGraph<'c>,
    pub(crate) packages: Vec<PackageCycle<'g, 'c>>,
    pub(crate) repos: Vec<Cycle<'g, 'c>>,
    pub(crate) out_of_order: Vec<OutOfOrderGroup<'g, 'c>>,
    /// What errors `check` would find once all groups are put in order; none if there is no
    /// group or no plan.
    pub(crate) proof: Option<Proof>,
}

#[derive(Serialize)]
pub(crate) struct Cycle<'g, 'c> {
    #[serde(flatten)]
    pub(crate) cycle: RepoCycle<'g, 'c>,
    /// Whether it passes peers or allowed pairs only, so that nothing is wrong.
    pub(crate) fine: bool,
    /// The moves after which the cycle is gone: for one that is not fine, those
    /// of its group.
    pub(crate) plan: Plan,
    /// The pair of it that the policy could allow.
    pub(crate) allow: Option<Allowance>,
}

/// Repos that only moves can put in order.
#[derive(Serialize)]
pub(crate) struct OutOfOrderGroup<'g, 'c> {
    pub(crate) repos: BTreeSet<RepoName>,
    /// Needed edges that point to a higher tier.
    pub(crate) upward: Vec<&'g GraphEdge<'c>>,
    pub(crate) plan: Plan,
}

/// A plan, or why there is none: `null` for machines.
#[derive(Clone, Serialize)]
#[serde(into = "Option<MovePlan>")]
pub(crate) struct Plan(pub(super) Result<MovePlan, NoPlan>);

impl From<Plan> for Option<MovePlan> {
    fn from(plan: Plan) -> Self {
        plan.0.ok()
    }
}

/// Whether the plans do what they say, tried on a copy of the manifest.
#[derive(Serialize)]
pub(crate) struct Proof {
    pub(crate) clean: bool,
    pub(crate) problems: Vec<Problem>,
}
