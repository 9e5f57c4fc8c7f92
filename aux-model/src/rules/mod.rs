//! The rules: what must hold between things that exist.
//!
//! Each rule reads the catalog and adds findings; none changes it, none depends
//! on another's findings. Whether a name exists is not a rule: that was settled
//! when the catalog was built.

mod all;
mod bootstrap;
mod contracts;
mod conveniences;
mod cycles;
mod edges;
mod files;
mod offers;
mod overrides;
mod paths;
mod sets;
mod tiers;
mod together;
mod top_level;

pub(crate) use all::check;
