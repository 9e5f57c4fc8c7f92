//! Plans for families in disorder: applied to the manifest they leave nothing to
//! report, and no other plan is smaller.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

use std::collections::BTreeSet;
use std::fmt::Write;

use aux_edit::Editor;
use aux_model::answers::{MovePlan, PackageGraph, Peers, Weight};
use aux_model::{Catalog, Family, Manifest, PackageId, RepoName, Source, Survey};
use aux_test_support::dice::Choices;
use proptest::prelude::*;
use proptest::strategy::ValueTree;

/// What a family may have that makes plans harder to compare.
#[derive(Clone, Copy, PartialEq)]
enum Extras {
    None,
    /// Peers, hand-written repos and pairs that may use each other.
    All,
}

/// A manifest in which packages are anywhere and repos use whom they like; only
/// packages are in no cycle.
fn disorder(bytes: &[u8], packages: usize, extras: Extras) -> String {
    let mut dice = Choices::new(bytes);
    let sigs = 2 + dice.below(3);
    let tiers: Vec<usize> = (0..sigs).map(|_| dice.below(2)).collect();
    let repos = sigs + 2;
    let (core, top) = (sigs, sigs + 1);
    let name = |repo: usize| match repo {
        repo if repo == core => "core".to_owned(),
        repo if repo == top => "top-level".to_owned(),
        repo => format!("r{repo}"),
    };
    let mut text = String::from(
        "format = \"1.0\"\norganization = { name = \"x\", forge = \"github:x\" }\n\
         tiers = [{ name = \"core\" }, { name = \"low\" }, { name = \"high\" }, { name = \"top-level\" }]\n\
         people.ada = {}\nsigs.all.leads = [\"ada\"]\n",
    );
    if extras == Extras::All && dice.rarely(3) {
        text.push_str(
            "[[policy.allow]]\nrepos = [\"r0\", \"r1\"]\nreason = \"so be it\"\nowner = \"all\"\nreview = \"2027-01-31\"\n",
        );
    }
    let home: Vec<usize> = (0..packages).map(|_| dice.below(repos)).collect();
    for repo in 0..repos {
        let tier = match repo {
            _ if repo == core => "core",
            _ if repo == top => "top-level",
            _ => ["low", "high"][tiers[repo]],
        };
        let (mut uses, mut peers) = (Vec::new(), Vec::new());
        for other in (0..repos).filter(|other| *other != repo) {
            match dice.below(8) {
                0 => uses.push(format!("\"{}\"", name(other))),
                1 if extras == Extras::All && other != core => {
                    peers.push(format!("\"{}\"", name(other)));
                }
                _ => {}
            }
        }
        let external = extras == Extras::All && repo < sigs && dice.rarely(5);
        let kind = if external {
            "kind = \"external\"\n"
        } else {
            ""
        };
        write!(
            text,
            "\n[repos.{}]\nsig = \"all\"\ntier = \"{tier}\"\n{kind}uses = [{}]\npeers = [{}]\n",
            name(repo),
            uses.join(", "),
            peers.join(", ")
        )
        .unwrap();
        for package in (0..packages).filter(|package| home[*package] == repo) {
            let mut needs = Vec::new();
            for (other, owner) in home.iter().enumerate().take(package) {
                if dice.rarely(3) {
                    needs.push(match dice.below(2) {
                        0 => format!("\"p{other}\""),
                        _ => format!("\"{}/p{other}\"", name(*owner)),
                    });
                }
            }
            write!(
                text,
                "[repos.{}.packages.p{package}]\nbuild = [{}]\n",
                name(repo),
                needs.join(", ")
            )
            .unwrap();
        }
    }
    text
}

fn survey(text: &str) -> Survey {
    let survey = Manifest::open(Source::new("aux.toml", text)).survey();
    survey.unwrap_or_else(|problems| panic!("{problems}\n{text}"))
}

/// A plan for each group; none if one of them has none.
fn plans(graph: &PackageGraph<'_>) -> Option<Vec<MovePlan>> {
    let out_of_order = graph.out_of_order();
    let none = BTreeSet::new();
    let plans = out_of_order
        .iter()
        .map(|group| graph.move_plan(group, &none, Weight::Packages, Peers::Stay));
    plans.collect::<Result<_, _>>().ok()
}

/// What the plans make of a manifest.
fn applied(text: &str, catalog: &Family, graph: &PackageGraph<'_>, plans: &[MovePlan]) -> String {
    let changes = graph.rearrangement(plans);
    let mut editor = Editor::open([Source::new("aux.toml", text)]).unwrap();
    editor.rearrange(catalog, &changes, None).unwrap();
    let (_, text) = editor.texts().next().unwrap();
    text.to_owned()
}

fn rolls(seed: usize, cases: usize) -> impl Iterator<Item = Vec<u8>> {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let bytes = proptest::collection::vec(any::<u8>(), 40..400);
    let mut roll = move || bytes.new_tree(&mut runner).unwrap().current();
    for _ in 0..seed {
        roll();
    }
    std::iter::repeat_with(roll).take(cases)
}

