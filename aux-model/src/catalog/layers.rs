//! The order of layers, and which repo is below which.

use std::collections::{BTreeMap, BTreeSet};

use aux_names::RepoName;
use fixedbitset::FixedBitSet;

use crate::catalog::available::availability;
use crate::catalog::checked::Family;
use crate::repo::Repo;

/// Fills in what follows from `uses`, the closure below each repo and an order
/// in which a repo comes before those that use it, and what follows from restrictions.
pub(crate) fn arrange(family: &mut Family) {
    family.layer_order = order(family);
    family.below = closures(family);
    family.available = availability(family);
}

/// The transitive closure of `uses` for every repo, without the repo itself.
///
/// Sets of bits, joined along each arc. In the order of layers a repo comes after all
/// it uses, so one round is enough; arcs of cycles, and those between repos that may
/// use each other, need some more.
fn closures(family: &Family) -> BTreeMap<RepoName, BTreeSet<RepoName>> {
    let names: Vec<&RepoName> = family.repos.keys().collect();
    let numbers: BTreeMap<&RepoName, usize> = names
        .iter()
        .enumerate()
        .map(|(number, name)| (*name, number))
        .collect();
    let arcs: Vec<(usize, usize)> = family
        .layer_order
        .iter()
        .filter_map(|name| family.repos.get_key_value(name))
        .flat_map(|(name, repo)| repo.uses.keys().map(move |used| (name, used)))
        .filter_map(|(name, used)| Some((*numbers.get(name)?, *numbers.get(used)?)))
        .collect();
    let mut below = vec![FixedBitSet::with_capacity(names.len()); names.len()];
    let mut grows = true;
    while grows {
        grows = false;
        for (user, used) in arcs.iter().filter(|(user, used)| user != used) {
            let mut added = below[*used].clone();
            added.insert(*used);
            if !added.is_subset(&below[*user]) {
                below[*user].union_with(&added);
                grows = true;
            }
        }
    }
    let sets = names.iter().zip(&below).map(|(name, set)| {
        let all = set.ones().map(|number| names[number]);
        let all = all.filter(|other| other != name).cloned();
        ((*name).clone(), all.collect())
    });
    sets.collect()
}

/// The transitive closure of those `uses` that are followed, without the repo
/// itself.
pub(crate) fn below(
    family: &Family,
    start: &RepoName,
    follows: impl Fn(&RepoName, &RepoName) -> bool,
) -> BTreeSet<RepoName> {
    let mut closure = BTreeSet::new();
    let mut open = vec![start];
    while let Some(name) = open.pop() {
        let Some(repo) = family.repos.get(name) else {
            continue;
        };
        for used in repo.uses.keys().filter(|used| follows(name, used)) {
            if used != start && family.repos.contains_key(used) && closure.insert(used.clone()) {
                open.push(used);
            }
        }
    }
    closure
}

/// The repos whose layers come before that of one: those it uses, but for those that may use it as well, and
/// those of which it overrides something.
pub(crate) fn before<'f>(family: &'f Family, repo: &'f Repo) -> impl Iterator<Item = &'f RepoName> {
    let used = repo.uses.keys();
    let used = used.filter(|used| !family.policy.allows(&repo.name, used));
    used.chain(repo.overrides().map(|(_, borrowed)| &borrowed.from))
}

/// Kahn's algorithm, always taking the repo of the lowest tier and then of the
/// first name among those that are ready. What is left over is in a cycle,
/// which is reported elsewhere; it keeps its order of names. Of two repos that may
/// use each other neither waits for the other.
pub(crate) fn order(family: &Family) -> Vec<RepoName> {
    let level = |name: &RepoName| family.levels.get(name).copied().unwrap_or(usize::MAX);
    let mut waiting: BTreeMap<&RepoName, usize> = BTreeMap::new();
    let mut users: BTreeMap<&RepoName, Vec<&RepoName>> = BTreeMap::new();
    for (name, repo) in &family.repos {
        let used: BTreeSet<&RepoName> = before(family, repo)
            .filter(|used| *used != name && family.repos.contains_key(*used))
            .collect();
        waiting.insert(name, used.len());
        for used in used {
            users.entry(used).or_default().push(name);
        }
    }
    let mut ready: BTreeSet<(usize, &RepoName)> = waiting
        .iter()
        .filter(|(_, count)| **count == 0)
        .map(|(name, _)| (level(name), *name))
        .collect();
    let mut order = Vec::with_capacity(family.repos.len());
    while let Some((_, name)) = ready.pop_first() {
        waiting.remove(name);
        order.push(name.clone());
        for user in users.get(name).into_iter().flatten() {
            if let Some(count) = waiting.get_mut(user) {
                *count -= 1;
                if *count == 0 {
                    ready.insert((level(user), user));
                }
            }
        }
    }
    order.extend(waiting.into_keys().cloned());
    order
}
