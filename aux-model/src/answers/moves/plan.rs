//! A plan of moves.

use aux_names::RepoName;

use crate::edge::PackageId;

/// Packages to move, and how good that is.
#[derive(Debug, Clone, serde::Serialize, PartialEq)]
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
