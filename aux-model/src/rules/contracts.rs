//! Contract requirements: what a repo needs should be what the other offers. Until it is,
//! updates hold the repo where it is, and nobody else waits.

use semver::VersionReq;

use crate::catalog::Family;
use crate::manifest::reader::Finding;
use crate::problem::Code;

pub(super) fn check(family: &Family, findings: &mut Vec<Finding>) {
    for repo in family.repos.values() {
        for (name, used) in &repo.uses {
            let Some(other) = family.repos.get(name) else {
                continue;
            };
            // `*` means any version; as semver has it, pre-releases are none.
            if used.requirement == VersionReq::STAR || used.requirement.matches(&other.contract) {
                continue;
            }
            // An update leaves it with the version that it has locked.
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
                .related(other.at, format!("`{name}` is here"))
                .warning(),
            );
        }
    }
}
