//! A scan of a family.

use aux_gen::disk::{DiskError, Registry};
use aux_model::Family;

use crate::scan::compare::compare;
use crate::scan::derivations::Derivations;
use crate::scan::members::ScannedMembers;
use crate::scan::report::ScanReport;
use crate::scan::{files, members};

/// Reads the file of every member of a package set that is checked out: what [`scan`] says of those.
///
/// # Errors
/// When a file cannot be read.
pub fn scan_members(registry: &Registry, catalog: &Family) -> Result<ScannedMembers, DiskError> {
    members::read(registry, catalog)
}

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
        members: scan_members(registry, catalog)?,
        ..compare(catalog, files, derivations)
    })
}
