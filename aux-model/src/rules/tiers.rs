//! The order of tiers: one core below, one top-level above, and nobody uses
//! anything higher than itself.

use aux_names::RepoName;

use crate::catalog::Family;
use crate::manifest::reader::Finding;
use crate::repo::Repo;
use aux_problems::At;
use aux_problems::Code;

pub(super) fn check(family: &Family, findings: &mut Vec<Finding>) {
    let tiers = &family.tiers;
    if tiers.len() < 2 {
        findings.push(Finding::new(
            Code::MissingTier,
            None,
            match tiers.as_slice() {
                [] => "there are no tiers, and a family needs at least two".to_owned(),
                [only, ..] => format!(
                    "there is only the tier `{}`, and a family needs at least two",
                    only.name
                ),
            },
            Some(
                "add `[[tiers]]` tables, lowest first: `core`, tiers for SIGs, `top-level`"
                    .to_owned(),
            ),
        ));
        return;
    }
    one_repo(
        family,
        0,
        Code::CoreCount,
        "builds the package set",
        findings,
    );
    one_repo(
        family,
        tiers.len() - 1,
        Code::TopLevelCount,
        "puts the family together",
        findings,
    );
    for repo in family.repos.values() {
        for (other, used) in &repo.uses {
            depends(family, repo, other, used.at, ("uses", ""), findings);
        }
        for (other, peer) in &repo.peers {
            depends(
                family,
                repo,
                other,
                peer.at,
                ("has", " as a peer"),
                findings,
            );
        }
    }
}

fn one_repo(family: &Family, level: usize, code: Code, task: &str, findings: &mut Vec<Finding>) {
    let tier = &family.tiers[level].name;
    let repos: Vec<&Repo> = family
        .repos
        .values()
        .filter(|repo| family.levels.get(&repo.name) == Some(&level))
        .collect();
    match repos.as_slice() {
        [_] => {}
        [] => findings.push(Finding::new(
            code,
            None,
            format!("tier `{tier}` has no repo, and needs the one that {task}"),
            Some(format!("define a repo with `tier = \"{tier}\"`")),
        )),
        [first, others @ ..] => {
            for other in others {
                findings.push(
                    Finding::new(
                        code,
                        Some(other.at),
                        format!(
                            "tier `{tier}` has one repo that {task}, and `{}` is one too many",
                            other.name
                        ),
                        Some("move it to another tier".to_owned()),
                    )
                    .related(first.at, format!("`{}` is here", first.name)),
                );
            }
        }
    }
}

fn depends(
    family: &Family,
    repo: &Repo,
    other: &RepoName,
    at: At,
    (verb, rest): (&str, &str),
    findings: &mut Vec<Finding>,
) {
    if *other == repo.name {
        findings.push(Finding::new(
            Code::SelfDependency,
            Some(at),
            format!("repo `{}` {verb} itself{rest}", repo.name),
            Some("drop the entry".to_owned()),
        ));
    } else if family.top_level.as_ref() == Some(other) {
        findings.push(Finding::new(
            Code::TopLevelUsed,
            Some(at),
            format!(
                "repo `{}` {verb} `{other}`{rest}, which only puts the family together",
                repo.name
            ),
            Some("use the repo that owns what is needed".to_owned()),
        ));
    } else if let (Some(own), Some(level)) =
        (family.levels.get(&repo.name), family.levels.get(other))
        && level > own
        && !family.policy.allows(&repo.name, other)
    {
        findings.push(Finding::new(
            Code::TierOrder,
            Some(at),
            format!(
                "repo `{}` (tier {own} `{}`) {verb} `{other}` (tier {level} `{}`){rest}",
                repo.name, family.tiers[*own].name, family.tiers[*level].name
            ),
            Some(format!(
                "move `{other}` down, move `{}` up, or drop the dependency",
                repo.name
            )),
        ));
    }
}
