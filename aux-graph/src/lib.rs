//! Questions about directed graphs over indices: components, shortest cycles, reductions,
//! neighbourhoods, and levels at the smallest price. The one place that knows petgraph.
//!
//! Everything here is iterative, because a chain may be as long as there are packages.
//!
//! ```
//! use aux_graph::Digraph;
//!
//! // 0 needs 1, 1 needs 2, and 2 needs 1 again.
//! let graph = Digraph::new(3, [(0, 1), (1, 2), (2, 1)]);
//! assert_eq!(graph.cyclic_components(), [vec![1, 2]]);
//! ```

// This crate starts no process: see `clippy.toml`.
#![forbid(clippy::disallowed_types)]

mod cycle;
mod digraph;
mod flow;
mod near;
mod reduce;
mod relevel;

pub use cycle::Shortest;
pub use digraph::Digraph;
pub use flow::INFINITE;
pub use near::near;
pub use reduce::{Reduction, reduce};
pub use relevel::{Relevelled, relevel};
