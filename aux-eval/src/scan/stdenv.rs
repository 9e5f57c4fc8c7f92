//! What every package set has.

/// Functions that make derivations and that every package set has.
pub(crate) const STDENV: [&str; 2] = ["stdenv", "stdenvNoCC"];
