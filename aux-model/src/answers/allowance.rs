//! What it would mean to let two repos of a cycle use each other.

use std::collections::{BTreeMap, BTreeSet};

use aux_names::{RepoName, SigName};

use crate::answers::cycles::RepoCycle;
use crate::answers::graph::PackageGraph;
use aux_graph::Digraph;

/// Of a cycle of more repos than this not every pair is looked at.
const MOST_REPOS: usize = 30;

/// A pair for `[[policy.allow]]`, and what it changes.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Allowance {
    /// The pair, in order of name.
    pub repos: (RepoName, RepoName),
    /// A reason to write down: an edge each way.
    pub reason: String,
    /// The SIG that runs the first of them.
    pub owner: SigName,
    /// What each of the two offers alone.
    pub coverage: Vec<AllowedCoverage>,
}

/// What one repo of a pair offers alone.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct AllowedCoverage {
    /// The repo.
    pub repo: RepoName,
    /// How many packages it has.
    pub packages: usize,
    /// How many it offers alone if the two are peers.
    pub as_peers: usize,
    /// How many it offers alone if they use each other.
    pub allowed: usize,
    /// How many flake inputs it has if they are peers.
    pub inputs_as_peers: usize,
    /// How many flake inputs it has if they use each other: so many repos does
    /// everybody fetch who wants it.
    pub inputs_allowed: usize,
}

impl PackageGraph<'_> {
    /// The pair of a cycle to allow: one that ends the cycle alone, with the fewest
    /// package edges between the two, then by name. None if there is no such pair, or
    /// core or top-level is in each: those can be in no cycle.
    #[must_use]
    pub fn allowance(&self, cycle: &RepoCycle<'_, '_>) -> Option<Allowance> {
        let catalog = self.family();
        let ends = [&catalog.core().name, &catalog.top_level().name];
        // In a large cycle only the pairs of the shortest one are looked at.
        let is_candidate = |from: &RepoName, to: &RepoName| {
            let next = cycle.shortest.iter().cycle().skip(1);
            cycle.repos.len() <= MOST_REPOS
                || cycle
                    .shortest
                    .iter()
                    .zip(next)
                    .any(|step| step == (from, to))
        };
        let mut edges: BTreeMap<(&RepoName, &RepoName), usize> = BTreeMap::new();
        for arc in &cycle.arcs {
            if !is_candidate(&arc.from, &arc.to) {
                continue;
            }
            if !ends.contains(&&arc.from) && !ends.contains(&&arc.to) {
                let pair = in_order(&arc.from, &arc.to);
                *edges.entry(pair).or_default() += arc.edges.len();
            }
        }
        let (_, _, (first, second)) = edges
            .into_iter()
            .map(|(pair, edges)| (self.ends(cycle, pair), edges, pair))
            .min_by_key(|(suffices, edges, pair)| (!suffices, *edges, *pair))
            .filter(|(suffices, ..)| *suffices)?;
        Some(Allowance {
            reason: reason(cycle, first, second),
            owner: catalog.repo(first.as_str())?.sig.clone(),
            coverage: [(first, second), (second, first)]
                .into_iter()
                .map(|(one, other)| self.allowed_coverage(one, other))
                .collect(),
            repos: (first.clone(), second.clone()),
        })
    }

    /// Whether the cycle is gone without what is between the two.
    fn ends(&self, cycle: &RepoCycle<'_, '_>, pair: (&RepoName, &RepoName)) -> bool {
        let number = |name: &RepoName| cycle.repos.binary_search(name).unwrap_or(0);
        let policy = self.family().policy();
        let arcs = cycle.arcs.iter().filter(|arc| {
            let between = in_order(&arc.from, &arc.to);
            between != pair && !policy.allows(&arc.from, &arc.to)
        });
        let arcs = arcs.map(|arc| (number(&arc.from), number(&arc.to)));
        Digraph::new(cycle.repos.len(), arcs)
            .cyclic_components()
            .is_empty()
    }

    fn allowed_coverage(&self, one: &RepoName, other: &RepoName) -> AllowedCoverage {
        let as_peers = self.seen_if(one, other, false);
        let allowed = self.seen_if(one, other, true);
        let catalog = self.family();
        AllowedCoverage {
            repo: one.clone(),
            packages: catalog
                .repo(one.as_str())
                .map_or(0, |repo| repo.packages.len()),
            as_peers: self.whole_within(one, &as_peers),
            allowed: self.whole_within(one, &allowed),
            inputs_as_peers: as_peers.len() - 1,
            inputs_allowed: allowed.len() - 1,
        }
    }

    /// What `one` sees, itself among it, if it and `other` use each other or do not.
    fn seen_if(&self, one: &RepoName, other: &RepoName, together: bool) -> BTreeSet<&RepoName> {
        let catalog = self.family();
        let is_pair = |a: &RepoName, b: &RepoName| [a, b] == [one, other] || [a, b] == [other, one];
        let mut seen = BTreeSet::new();
        let mut open = vec![one];
        while let Some(repo) = open.pop().and_then(|name| catalog.repo(name.as_str())) {
            if !seen.insert(&repo.name) {
                continue;
            }
            let used = repo.uses.keys();
            open.extend(used.filter(|used| !is_pair(&repo.name, used)));
            if together && repo.name == *one {
                open.push(other);
            }
        }
        seen
    }

    /// How many packages of a repo need nothing outside of `seen`.
    fn whole_within(&self, repo: &RepoName, seen: &BTreeSet<&RepoName>) -> usize {
        let packages = self.packages();
        let mut needed_by: Vec<Vec<usize>> = vec![Vec::new(); packages.len()];
        for (from, to) in self.needed_arcs() {
            needed_by[to].push(from);
        }
        let mut whole: Vec<bool> = packages
            .iter()
            .map(|package| seen.contains(&package.id.repo))
            .collect();
        let outside = whole.iter().enumerate().filter(|(_, whole)| !**whole);
        let mut open: Vec<usize> = outside.map(|(number, _)| number).collect();
        while let Some(number) = open.pop() {
            for user in &needed_by[number] {
                if std::mem::replace(&mut whole[*user], false) {
                    open.push(*user);
                }
            }
        }
        let own = packages.iter().zip(whole);
        own.filter(|(package, whole)| package.id.repo == *repo && *whole)
            .count()
    }
}

fn in_order<'n>(one: &'n RepoName, other: &'n RepoName) -> (&'n RepoName, &'n RepoName) {
    (one.min(other), one.max(other))
}

/// An edge each way, in words.
fn reason(cycle: &RepoCycle<'_, '_>, first: &RepoName, second: &RepoName) -> String {
    let edge = |from: &RepoName, to: &RepoName| {
        let arc = cycle
            .arcs
            .iter()
            .find(|arc| arc.from == *from && arc.to == *to)?;
        let edge = arc.edges.first()?;
        Some(format!("{} needs {}", edge.from.name, edge.to.name))
    };
    let edges = [edge(first, second), edge(second, first)];
    edges.into_iter().flatten().collect::<Vec<_>>().join(", ")
}
