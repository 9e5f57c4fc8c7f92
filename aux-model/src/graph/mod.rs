//! Directed graphs over indices: the one place that knows petgraph.
//!
//! Everything here is iterative, because a chain may be as long as there are
//! packages.

mod cycle;
mod flow;
mod relevel;

pub(crate) use cycle::Digraph;
pub(crate) use flow::INFINITE;
pub(crate) use relevel::{Relevelled, relevel};
