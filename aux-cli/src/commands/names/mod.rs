//! Commands about names: what is renamed and removed, and SIGs that are made of others.

mod edit;
mod new_repo;
mod remove;
mod rename;
mod sigs;

pub(super) use edit::Edit;
pub(crate) use new_repo::run as new_repo;
pub(crate) use remove::run as remove;
pub(crate) use rename::run as rename;
pub(crate) use sigs::{merge, replace_person, split};
