//! Contract requirements: what a repo needs must be what the other offers.

use semver::VersionReq;

use crate::catalog::Catalog;
use crate::manifest::reader::Finding;
use crate::problem::Code;

pub(super) fn check(catalog: &Catalog, findings: &mut Vec<Finding>) {
    for repo in catalog.repos.values() {
        for (name, used) in &repo.uses {
            let Some(other) = catalog.repos.get(name) else {
                continue;
            };
            // `*` means any version; as semver has it, pre-releases are none.
            if used.requirement == VersionReq::STAR || used.requirement.matches(&other.contract) {
                continue;
            }
            findings.push(
                Finding::new(
                    Code::ContractUnmet,
                    Some(used.at),
                    format!(
                        "repo `{}` needs contract `{}` of repo `{name}`, which offers `{}`",
                        repo.name, used.requirement, other.contract
                    ),
                    Some(format!(
                        "adapt repo `{}` and require `^{}`, or raise `contract` of repo `{name}`",
                        repo.name, other.contract
                    )),
                )
                .related(other.at, format!("`{name}` is here")),
            );
        }
    }
}
