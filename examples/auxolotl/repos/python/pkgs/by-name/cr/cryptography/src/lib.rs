//! The part that is Rust.
pub const BACKEND: &str = "a backend in rust";
