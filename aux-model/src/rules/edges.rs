//! Edges between packages of different repos: each must follow what the repos
//! say of each other.

use std::collections::{BTreeMap, HashMap, HashSet};

use aux_names::{AttrName, RepoName};

use crate::catalog::Family;
use crate::edge::{Edge, EdgeKind};
use crate::manifest::reader::Finding;
use crate::package::Package;
use crate::repo::Repo;
use aux_problems::At;
use aux_problems::Code;

pub(super) fn check(family: &Family, findings: &mut Vec<Finding>) {
    // The repo of each package, both by number.
    let repo_of: Vec<usize> = family
        .repos()
        .enumerate()
        .flat_map(|(number, repo)| repo.packages.values().map(move |_| number))
        .collect();
    for (number, repo) in family.repos.values().enumerate() {
        let mut undeclared: BTreeMap<&RepoName, Vec<(&Package, &Edge)>> = BTreeMap::new();
        let mut relations: HashMap<usize, Relation> = HashMap::new();
        for package in repo.packages.values() {
            for edge in &package.edges {
                let other = repo_of[edge.number];
                if other == number || !edge.kind.is_needed() || repo.borrows(&edge.to) {
                    continue;
                }
                let relation = relations
                    .entry(other)
                    .or_insert_with(|| relation(family, repo, &edge.to.repo));
                match relation {
                    Relation::Fine => {}
                    Relation::Reported => {}
                    Relation::TopLevel => findings.push(Finding::new(
                        Code::TopLevelUsed,
                        Some(edge.at),
                        format!(
                            "package `{}` depends on `{}`, which stands on top of the family",
                            package.id, edge.to
                        ),
                        Some(format!(
                            "move `{}` into the lowest repo that has what it needs",
                            edge.to
                        )),
                    )),
                    Relation::Higher => findings.push(tier_order(family, package, edge)),
                    Relation::Undeclared => {
                        undeclared
                            .entry(&edge.to.repo)
                            .or_default()
                            .push((package, edge));
                    }
                }
            }
        }
        for (other, edges) in undeclared {
            findings.extend(undeclared_use(repo, other, &edges));
        }
        shadowed_defaults(family, repo, findings);
    }
}

pub(super) enum Relation {
    Fine,
    /// The repos themselves break a rule, which is reported where they do.
    Reported,
    TopLevel,
    Higher,
    Undeclared,
}

pub(super) fn relation(family: &Family, repo: &Repo, other: &RepoName) -> Relation {
    let named = repo.uses.contains_key(other) || repo.peers.contains_key(other);
    let levels = (family.levels.get(&repo.name), family.levels.get(other));
    if family.top_level.as_ref() == Some(other) {
        if named {
            Relation::Reported
        } else {
            Relation::TopLevel
        }
    } else if let (Some(own), Some(level)) = levels
        && level > own
        && !family.policy.allows(&repo.name, other)
    {
        if named {
            Relation::Reported
        } else {
            Relation::Higher
        }
    } else if named || family.sees(&repo.name, other) {
        Relation::Fine
    } else {
        Relation::Undeclared
    }
}

/// The tier of a repo, as messages name it.
pub(super) fn tier_of(family: &Family, repo: &RepoName) -> String {
    family.levels.get(repo).map_or_else(String::new, |level| {
        format!("tier {level} `{}`", family.tiers[*level].name)
    })
}

fn tier_order(family: &Family, package: &Package, edge: &Edge) -> Finding {
    Finding::new(
        Code::TierOrder,
        Some(edge.at),
        format!(
            "package `{}` ({}) depends on `{}` ({})",
            package.id,
            tier_of(family, &package.id.repo),
            edge.to,
            tier_of(family, &edge.to.repo)
        ),
        Some(format!(
            "move `{}` down, move `{}` up, or make the dependency `optional`",
            edge.to, package.id
        )),
    )
}

fn undeclared_use(repo: &Repo, other: &RepoName, edges: &[(&Package, &Edge)]) -> Option<Finding> {
    let (package, edge) = edges.first()?;
    let more = match edges.len() - 1 {
        0 => String::new(),
        1 => ", and one more package edge does the same".to_owned(),
        more => format!(", and {more} more package edges do the same"),
    };
    Some(Finding::new(
        Code::UndeclaredUse,
        Some(edge.at),
        format!(
            "package `{}` depends on `{}`, but repo `{}` neither uses `{other}` nor has it as a peer{more}",
            package.id, edge.to, repo.name
        ),
        Some(format!(
            "add `{other} = \"*\"` to the `uses` of repo `{}`, or `\"{other}\"` to its `peers` if `{other}` needs it too",
            repo.name
        )),
    ))
}

/// A stub for a foreign name also reaches those who ask with a default.
fn shadowed_defaults(family: &Family, repo: &Repo, findings: &mut Vec<Finding>) {
    let edges = || {
        repo.packages
            .values()
            .flat_map(|package| package.edges.iter().map(move |edge| (package, edge)))
    };
    let outside: Vec<(&Package, &Edge)> = edges()
        .filter(|(_, edge)| edge.kind == EdgeKind::Optional)
        .filter(|(_, edge)| !family.sees(&repo.name, &edge.to.repo))
        .collect();
    let asked: HashSet<usize> = outside.iter().map(|(_, edge)| edge.number).collect();
    let mut needed: HashMap<&AttrName, At> = HashMap::new();
    for (_, edge) in edges() {
        if edge.kind != EdgeKind::Optional && asked.contains(&edge.number) {
            needed.entry(&edge.attribute).or_insert(edge.at);
        }
    }
    for (package, edge) in outside {
        let Some(first) = needed.get(&edge.attribute) else {
            continue;
        };
        findings.push(
            Finding::new(
                Code::DefaultShadowed,
                Some(edge.at),
                format!(
                    "package `{}` asks for `{}` with a default, but the stub for it takes the default's place in repo `{}` alone",
                    package.id, edge.to, repo.name
                ),
                Some("depend on it both times, or optionally both times".to_owned()),
            )
            .related(*first, "the stub is needed here")
            .warning(),
        );
    }
}
