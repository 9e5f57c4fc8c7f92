//! Who needs whom, by three origins kept apart: what the manifest declares, what
//! by-name files ask for, and what evaluated derivations are built from.
//!
//! Files are always read; derivations only if somebody hands them in, because
//! they need Nix.

mod brought;
mod compare;
mod derivations;
mod files;
pub use files::{EVERYWHERE, nearest};
mod report;

pub use derivations::{Derivations, Evaluated, SameAs, Unevaluated, Unseen, View, derivations};
pub use report::{Explained, Lacking, Pair, ScanReport, Surplus, Unread, Unresolved, Unused};

use aux_model::Catalog;

use aux_gen::disk::{DiskError, Registry};

/// Functions that make derivations and that every package set has.
const STDENV: [&str; 2] = ["stdenv", "stdenvNoCC"];

/// Reads every by-name file of every repo that is checked out, and compares all
/// that is known.
///
/// # Errors
/// When a file cannot be read; one that does not parse is in the report.
pub fn scan(
    registry: &Registry,
    catalog: &Catalog,
    derivations: Option<&Derivations>,
) -> Result<ScanReport, DiskError> {
    let files = files::read(registry, catalog)?;
    Ok(compare::compare(catalog, files, derivations))
}
