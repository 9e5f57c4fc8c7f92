//! Diagrams of a family: its tiers, SIGs, repos or packages, the ways to make one small enough to
//! read, and what draws one: text for DOT and Mermaid, and SVG where graphviz is installed.
//!
//! ```
//! # let catalog = aux_model::Catalog::from_toml(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../aux-model/doc/family.toml")))?;
//! let diagram = aux_diagram::Diagram::of_repos(&catalog);
//! assert!(aux_diagram::mermaid(&diagram).starts_with("flowchart TB"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

// This crate starts no process: see `clippy.toml`.
#![forbid(clippy::disallowed_types)]

mod around;
mod collapsed;
mod dot;
mod drawing;
mod graphviz;
mod mermaid;
mod packages;
mod parts;
mod reduced;
mod repos;

pub use dot::dot;
pub use drawing::{Arc, ArcKind, Diagram, Node};
pub use graphviz::{DiagramError, svg};
pub use mermaid::mermaid;
