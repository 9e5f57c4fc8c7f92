//! What the policy keeps together stands in one repo.

use crate::catalog::Family;
use crate::manifest::reader::Finding;
use aux_problems::Code;

pub(super) fn check(family: &Family, findings: &mut Vec<Finding>) {
    for together in &family.policy.together {
        let mut packages = together.packages.iter();
        let Some(first) = packages.next() else {
            continue;
        };
        if let Some(other) = packages.find(|other| other.repo != first.repo) {
            findings.push(Finding::new(
                Code::Apart,
                Some(together.at),
                format!("the policy keeps `{first}` and `{other}` together, and they are in two repos"),
                Some(format!(
                    "`aux-gen move {other} {}` brings one to the other; or drop the entry of `together`",
                    first.repo
                )),
            ));
        }
    }
}
