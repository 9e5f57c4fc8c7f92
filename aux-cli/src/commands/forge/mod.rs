//! The forge: how it is reached, and what it has against what the manifest says.

mod connection;
mod plan;

pub(crate) use connection::{access, host_and_path, refused, variable};
pub(crate) use plan::{ask, run, show_change};
