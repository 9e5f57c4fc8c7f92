//! What the tests and benchmarks of the workspace share: numbers by chance, git as people use
//! it, and folders. Everything panics where a test has to fail.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "tests write files and start programs as people do"
)]

pub mod dice;
pub mod folders;
pub mod git;
