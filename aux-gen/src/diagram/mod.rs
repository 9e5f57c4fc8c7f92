//! Diagrams of graphs: as text for DOT and Mermaid, and as SVG where graphviz is
//! installed.

mod dot;
mod graphviz;
mod mermaid;
mod parts;

pub use dot::dot;
pub use graphviz::{DiagramError, svg};
pub use mermaid::mermaid;
