//! Cycles: of repos that use each other, of packages that need each other.

use std::collections::HashMap;

use aux_names::RepoName;

use crate::catalog::Family;
use crate::edge::Edge;
use crate::manifest::reader::Finding;
use crate::package::Package;
use crate::repo::Repo;
use aux_graph::Digraph;
use aux_problems::Code;

/// Edges shown for each arc of a cycle of repos; the number is always told.
const EDGES_SHOWN: usize = 3;

pub(super) fn check(family: &Family, findings: &mut Vec<Finding>) {
    repos(family, findings);
    packages(family, findings);
}

pub(crate) fn repos(family: &Family, findings: &mut Vec<Finding>) {
    let repos: Vec<&Repo> = family.repos.values().collect();
    let index: HashMap<&RepoName, usize> = repos
        .iter()
        .enumerate()
        .map(|(at, repo)| (&repo.name, at))
        .collect();
    let arcs: Vec<(usize, usize)> = repos
        .iter()
        .enumerate()
        .flat_map(|(from, repo)| {
            let index = &index;
            let used = repo.uses.keys().filter(|used| **used != repo.name);
            used.filter_map(move |used| Some((from, *index.get(used)?)))
        })
        .collect();
    idle_pairs(family, &repos, &arcs, findings);
    let forbidden = arcs.iter().copied().filter(|(from, to)| {
        let policy = &family.policy;
        !policy.allows(&repos[*from].name, &repos[*to].name)
    });
    let graph = Digraph::new(repos.len(), forbidden);
    for component in graph.cyclic_components() {
        let cycle = graph.shortest_cycle(&component);
        let pairs = || {
            cycle
                .iter()
                .zip(cycle.iter().cycle().skip(1))
                .map(|(from, to)| (repos[*from], repos[*to]))
        };
        let Some((first, next)) = pairs().next() else {
            continue;
        };
        let names: Vec<String> = pairs()
            .map(|(from, _)| format!("`{}`", from.name))
            .chain([format!("`{}`", first.name)])
            .collect();
        let more = match component.len() - cycle.len() {
            0 => String::new(),
            1 => "; one more repo is in a cycle with them".to_owned(),
            more => format!("; {more} more repos are in cycles with them"),
        };
        let mut finding = Finding::new(
            Code::RepoCycle,
            first.uses.get(&next.name).map(|used| used.at),
            format!(
                "repos use each other in a cycle: {}{more}",
                names.join(" -> ")
            ),
            Some(way_out(&pairs().collect::<Vec<_>>())),
        );
        for (from, to) in pairs() {
            finding = because(from, to, finding);
        }
        findings.push(finding);
    }
}

/// Pairs that may use each other and need not: there is no cycle that passes
/// both, and neither uses the other from below.
fn idle_pairs(
    family: &Family,
    repos: &[&Repo],
    arcs: &[(usize, usize)],
    findings: &mut Vec<Finding>,
) {
    if family.policy.allowed.is_empty() {
        return;
    }
    let cycles = Digraph::new(repos.len(), arcs.iter().copied()).cyclic_components();
    let level = |repo: &RepoName| family.levels.get(repo);
    for allowed in &family.policy.allowed {
        let (first, second) = &allowed.repos;
        let is_in = |cycle: &[usize], name: &RepoName| {
            cycle.iter().any(|number| repos[*number].name == *name)
        };
        let from_below = |low: &RepoName, high: &RepoName| {
            let repo = family.repos.get(low);
            level(low) < level(high) && repo.is_some_and(|repo| repo.uses.contains_key(high))
        };
        let in_use = cycles
            .iter()
            .any(|cycle| is_in(cycle, first) && is_in(cycle, second))
            || from_below(first, second)
            || from_below(second, first);
        if !in_use {
            let finding = Finding::new(
                Code::IdleAllow,
                Some(allowed.at),
                format!("repos `{first}` and `{second}` may use each other, and are in no cycle"),
                Some(
                    "drop the pair, or name each of the two in the `uses` of the other".to_owned(),
                ),
            );
            findings.push(finding.warning());
        }
    }
}

