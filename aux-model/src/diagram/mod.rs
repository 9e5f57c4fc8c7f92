//! Graphs to draw: tiers, SIGs, repos or packages, and the ways to make one
//! small enough to read.

mod around;
mod collapsed;
mod drawing;
mod packages;
mod reduced;
mod repos;

pub use drawing::{Arc, ArcKind, Diagram, Node};
