//! Contract requirements: what a repo needs should be what the other offers. Until it is,
//! updates hold the repo where it is, and nobody else waits.

use semver::VersionReq;

use crate::catalog::Family;
use crate::manifest::reader::Finding;
use aux_problems::Code;

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
            let offered = (
                other.contract.major,
                other.contract.minor,
                other.contract.patch,
            );
            // A version that is too high cannot be raised to one that fits.
            let wants_more = used.requirement.comparators.iter().any(|wanted| {
                let wanted = (
                    wanted.major,
                    wanted.minor.unwrap_or(0),
                    wanted.patch.unwrap_or(0),
                );
                wanted > offered
            });
            let mut help = format!(
                "adapt repo `{}` and require `^{}`",
                repo.name, other.contract
            );
            if wants_more {
                help.push_str(&format!(", or raise `contract` of repo `{name}`"));
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
                    Some(help),
                )
                .related(other.at, format!("`{name}` is here"))
                .warning(),
            );
        }
    }
}
