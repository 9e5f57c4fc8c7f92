//! What Nix knows of packages and modules that no manifest says: versions, licences, platforms,
//! what does not evaluate, and the options of modules.
//!
//! It is asked for people who look for something, and proves nothing: [`evaluate`](crate::evaluate)
//! does that.

mod ask;
mod known;
mod memory;
mod option;
mod options;
mod packages;

pub use ask::facts;
pub use known::{Facts, PackageFacts, State, Subject};
pub use memory::remembered_facts;
pub use option::{Declared, ModuleOption};
