//! `move`: packages, modules and overlays go to another repo.

mod members;
mod named;
mod parts;
mod report;
mod run;

pub(super) use named::{is_member, member, package, packages};
pub(crate) use run::run;
pub(super) use run::{World, apply, drafted};
