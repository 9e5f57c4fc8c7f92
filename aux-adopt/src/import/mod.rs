//! Import of one package from a tree in nixpkgs' style: its files, with every path in
//! them leading to what it led to, and what it asks for.

mod collection;
mod gather;
mod needs;
mod upstream;

pub use collection::{Collection, FunctionResult};
pub(crate) use gather::CALLED_TWICE;
pub use gather::{File, Gathered, ImportError, Lost, gather};
pub use needs::{Missing, Needs, needs};
pub use upstream::{Upstream, UpstreamState, recorded, upstream};