/// Drop a use that no package needs, or else make the last one a peer.
fn way_out(pairs: &[(&Repo, &Repo)]) -> String {
    let idle = pairs.iter().find(|(from, to)| {
        let mut edges = from.packages.values().flat_map(|package| &package.edges);
        !edges.any(|edge| edge.to.repo == to.name)
    });
    match (idle, pairs.last()) {
        (Some((from, to)), _) => format!(
            "drop `{}` from the `uses` of repo `{}`: no package needs it",
            to.name, from.name
        ),
        (None, Some((from, to))) => format!(
            "move `{}` from the `uses` of repo `{}` to its `peers`: their packages then meet in top-level",
            to.name, from.name
        ),
        (None, None) => String::new(),
    }
}

/// Adds the package edges that make `from` use `to`.
fn because(from: &Repo, to: &Repo, mut finding: Finding) -> Finding {
    let edges: Vec<(&Package, &Edge)> = from
        .packages
        .values()
        .flat_map(|package| package.edges.iter().map(move |edge| (package, edge)))
        .filter(|(_, edge)| edge.to.repo == to.name)
        .collect();
    for (shown, (package, edge)) in edges.iter().take(EDGES_SHOWN).enumerate() {
        let more = match edges.len() - EDGES_SHOWN.min(edges.len()) {
            more if more > 0 && shown + 1 == EDGES_SHOWN => {
                format!(" (and {more} more such edges)")
            }
            _ => String::new(),
        };
        finding = finding.related(
            edge.at,
            format!("`{}` needs `{}` ({}){more}", package.id, edge.to, edge.kind),
        );
    }
    if edges.is_empty()
        && let Some(used) = from.uses.get(&to.name)
    {
        finding = finding.related(
            used.at,
            format!(
                "no package of `{}` needs one of `{}`: drop this",
                from.name, to.name
            ),
        );
    }
    finding
}

fn packages(family: &Family, findings: &mut Vec<Finding>) {
    let packages: Vec<&Package> = family.packages().collect();
    let arcs = family
        .edges()
        .filter(|(_, edge)| edge.kind.is_needed())
        .map(|(package, edge)| (package.number, edge.number));
    let graph = Digraph::new(packages.len(), arcs);
    for component in graph.cyclic_components() {
        let cycle = graph.shortest_cycle(&component);
        let steps: Vec<(&Package, &Edge)> = cycle
            .iter()
            .zip(cycle.iter().cycle().skip(1))
            .filter_map(|(from, to)| {
                let to = &packages[*to].id;
                let edge = packages[*from]
                    .edges
                    .iter()
                    .find(|edge| edge.kind.is_needed() && edge.to == *to)?;
                Some((packages[*from], edge))
            })
            .collect();
        let Some((first, edge)) = steps.first() else {
            continue;
        };
        let names: Vec<String> = steps
            .iter()
            .map(|(package, _)| format!("`{}`", package.id))
            .chain([format!("`{}`", first.id)])
            .collect();
        let more = match component.len() - cycle.len() {
            0 => String::new(),
            1 => "; one more package is in a cycle with them".to_owned(),
            more => format!("; {more} more packages are in cycles with them"),
        };
        let mut finding = Finding::new(
            Code::PackageCycle,
            Some(edge.at),
            format!(
                "packages need each other in a cycle: {}{more}",
                names.join(" -> ")
            ),
            Some("split one of them, or mark an edge `test` or `optional` if it is one".to_owned()),
        );
        for (package, edge) in &steps[1..] {
            finding = finding.related(
                edge.at,
                format!("`{}` needs `{}` ({})", package.id, edge.to, edge.kind),
            );
        }
        findings.push(finding);
    }
}
