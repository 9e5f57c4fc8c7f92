//! `cycles`: cycles of repos, and the smallest plan that ends them.

mod print;
mod report;
mod run;

pub(crate) use run::run;
