//! The Nix language as text, and the Nix evaluator as a process.
//!
//! [`language`] parses, formats and quotes Nix without evaluating anything. The rest starts
//! the real `nix`; no other crate does.

mod evaluator;
pub mod flake;
pub mod language;

pub use evaluator::*;
