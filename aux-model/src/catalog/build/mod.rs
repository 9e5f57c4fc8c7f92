//! From a draft to a catalog: every name is looked up, every default filled in.
//!
//! A name that does not exist is a finding; the entry stays, so that the rules
//! can go on and find what else is wrong. A catalog built with findings never
//! leaves this crate.

mod borrowed;
mod builder;
mod channels;
mod edges;
mod former;
mod index;
mod moved;
mod names;
mod organization;
mod packages;
mod people;
mod policy;
mod repos;
mod sets;
mod trees;
mod whole;

pub use index::index_path;
pub(crate) use whole::build;
