//! `borrow`, `borrowed`, `return`: copies of packages that remember where they came from.

mod agree;
mod back;
mod borrow;
mod listed;
mod named;
mod offer;
mod refresh;

pub(crate) use back::give;
pub(crate) use borrow::borrow;
pub(crate) use listed::borrowed;
