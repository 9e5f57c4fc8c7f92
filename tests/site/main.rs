//! The site as its makers and those who search see it: what is found is what `where` finds, a folder
//! is brought to what it should be, and nobody's file goes. `browser.mjs` looks at the same pages in a
//! browser.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "tests run the program as users do"
)]

mod corpus;
mod folder;
mod pages;
mod support;
