//! All rules, in one order.

use super::{bootstrap, contracts, cycles, edges, files, offers, paths, tiers};
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
