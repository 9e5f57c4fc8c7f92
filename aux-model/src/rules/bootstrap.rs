//! What core boots from stands in core.

use crate::catalog::Family;
use crate::manifest::reader::Finding;
use aux_problems::Code;

pub(super) fn check(family: &Family, findings: &mut Vec<Finding>) {
    let Some(core) = &family.core else { return };
    for id in &family.policy.bootstrap {
        let package = family.package(id);
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
