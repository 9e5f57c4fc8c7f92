//! A scan of a family.

use aux_gen::disk::{DiskError, Registry};
use aux_model::Family;

use crate::scan::compare::compare;
use crate::scan::derivations::Derivations;
use crate::scan::report::ScanReport;
use crate::scan::{files, members};

/// Reads every by-name file of every repo that is checked out, and compares all
/// that is known.
///
/// # Errors
/// When a file cannot be read; one that does not parse is in the report.
pub fn scan(
    registry: &Registry,
    catalog: &Family,
    derivations: Option<&Derivations>,
) -> Result<ScanReport, DiskError> {
    let files = files::read(registry, catalog)?;
    Ok(ScanReport {
        members: members::read(registry, catalog)?,
        ..compare(catalog, files, derivations)
    })
}