#[test]
fn every_plan_applied_leaves_nothing_to_report() {
    let (mut tangled, mut moved, mut stuck) = (0, 0, 0);
    for bytes in rolls(0, 1_500) {
        let text = disorder(&bytes, 2 + usize::from(bytes[0]) % 9, Extras::All);
        let Survey {
            family: catalog,
            problems,
            ..
        } = survey(&text);
        let graph = catalog.graph();
        let Some(plans) = plans(&graph) else {
            stuck += 1;
            continue;
        };
        let after = applied(&text, &catalog, &graph, &plans);
        let checked = Catalog::from_toml(&after);
        let after_catalog = checked.unwrap_or_else(|left| {
            panic!("{left}\n--- before\n{text}\n--- after\n{after}\n--- {plans:?}\n{problems}")
        });
        assert!(
            after_catalog.graph().out_of_order().is_empty(),
            "nothing is left to move"
        );
        tangled += usize::from(!plans.is_empty());
        moved += plans.iter().map(|plan| plan.moves.len()).sum::<usize>();
    }
    assert!(
        tangled > 500 && moved > 500 && stuck < 300,
        "{tangled} tangled, {moved} moved, {stuck} stuck: too few to tell"
    );
}

/// The fewest packages that any arrangement moves: every package in every repo,
/// as long as needs go down the tiers and make no cycle of repos.
fn fewest(catalog: &Family) -> usize {
    let repos: Vec<&RepoName> = catalog.repos().map(|repo| &repo.name).collect();
    let level: Vec<usize> = repos
        .iter()
        .map(|repo| catalog.level(repo).unwrap())
        .collect();
    let packages: Vec<&PackageId> = catalog.packages().map(|package| &package.id).collect();
    let number = |id: &PackageId| packages.iter().position(|known| *known == id).unwrap();
    let home: Vec<usize> = packages
        .iter()
        .map(|id| repos.iter().position(|repo| **repo == id.repo).unwrap())
        .collect();
    let edges: Vec<(usize, usize)> = catalog
        .edges()
        .map(|(package, edge)| (number(&package.id), number(&edge.to)))
        .collect();
    let arrangements = repos.len().pow(u32::try_from(packages.len()).unwrap());
    let moved = |at: &[usize]| at.iter().zip(&home).filter(|(at, home)| at != home).count();
    let mut best = usize::MAX;
    for arrangement in 0..arrangements {
        let mut rest = arrangement;
        let at: Vec<usize> = packages
            .iter()
            .map(|_| {
                let repo = rest % repos.len();
                rest /= repos.len();
                repo
            })
            .collect();
        if moved(&at) < best && keeps_order(&at, &level, &edges) {
            best = moved(&at);
        }
    }
    best
}

/// Whether needs go down the tiers and make no cycle of repos.
fn keeps_order(at: &[usize], level: &[usize], edges: &[(usize, usize)]) -> bool {
    let arcs: BTreeSet<(usize, usize)> = edges
        .iter()
        .map(|(from, to)| (at[*from], at[*to]))
        .filter(|(from, to)| from != to)
        .collect();
    if arcs.iter().any(|(from, to)| level[*from] < level[*to]) {
        return false;
    }
    let mut left: BTreeSet<usize> = (0..level.len()).collect();
    while let Some(free) = left.iter().copied().find(|repo| {
        !arcs
            .iter()
            .any(|(from, to)| from == repo && left.contains(to))
    }) {
        left.remove(&free);
    }
    left.is_empty()
}

#[test]
fn no_arrangement_moves_fewer_packages() {
    let mut compared = [0_usize; 4];
    for bytes in rolls(7, 400) {
        let text = disorder(&bytes, 5, Extras::None);
        let Survey {
            family: catalog, ..
        } = survey(&text);
        let graph = catalog.graph();
        let plans = plans(&graph).unwrap();
        assert!(plans.iter().all(MovePlan::is_smallest));
        let moves: usize = plans.iter().map(|plan| plan.moves.len()).sum();
        assert_eq!(moves, fewest(&catalog), "{plans:?}\n{text}");
        compared[moves.min(3)] += 1;
    }
    assert!(
        compared[0] > 20 && compared[1] > 20 && compared[2] > 20,
        "{compared:?}: too few to tell"
    );
}

#[test]
fn no_cut_is_cheaper_and_the_cut_is_one() {
    let mut compared = 0;
    for bytes in rolls(23, 300) {
        let text = disorder(&bytes, 8, Extras::None);
        let Survey {
            family: catalog, ..
        } = survey(&text);
        let graph = catalog.graph();
        let lower: BTreeSet<RepoName> = ["core", "r0"].map(|name| name.parse().unwrap()).into();
        let cut = graph
            .cut(&lower, &BTreeSet::new(), Weight::Packages)
            .unwrap();
        let packages: Vec<&PackageId> = catalog.packages().map(|package| &package.id).collect();
        let number = |id: &PackageId| packages.iter().position(|known| *known == id).unwrap();
        let before: Vec<bool> = packages.iter().map(|id| lower.contains(&id.repo)).collect();
        let edges: Vec<(usize, usize)> = catalog
            .edges()
            .map(|(package, edge)| (number(&package.id), number(&edge.to)))
            .collect();
        let holds = |below: &[bool]| edges.iter().all(|(from, to)| !below[*from] || below[*to]);
        let fewest = (0_u32..1 << packages.len())
            .map(|sides| -> Vec<bool> {
                (0..packages.len()).map(|at| sides >> at & 1 == 1).collect()
            })
            .filter(|below| holds(below))
            .map(|below| {
                below
                    .iter()
                    .zip(&before)
                    .filter(|(now, then)| now != then)
                    .count()
            })
            .min()
            .unwrap();
        assert_eq!(cut.down.len() + cut.up.len(), fewest, "{text}");
        let mut after = before.clone();
        for id in &cut.down {
            after[number(id)] = true;
        }
        for id in &cut.up {
            after[number(id)] = false;
        }
        assert!(holds(&after), "{cut:?}\n{text}");
        compared += usize::from(fewest > 0);
    }
    assert!(compared > 50, "{compared}: too few to tell");
}
