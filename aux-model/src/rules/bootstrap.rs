//! What core boots from stands in core.

use crate::catalog::Catalog;
use crate::manifest::reader::Finding;
use crate::problem::Code;

pub(super) fn check(catalog: &Catalog, findings: &mut Vec<Finding>) {
    let Some(core) = &catalog.core else { return };
    for id in &catalog.policy.bootstrap {
        let package = catalog.package(id);
        if let Some(package) = package.filter(|_| id.repo != *core) {
            findings.push(Finding::new(
                Code::BootstrapOutsideCore,
                Some(package.at),
                format!("`{core}` boots from package `{id}`, which stands in another repo"),
                Some(format!(
                    "move `{id}` to `{core}`, or take it out of `bootstrap` of the policy"
                )),
            ));
        }
    }
}
