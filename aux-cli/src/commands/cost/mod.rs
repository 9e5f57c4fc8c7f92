//! `cost`: what using a repo costs.

mod budget;
mod measure;
mod show;

pub(crate) use budget::{counts, over_budget};
pub(crate) use measure::run;
