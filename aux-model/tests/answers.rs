//! What holds for every answer: a plan does what it says, and no smaller one does.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

mod family;

use std::collections::{BTreeMap, BTreeSet};

use aux_model::answers::{MovePlan, PackageGraph, Peers, Rule, Weight, Wish};
use aux_model::{Catalog, PackageId, RepoName};
use aux_test_support::dice::Choices;
use family::{Family, check};
use proptest::prelude::*;
use proptest::strategy::ValueTree;

/// A random family, as valid as they come.
fn catalog(bytes: &[u8]) -> Catalog {
    let mut dice = Choices::new(bytes);
    let family = Family::roll(&mut dice);
    let texts = family.texts(&mut dice);
    check(&texts).unwrap()
}

/// A family in which every repo of a tier is everybody's peer, and packages need
/// whatever was numbered before them: cycles of repos, none of packages.
fn tangled(bytes: &[u8]) -> Catalog {
    let die = |at: usize, sides: usize| usize::from(bytes[at % bytes.len()]) % sides;
    let repos = 2 + die(0, 3);
    let packages = 3 + die(1, 8);
    let mut text = String::from(
        "format = \"1.0\"\norganization = { name = \"x\", forge = \"github:x\" }\n\
         tiers = [{ name = \"core\" }, { name = \"sigs\" }, { name = \"top-level\" }]\n\
         people.ada = {}\nsigs.all.leads = [\"ada\"]\n\
         repos.core = { sig = \"all\", tier = \"core\" }\n\
         repos.top-level = { sig = \"all\", tier = \"top-level\" }\n",
    );
    for repo in 0..repos {
        let peers: Vec<String> = (0..repos)
            .filter(|other| *other != repo)
            .map(|other| format!("\"r{other}\""))
            .collect();
        let own: Vec<String> = (0..packages)
            .filter(|package| die(2 + package, repos) == repo)
            .map(|package| {
                let needs: Vec<String> = (0..package)
                    .filter(|other| die(20 + 11 * package + other, 3) == 0)
                    .map(|other| format!("\"p{other}\""))
                    .collect();
                format!("p{package} = {{ build = [{}] }}", needs.join(", "))
            })
            .collect();
        text.push_str(&format!(
            "repos.r{repo} = {{ sig = \"all\", tier = \"sigs\", peers = [{}], packages = {{ {} }} }}\n",
            peers.join(", "),
            own.join(", ")
        ));
    }
    Catalog::from_toml(&text).unwrap_or_else(|problems| panic!("{problems}\n{text}"))
}

/// Needed edges between packages of some repos.
fn needed<'g>(
    graph: &'g PackageGraph<'_>,
    repos: &'g BTreeSet<RepoName>,
) -> impl Iterator<Item = (&'g PackageId, &'g PackageId)> {
    graph
        .edges()
        .iter()
        .filter(|edge| edge.kind.is_needed())
        .filter(|edge| repos.contains(&edge.from.repo) && repos.contains(&edge.to.repo))
        .map(|edge| (edge.from, edge.to))
}

/// Whether every needed edge points to the same repo or an earlier one.
fn holds(graph: &PackageGraph<'_>, repos: &BTreeSet<RepoName>, plan: &MovePlan) -> bool {
    let position: BTreeMap<&RepoName, usize> = plan
        .order
        .iter()
        .enumerate()
        .map(|(at, repo)| (repo, at))
        .collect();
    let moved: BTreeMap<&PackageId, &RepoName> = plan
        .moves
        .iter()
        .map(|step| (&step.package, &step.to))
        .collect();
    let at = |id: &PackageId| position[*moved.get(id).unwrap_or(&&id.repo)];
    needed(graph, repos).all(|(from, to)| at(from) >= at(to))
}

/// The fewest moves over both orders of two repos, by trying all of them.
fn fewest(graph: &PackageGraph<'_>, repos: &BTreeSet<RepoName>) -> u32 {
    let packages: Vec<&PackageId> = graph
        .packages()
        .iter()
        .map(|package| &package.id)
        .filter(|id| repos.contains(&id.repo))
        .collect();
    let number: BTreeMap<&PackageId, usize> = packages
        .iter()
        .enumerate()
        .map(|(at, id)| (*id, at))
        .collect();
    let edges: Vec<(usize, usize)> = needed(graph, repos)
        .map(|(from, to)| (number[from], number[to]))
        .collect();
    let first = repos.first().unwrap();
    let home: u32 = packages
        .iter()
        .enumerate()
        .map(|(at, id)| u32::from(id.repo != *first) << at)
        .sum();
    (0..1_u32 << packages.len())
        .filter(|upper| {
            let keeps = |side: bool| {
                edges.iter().all(|(from, to)| {
                    let (from, to) = (upper >> from & 1 == 1, upper >> to & 1 == 1);
                    if side { from >= to } else { from <= to }
                })
            };
            keeps(true) || keeps(false)
        })
        .map(|upper| (upper ^ home).count_ones())
        .min()
        .unwrap()
}

