//! `cost`: what using a repo costs.

mod budget;
mod measure;
mod show;

pub(crate) use budget::{counts, over_budget, with_inputs};
pub(crate) use measure::run;
