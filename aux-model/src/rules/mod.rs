//! The rules: what must hold between things that exist.
//!
//! Each rule reads the catalog and adds findings; none changes it, none depends
//! on another's findings. Whether a name exists is not a rule: that was settled
//! when the catalog was built.

mod bootstrap;
mod contracts;
mod cycles;
mod edges;
mod files;
mod offers;
mod paths;
mod tiers;

use crate::catalog::Catalog;
use crate::manifest::reader::Finding;

/// Runs every rule.
pub(crate) fn check(catalog: &Catalog, findings: &mut Vec<Finding>) {
    tiers::check(catalog, findings);
    paths::check(catalog, findings);
    offers::check(catalog, findings);
    bootstrap::check(catalog, findings);
    contracts::check(catalog, findings);
    edges::check(catalog, findings);
    cycles::check(catalog, findings);
    files::check(catalog, findings);
}
