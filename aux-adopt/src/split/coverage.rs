//! What each part can offer alone, found in what the derivations of the whole are
//! made from.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use aux_eval::snapshot::{Evaluated, Snapshot};
use aux_model::{AttrName, RepoName};
use aux_nix::{Derivation, DerivationInputs, Failure, Limits, Nix, NixError};
use serde::Serialize;

use crate::split::assignment::Assignment;
use crate::split::members::PackageSets;
use crate::split::monorepo::Monorepo;
use crate::split::rules::Rules;

/// What one repo can offer alone, counted in attributes that are derivations.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Alone {
    /// Those it owns.
    pub owned: usize,
    /// Those of them that are made from nothing but what it sees: its own, core's and
    /// that of the repos below it.
    pub offered: usize,
    /// The repos that it does not see and how many of the others are made from
    /// something of each.
    pub lacks: BTreeMap<RepoName, usize>,
    /// The nearest attribute of each such repo, and of how many it is the nearest.
    pub culprits: BTreeMap<RepoName, BTreeMap<String, usize>>,
}

/// What the derivations of the whole say of its parts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coverage {
    /// What each repo can offer alone; none is core.
    pub alone: BTreeMap<Option<RepoName>, Alone>,
    /// Of each directory that leaves core and of which its repo can offer nothing alone, an
    /// attribute of each repo that something of it is made from and that is not seen.
    pub(super) lacks: BTreeMap<AttrName, BTreeSet<AttrName>>,
    /// The same of each member of a package set that leaves it, by set and name; and the members of other
    /// repos that something of each directory or member is made from, as SET.NAME.
    pub(super) members_lack: BTreeMap<(AttrName, AttrName), BTreeSet<AttrName>>,
    pub(super) lacks_members: BTreeMap<Part, BTreeSet<(AttrName, AttrName)>>,
    /// The attributes of other repos that something of core is made from.
    pub(super) core_lacks: BTreeSet<String>,
}

/// What repos have to do with a derivation: a bit for each.
type Repos = Vec<u64>;

fn has(repos: &Repos, at: usize) -> bool {
    repos[at / 64] & (1 << (at % 64)) != 0
}

/// What goes to a repo as a whole.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    /// A by-name directory.
    Unit(AttrName),
    /// A member of a package set, by set and name.
    Member(AttrName, AttrName),
}

/// An attribute of the tree that is a derivation.
struct Owned<'a> {
    attribute: Cow<'a, str>,
    part: Part,
    /// The number of its repo; none for core.
    repo: Option<usize>,
    derivation: Derivation,
}

/// What each repo can offer alone; `snapshot` is of the whole.
///
/// # Errors
/// When Nix cannot be asked; the inner error is Nix's own.
pub fn coverage(
    monorepo: &Monorepo,
    (assignment, sets): (&Assignment, &PackageSets),
    rules: &Rules,
    snapshot: &Snapshot,
    nix: &Nix,
) -> Result<Result<Coverage, Failure>, NixError> {
    let repos = rules.repos();
    let number = |repo: &RepoName| repos.iter().position(|other| *other == repo);
    let definers = monorepo.definers();
    let mut owned: Vec<Owned<'_>> = Vec::new();
    let mut paths = Vec::new();
    for (attribute, found) in &snapshot.attributes {
        let unit: Option<&AttrName> = definers.get(attribute.as_str()).copied();
        let (Evaluated::Derivation(path), Some(unit)) = (found, unit) else {
            continue;
        };
        if let Ok(derivation) = path.parse() {
            paths.push(path.as_str());
            owned.push(Owned {
                attribute: Cow::Borrowed(attribute),
                part: Part::Unit(unit.clone()),
                repo: assignment.repo_of(unit).and_then(number),
                derivation,
            });
        }
    }
    for member in assignment.leaving(sets, None) {
        let found = sets.0.get(member.set);
        let found = found.and_then(|set| set.members.get(member.name));
        for path in found.into_iter().flat_map(|found| &found.derivations) {
            if let Ok(derivation) = path.parse() {
                paths.push(path.as_str());
                owned.push(Owned {
                    attribute: Cow::Owned(format!("{}.{}", member.set, member.name)),
                    part: Part::Member(member.set.clone(), member.name.clone()),
                    repo: number(member.repo),
                    derivation,
                });
            }
        }
    }
    paths.sort_unstable();
    paths.dedup();
    let made = match nix.derivations(&paths, &Limits::default())? {
        Ok(made) => made,
        Err(failure) => return Ok(Err(failure)),
    };
    let width = repos.len().div_ceil(64);
    let mut own: HashMap<&Derivation, &Owned<'_>> = HashMap::new();
    for owned in owned.iter().rev().filter(|owned| owned.repo.is_some()) {
        own.insert(&owned.derivation, owned);
    }
    let closures = closures(&made, width, |derivation| own.get(derivation)?.repo);
    let seen: Vec<Vec<usize>> = repos
        .iter()
        .map(|repo| {
            let seen = rules.below(repo).into_iter().chain([*repo]);
            seen.filter_map(number).collect()
        })
        .collect();
    let mut coverage = Coverage::default();
    for repo in repos.iter().map(|repo| Some((*repo).clone())).chain([None]) {
        coverage.alone.insert(repo, Alone::default());
    }
    let mut offering: BTreeSet<&Part> = BTreeSet::new();
    for owned in &owned {
        let repo = owned.repo.map(|at| repos[at].clone());
        let alone = coverage.alone.entry(repo).or_default();
        alone.owned += 1;
        let closure = closures.get(&owned.derivation).cloned();
        let mut others = closure.unwrap_or_else(|| vec![0; width]);
        for seen in owned.repo.iter().flat_map(|at| &seen[*at]) {
            others[seen / 64] &= !(1 << (seen % 64));
        }
        if others.iter().all(|word| *word == 0) {
            alone.offered += 1;
            offering.insert(&owned.part);
            continue;
        }
        for (at, other) in repos.iter().enumerate().filter(|(at, _)| has(&others, *at)) {
            *alone.lacks.entry((*other).clone()).or_default() += 1;
            let Some(witness) = witness(&made, &closures, owned, at, &own) else {
                continue;
            };
            let culprits = alone.culprits.entry((*other).clone()).or_default();
            *culprits.entry(witness.attribute.to_string()).or_default() += 1;
            match (&owned.part, &witness.part) {
                _ if owned.repo.is_none() => {
                    // Core has no stubs for members: the list that called them says who has them.
                    if let Part::Unit(_) = &witness.part {
                        coverage.core_lacks.insert(witness.attribute.to_string());
                    }
                }
                (part, Part::Member(set, name)) => {
                    let lacks = coverage.lacks_members.entry(part.clone()).or_default();
                    lacks.insert((set.clone(), name.clone()));
                }
                (part, Part::Unit(_)) => {
                    let Ok(attribute) = witness.attribute.parse() else {
                        continue;
                    };
                    let lacks = match part {
                        Part::Unit(unit) => coverage.lacks.entry(unit.clone()).or_default(),
                        Part::Member(set, name) => {
                            let member = (set.clone(), name.clone());
                            coverage.members_lack.entry(member).or_default()
                        }
                    };
                    lacks.insert(attribute);
                }
            }
        }
    }
    // A manifest leaves out packages as wholes: not one that offers something.
    coverage
        .lacks
        .retain(|unit, _| !offering.contains(&Part::Unit(unit.clone())));
    coverage
        .lacks_members
        .retain(|part, _| !offering.contains(part));
    Ok(Ok(coverage))
}