#[test]
fn a_plan_ends_its_cycle_and_none_is_smaller() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let (mut cycles, mut compared) = (0, 0);
    let bytes = proptest::collection::vec(any::<u8>(), 200);
    for _ in 0..300 {
        let catalog = tangled(&bytes.new_tree(&mut runner).unwrap().current());
        let graph = catalog.graph();
        for cycle in graph.repo_cycles() {
            cycles += 1;
            let repos: BTreeSet<RepoName> = cycle.repos.iter().cloned().collect();
            for weight in [Weight::Packages, Weight::Dependents] {
                let plan = graph
                    .move_plan(&repos, &BTreeSet::new(), weight, Peers::End)
                    .unwrap();
                assert!(holds(&graph, &repos, &plan), "{plan:#?}");
                assert!(plan.bound <= plan.price, "{plan:#?}");
            }
            let plan = graph
                .move_plan(&repos, &BTreeSet::new(), Weight::Packages, Peers::End)
                .unwrap();
            assert!(!plan.moves.is_empty(), "a cycle does not end by itself");
            let all = graph
                .packages()
                .iter()
                .filter(|package| repos.contains(&package.id.repo));
            if repos.len() == 2 && all.count() <= 12 {
                compared += 1;
                assert!(plan.is_smallest());
                assert_eq!(
                    u32::try_from(plan.moves.len()).unwrap(),
                    fewest(&graph, &repos)
                );
            }
            // Pinned packages stay; if they alone make the cycle, there is no plan.
            let pinned: BTreeSet<PackageId> =
                plan.moves.iter().map(|step| step.package.clone()).collect();
            if let Ok(other) = graph.move_plan(&repos, &pinned, Weight::Packages, Peers::End) {
                assert!(
                    other
                        .moves
                        .iter()
                        .all(|step| !pinned.contains(&step.package))
                );
                assert!(other.price >= plan.price, "more pins, no better plan");
            }
        }
    }
    assert!(
        cycles > 50 && compared > 20,
        "{cycles} cycles, {compared} compared: too few to tell"
    );
}

#[test]
fn a_package_is_placed_where_all_it_needs_is_seen_and_no_lower_repo_does() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let bytes = proptest::collection::vec(any::<u8>(), 0..400);
    for _ in 0..300 {
        let catalog = catalog(&bytes.new_tree(&mut runner).unwrap().current());
        let graph = catalog.graph();
        let all: Vec<PackageId> = catalog
            .packages()
            .map(|package| package.id.clone())
            .collect();
        for needs in all.windows(2) {
            let needs: BTreeSet<PackageId> = needs.iter().cloned().collect();
            let wish = Wish {
                needs: needs.clone(),
                ..Wish::default()
            };
            let place = graph.place(&wish);
            let sees = |repo: &RepoName| needs.iter().all(|id| catalog.sees(repo, &id.repo));
            assert!(sees(&place.repo), "{place:?}");
            let level = catalog.level(&place.repo);
            assert_eq!(place.against, [], "nobody needs what is to come");
            // What core does not have by right is no nearer to one SIG than to another.
            let is_nobodys = needs.iter().all(|id| id.repo == catalog.core().name);
            let lower = catalog.repos().filter(|repo| sees(&repo.name));
            let lower = lower.filter(|repo| !is_nobodys && repo.name != catalog.core().name);
            assert_ne!(place.repo, catalog.core().name, "nobody needs it");
            for repo in lower {
                assert!(
                    catalog.level(&repo.name) >= level,
                    "{} is lower than {place:?}",
                    repo.name
                );
            }
        }
    }
}

#[test]
fn a_package_that_is_there_is_seen_by_all_who_need_it_or_they_are_named() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let bytes = proptest::collection::vec(any::<u8>(), 0..400);
    let mut elsewhere = 0;
    for _ in 0..300 {
        let catalog = catalog(&bytes.new_tree(&mut runner).unwrap().current());
        let graph = catalog.graph();
        let reaches = |from: &RepoName, to: &RepoName| {
            let peers = &catalog.repo(from.as_str()).unwrap().peers;
            catalog.sees(from, to) || peers.contains_key(to)
        };
        for package in catalog.packages() {
            let wish = graph.wish_of(&package.id).unwrap();
            let place = graph.place(&wish);
            let stays = place.repo == package.id.repo;
            let needed = |id: &PackageId| {
                catalog.sees(&place.repo, &id.repo) || (stays && reaches(&place.repo, &id.repo))
            };
            assert!(wish.needs.iter().all(needed), "{place:?}");
            assert_eq!(place.owner, package.owner);
            let blind: BTreeSet<&PackageId> = graph
                .edges()
                .iter()
                .filter(|edge| edge.kind.is_needed() && *edge.to == package.id)
                .map(|edge| edge.from)
                .filter(|user| !reaches(&user.repo, &place.repo))
                .collect();
            assert_eq!(place.against.iter().collect::<BTreeSet<_>>(), blind);
            elsewhere += usize::from(place.repo != package.id.repo);
        }
    }
    assert!(elsewhere > 100, "{elsewhere}: too few to tell");
}

#[test]
fn what_is_placed_in_core_is_what_core_says_belongs_there() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let bytes = proptest::collection::vec(any::<u8>(), 0..400);
    let (mut stay, mut leave) = (0, 0);
    for _ in 0..300 {
        let catalog = catalog(&bytes.new_tree(&mut runner).unwrap().current());
        let graph = catalog.graph();
        let policy = catalog.policy();
        let report = graph.core(&policy.bootstrap, policy.fan_in);
        for id in catalog.core().packages.values().map(|package| &package.id) {
            // Whatever its owner would have.
            let wish = Wish {
                owner: None,
                ..graph.wish_of(id).unwrap()
            };
            let place = graph.place(&wish);
            let need_not = report.need_not.iter().find(|one| one.package == *id);
            let is_free = need_not.is_some();
            if place.repo == catalog.core().name {
                stay += 1;
                assert!(
                    !is_free || place.rule == Rule::NeededBelow,
                    "{id}: {place:?}"
                );
            } else {
                leave += 1;
                assert!(need_not.is_some(), "{id}: core keeps it, and {place:?}");
            }
        }
    }
    assert!(stay > 100 && leave > 20, "{stay} stay, {leave} leave");
}
