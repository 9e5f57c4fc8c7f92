//! Directed graphs over indices: the one place that knows petgraph.
//!
//! Everything here is iterative, because a chain may be as long as there are
//! packages.

mod cycle;
mod digraph;
mod flow;
mod near;
mod reduce;
mod relevel;

pub(crate) use digraph::Digraph;
pub(crate) use flow::INFINITE;
pub(crate) use near::near;
pub(crate) use reduce::reduce;
pub(crate) use relevel::{Relevelled, relevel};
