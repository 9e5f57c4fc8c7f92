//! The fewest packages to move so that nothing needs anything above it.

mod cut;
mod order;
mod problem;
mod tangles;

pub use cut::Cut;

use std::collections::BTreeSet;

use super::graph::PackageGraph;
use crate::edge::PackageId;
use crate::name::RepoName;
use crate::policy::Weight;
use problem::Problem;

/// Packages to move, and how good that is.
#[derive(Debug, Clone, serde::Serialize)]
#[non_exhaustive]
pub struct MovePlan {
    /// The order that holds afterwards: nothing needs anything of a later repo.
    pub order: Vec<RepoName>,
    /// The moves, in order of package.
    pub moves: Vec<Move>,
    /// The sum of the weights of what moves.
    pub price: u64,
    /// No plan is cheaper than this, whatever the order of repos within a tier.
    pub bound: u64,
    /// What becomes of peers of one tier.
    pub peers: Peers,
}

/// What a plan makes of repos that are peers of one tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Peers {
    /// They may go on needing each other both ways.
    Stay,
    /// They are put in order as well.
    End,
}

/// One package changes its repo.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Move {
    /// The package, where it is now.
    pub package: PackageId,
    /// Where it goes.
    pub to: RepoName,
    /// Its weight.
    pub price: u64,
    /// An edge that would point upwards if it stayed.
    pub because: Option<String>,
}

impl MovePlan {
    /// Whether no plan is cheaper: the bound is reached.
    #[must_use]
    pub fn is_smallest(&self) -> bool {
        self.price == self.bound
    }
}

/// Why there is no plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
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
    /// to [end](Peers::End). Nothing comes to stand above who needs it or
    /// below what it needs elsewhere in the family.
    ///
    /// For a given order the plan is exact: a minimum cut. Where the order of
    /// repos within a tier is free, all orders are tried if there are few;
    /// otherwise the order is a good one, and `bound` says how good.
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
