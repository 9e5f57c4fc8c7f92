//! Package sets: a part extends what its repo may depend on, members need nothing of a higher tier, and
//! no name means two things in a scope.

use std::collections::BTreeMap;

use aux_names::AttrName;

use crate::catalog::Family;
use crate::manifest::reader::Finding;
use crate::rules::edges::{Relation, relation, tier_of};
use crate::set::{Needed, PackageSet};
use aux_problems::Code;

pub(super) fn check(family: &Family, findings: &mut Vec<Finding>) {
    let mut hooks: BTreeMap<&AttrName, &PackageSet> = BTreeMap::new();
    for set in family.sets() {
        extends(family, set, findings);
        members(family, set, findings);
        if set.extends.is_none() {
            hook(family, set, findings);
            if let Some(other) = hooks.insert(&set.hook, set) {
                let what = format!(
                    "sets `{}/{}` and `{}/{}` have the hook `{}`",
                    other.repo, other.name, set.repo, set.name, set.hook
                );
                let help = "give one of them another `hook`".to_owned();
                findings.push(Finding::new(
                    Code::DuplicateAttribute,
                    Some(set.at),
                    what,
                    Some(help),
                ));
            }
        }
    }
}

/// The repo of a part sees the one that defines the set, or meets it as a peer.
fn extends(family: &Family, set: &PackageSet, findings: &mut Vec<Finding>) {
    let Some(root) = &set.extends else { return };
    let (Some(repo), true) = (
        family.repos.get(&set.repo),
        family.repos.contains_key(root) && *root != set.repo,
    ) else {
        return;
    };
    let part = format!("set `{}/{}`", set.repo, set.name);
    match relation(family, repo, root) {
        Relation::Fine | Relation::Reported => {}
        Relation::TopLevel => findings.push(Finding::new(
            Code::TopLevelUsed,
            Some(set.at),
            format!("{part} extends one of `{root}`, which stands on top of the family"),
            Some("let the lowest repo that needs the set define it".to_owned()),
        )),
        Relation::Higher => findings.push(Finding::new(
            Code::TierOrder,
            Some(set.at),
            format!(
                "{part} ({}) extends one of `{root}` ({})",
                tier_of(family, &set.repo),
                tier_of(family, root)
            ),
            Some("move its members to a repo on the tier of the set, or above".to_owned()),
        )),
        Relation::Undeclared => findings.push(Finding::new(
            Code::UndeclaredUse,
            Some(set.at),
            format!(
                "{part} extends one of `{root}`, and repo `{}` neither uses that nor has it as a peer",
                set.repo
            ),
            Some(format!("add `{root}` to the `uses` or the `peers` of repo `{}`", set.repo)),
        )),
    }
}

fn members(family: &Family, set: &PackageSet, findings: &mut Vec<Finding>) {
    let has_interpreter = set.instances.values().any(Option::is_some);
    for member in set.members.values() {
        let who = format!("`{}`", set.full_name(&member.name));
        if has_interpreter && set.argument == *member.name.as_str() {
            findings.push(Finding::new(
                Code::DuplicateAttribute,
                Some(member.at),
                format!("member {who} has the name under which members get the interpreter"),
                Some("rename it, or give the set another `argument`".to_owned()),
            ));
        }
        let needed = member.edges.iter().filter(|edge| edge.kind.is_needed());
        for edge in needed {
            let Needed::Member(of, name) = &edge.to else {
                continue;
            };
            let levels = (family.levels.get(&set.repo), family.levels.get(of));
            let is_higher = matches!(levels, (Some(own), Some(level)) if level > own);
            if is_higher && !family.policy.allows(&set.repo, of) {
                findings.push(Finding::new(
                    Code::TierOrder,
                    Some(member.at),
                    format!(
                        "member {who} ({}) depends on `{of}/{}.{name}` ({})",
                        tier_of(family, &set.repo),
                        set.name,
                        tier_of(family, of)
                    ),
                    Some(format!(
                        "`aux-gen move` takes one of the two to the tier of the other; or make the dependency `optional`: {name}"
                    )),
                ));
            }
        }
    }
}

/// The hook of a set is a name of the flat view, and nobody else's.
fn hook(family: &Family, set: &PackageSet, findings: &mut Vec<Finding>) {
    let is_ours = family
        .repos
        .get(&set.repo)
        .is_some_and(crate::repo::Repo::is_generated);
    let Some(taken) = family.attribute(set.hook.as_str()).filter(|_| is_ours) else {
        return;
    };
    findings.push(Finding::new(
        Code::DuplicateAttribute,
        Some(set.at),
        format!(
            "the hook `{}` of set `{}/{}` is an attribute of `{}`",
            set.hook, set.repo, set.name, taken.package
        ),
        Some("rename one of the two: `hook` of the set says another name".to_owned()),
    ));
}
