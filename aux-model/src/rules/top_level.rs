//! Top-level puts the family together, and has little of its own.

use crate::catalog::Family;
use crate::manifest::reader::Finding;
use aux_problems::Code;

/// The name that a tier or a repo has that is meant for it.
const NAME: &str = "top-level";

pub(super) fn check(family: &Family, findings: &mut Vec<Finding>) {
    let top = family.top_level.as_ref();
    let Some(top) = top.and_then(|top| family.repos.get(top)) else {
        return;
    };
    let is_meant = top.name == *NAME || top.tier == *NAME;
    if !is_meant && !top.packages.is_empty() {
        let finding = Finding::new(
            Code::ImpliedTopLevel,
            Some(top.at),
            format!(
                "repo `{}` is taken for top-level, since it is the only one of the highest tier `{}`, and it has packages",
                top.name, top.tier
            ),
            Some(format!(
                "add a tier `{NAME}` above, with a repo that puts the family together; if it is `{}`, call its tier `{NAME}`",
                top.name
            )),
        );
        findings.push(finding.warning());
        return;
    }
    let (own, most) = (top.packages.len(), family.policy.top_level_packages);
    if own > most {
        let finding = Finding::new(
            Code::FullTopLevel,
            Some(top.at),
            format!(
                "repo `{}` has {own} packages of its own, and the policy has it say so from {} on",
                top.name,
                most + 1
            ),
            Some(
                "move them to a repo of a SIG for applications: `aux-gen place --all` says what could stand lower; or raise `top-level-packages` of the policy"
                    .to_owned(),
            ),
        );
        findings.push(finding.warning());
    }
}
