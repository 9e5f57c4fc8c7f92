//! `where`: finds whatever there is by name, description or owner.

mod hits;
mod known;

pub(crate) use hits::run;