/// The nearest attribute of a repo that a derivation is made from.
fn witness<'o>(
    made: &BTreeMap<Derivation, DerivationInputs>,
    closures: &HashMap<&Derivation, Repos>,
    from: &Owned<'_>,
    repo: usize,
    own: &HashMap<&Derivation, &'o Owned<'o>>,
) -> Option<&'o Owned<'o>> {
    let mut seen = BTreeSet::new();
    let mut open = VecDeque::from([&from.derivation]);
    while let Some(next) = open.pop_front() {
        if let Some(owned) = own.get(next).filter(|owned| owned.repo == Some(repo)) {
            return Some(owned);
        }
        // Only where the repo is in it.
        let leads = |input: &&Derivation| {
            closures
                .get(*input)
                .is_some_and(|closure| has(closure, repo))
        };
        let inputs = made.get(next).into_iter().flat_map(|made| &made.inputs);
        for input in inputs.filter(leads) {
            if seen.insert(input) {
                open.push_back(input);
            }
        }
    }
    None
}

/// For each derivation, the repos above core that own something it is made from,
/// itself included. Derivations have no cycles.
fn closures(
    made: &BTreeMap<Derivation, DerivationInputs>,
    width: usize,
    repo_of: impl Fn(&Derivation) -> Option<usize>,
) -> HashMap<&Derivation, Repos> {
    let mut closures: HashMap<&Derivation, Repos> = HashMap::with_capacity(made.len());
    for start in made.keys() {
        // By hand: a chain may be longer than a stack is deep.
        let mut open = vec![(start, false)];
        while let Some((derivation, is_ready)) = open.pop() {
            if closures.contains_key(derivation) {
                continue;
            }
            let Some(of) = made.get(derivation) else {
                continue;
            };
            if !is_ready {
                open.push((derivation, true));
                open.extend(of.inputs.iter().map(|input| (input, false)));
                continue;
            }
            let mut repos = vec![0; width];
            if let Some(at) = repo_of(derivation) {
                repos[at / 64] |= 1 << (at % 64);
            }
            for input in of.inputs.iter().filter_map(|input| closures.get(input)) {
                for (word, more) in repos.iter_mut().zip(input) {
                    *word |= more;
                }
            }
            let Some((derivation, _)) = made.get_key_value(derivation) else {
                continue;
            };
            closures.insert(derivation, repos);
        }
    }
    closures
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_derivation_needs_the_repos_of_all_it_is_made_from() {
        let named = |name: &str| -> Derivation {
            format!("{}-{name}.drv", "0".repeat(32)).parse().unwrap()
        };
        let of = |inputs: &[&str]| DerivationInputs {
            inputs: inputs.iter().map(|name| named(name)).collect(),
            is_fixed: false,
        };
        let made = BTreeMap::from([
            (named("a"), of(&["b", "c"])),
            (named("b"), of(&["d"])),
            (named("c"), of(&[])),
            (named("d"), of(&[])),
        ]);
        let (b, d) = (named("b"), named("d"));
        let own = HashMap::from([(&b, 0), (&d, 65)]);
        let closures = closures(&made, 2, |derivation| own.get(derivation).copied());
        assert_eq!(closures[&named("a")], [1, 2]);
        assert_eq!(closures[&named("b")], [1, 2]);
        assert_eq!(closures[&named("c")], [0, 0]);
        assert_eq!(closures[&named("d")], [0, 2]);
    }
}
