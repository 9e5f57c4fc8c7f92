//! The search for the smallest plan.

use std::collections::BTreeSet;

use aux_names::RepoName;

use crate::answers::graph::PackageGraph;
use crate::answers::moves::order;
use crate::answers::moves::plan::{MovePlan, Peers};
use crate::answers::moves::problem::Problem;
use crate::edge::PackageId;
use crate::policy::Weight;

/// Why there is no plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoPlan {
    /// What stays is out of order by itself.
    #[error("no set of moves does while so much is pinned")]
    Pinned,
    /// An exact plan would take more memory than it is worth.
    #[error("they are too many to be put in order at once")]
    TooMany,
}

/// Cells of the network of one order: packages times repos. So many take about a
/// gigabyte.
const MOST_CELLS: usize = 5_000_000;

/// Cells of all orders that are tried together: some seconds of work.
const MOST_TRIED: usize = 10_000_000;

impl PackageGraph<'_> {
    /// The cheapest set of packages to move so that, among `repos`, every needed
    /// edge points to the same repo or to one earlier in some order that agrees
    /// with the tiers. `pinned` packages stay, and so do those of external repos,
    /// which take no others either. Peers of one tier need no order unless they are
    /// to [end](Peers::End). Nothing is moved above what needs it or
    /// below what it needs elsewhere in the family.
    ///
    /// For a given order the plan is exact: a minimum cut. Where the order of
    /// repos within a tier is free, all orders are tried if there are few;
    /// otherwise the order is a good one, and `bound` says how good.
    ///
    /// ```
    /// # let catalog = aux_model::Catalog::from_toml(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/family.toml")))?;
    /// use std::collections::BTreeSet;
    /// use aux_model::Weight;
    /// use aux_model::answers::Peers;
    ///
    /// let repos = BTreeSet::from(["python".parse()?, "javascript".parse()?]);
    /// // They are peers, so they need no order; to end that, one of the two would use the other.
    /// let plan = catalog.graph().move_plan(&repos, &BTreeSet::new(), Weight::Packages, Peers::Stay)?;
    /// assert!(plan.moves.is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// When there is no such set, or the repos have too many packages; then
    /// [`cut`](Self::cut) still answers for two sides.
    pub fn move_plan(
        &self,
        repos: &BTreeSet<RepoName>,
        pinned: &BTreeSet<PackageId>,
        weight: Weight,
        peers: Peers,
    ) -> Result<MovePlan, NoPlan> {
        let problem = Problem::of(self, repos, pinned, weight, peers);
        let cells = problem.packages.len().saturating_mul(repos.len());
        if cells > MOST_CELLS {
            return Err(NoPlan::TooMany);
        }
        let groups = problem.groups();
        let orders = order::all(&groups);
        let orders = orders.filter(|all| all.len().saturating_mul(cells) <= MOST_TRIED);
        let (order, solved, bound) = match orders {
            Some(all) => {
                let solved = all.into_iter().filter_map(|order| {
                    let solved = problem.solve(&order)?;
                    Some((order, solved))
                });
                let best = solved.min_by_key(|(_, solved)| solved.price);
                let (order, solved) = best.ok_or(NoPlan::Pinned)?;
                let bound = solved.price;
                (order, solved, bound)
            }
            None => {
                let order = problem.good_order(&groups);
                let solved = problem.solve(&order).ok_or(NoPlan::Pinned)?;
                (order, solved, problem.bound(&groups))
            }
        };
        Ok(problem.plan(&order, &solved, bound))
    }
}
