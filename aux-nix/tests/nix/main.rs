//! The evaluator, shown on the real Nix.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "tests lay out their own files and look at processes"
)]

mod ask;
mod derivations;
mod flake;
mod installation;
