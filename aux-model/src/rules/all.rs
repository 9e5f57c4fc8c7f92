//! All rules, in one order.

use super::{
    bootstrap, contracts, conveniences, cycles, edges, files, offers, overrides, paths, sets,
    tiers, together, top_level,
};
use crate::catalog::Family;
use crate::manifest::reader::Finding;

/// Runs every rule.
pub(crate) fn check(family: &Family, findings: &mut Vec<Finding>) {
    tiers::check(family, findings);
    paths::check(family, findings);
    offers::check(family, findings);
    overrides::check(family, findings);
    bootstrap::check(family, findings);
    contracts::check(family, findings);
    edges::check(family, findings);
    cycles::check(family, findings);
    files::check(family, findings);
    sets::check(family, findings);
    conveniences::check(family, findings);
    together::check(family, findings);
    top_level::check(family, findings);
}
