//! What holds for every family: round trips, order that does not matter, edits
//! that keep what a person wrote, and the laws of the graph.

#![allow(
    clippy::unwrap_used,
    reason = "helpers of tests, where it is a failed test"
)]

mod family;

use aux_search::Search;
use std::collections::{BTreeMap, BTreeSet};

use aux_edit::{Addition, Editor, NewPackage, NewSig};
use aux_model::answers::{GraphEdge, Subject};
use aux_model::{
    AttrName, Catalog, EdgeKind, Manifest, PackageId, Repo, RepoName, Source, Tree, TreeEntry,
};
use aux_test_support::dice::Choices;
use family::{Family, check};
use proptest::prelude::*;

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(any::<u8>(), 0..400)
}

fn texts(bytes: &[u8]) -> Vec<Source> {
    let mut dice = Choices::new(bytes);
    let family = Family::roll(&mut dice);
    family.texts(&mut dice)
}

fn catalog(bytes: &[u8]) -> Catalog {
    let texts = texts(bytes);
    check(&texts).unwrap_or_else(|problems| {
        let texts: Vec<&str> = texts.iter().map(Source::text).collect();
        panic!("{problems}\n{}", texts.join("\n---\n"))
    })
}

/// Everything reachable over `next`, the start only if a path leads back.
fn reachable<T: Ord + Clone>(start: &T, next: impl Fn(&T) -> Vec<T>) -> BTreeSet<T> {
    let mut seen = BTreeSet::new();
    let mut open = next(start);
    while let Some(node) = open.pop() {
        if seen.insert(node.clone()) {
            open.extend(next(&node));
        }
    }
    seen
}

fn needed(catalog: &Catalog, id: &PackageId) -> Vec<PackageId> {
    let package = catalog.package(id).expect("edges lead to packages");
    let edges = package.edges.iter().filter(|edge| edge.kind.is_needed());
    edges.map(|edge| edge.to.clone()).collect()
}

fn below(catalog: &Catalog, repo: &Repo) -> BTreeSet<RepoName> {
    reachable(&repo.name, |name| {
        let repo = catalog.repo(name.as_str()).expect("uses lead to repos");
        repo.uses.keys().cloned().collect()
    })
}

/// Every line of `before` is in `after`, in order, byte for byte.
fn keeps_lines(before: &str, after: &str) -> bool {
    let mut after = after.split_inclusive('\n');
    before
        .split_inclusive('\n')
        .all(|line| after.any(|kept| kept == line))
}

proptest! {
    #[test]
    fn a_wave_uses_earlier_waves_only_and_a_step_is_one_cycle(bytes in bytes()) {
        let catalog = catalog(&bytes);
        let waves = catalog.waves();
        let mut at: BTreeMap<&RepoName, (usize, usize)> = BTreeMap::new();
        for (wave, steps) in waves.iter().enumerate() {
            prop_assert!(!steps.is_empty());
            for (step, repos) in steps.iter().enumerate() {
                for repo in repos {
                    prop_assert_eq!(at.insert(repo, (wave, step)), None);
                }
            }
        }
        prop_assert_eq!(at.len(), catalog.repos().count());
        for repo in catalog.repos() {
            let own = at[&repo.name];
            let inputs = catalog.inputs(repo);
            let mut nearest = None;
            for input in inputs {
                let theirs = at[&input.name];
                let back = catalog.inputs(input);
                let is_cycle = back.iter().any(|other| other.name == repo.name);
                prop_assert_eq!(theirs == own, is_cycle, "{} and {}", repo.name, input.name);
                if !is_cycle {
                    prop_assert!(theirs.0 < own.0);
                    nearest = nearest.max(Some(theirs.0));
                }
            }
            let step = &waves[own.0][own.1];
            if step.len() == 1 {
                // As early as can be.
                prop_assert_eq!(own.0, nearest.map_or(0, |wave| wave + 1));
            }
        }
    }

    #[test]
    fn json_out_and_in_again_is_the_same(bytes in bytes()) {
        let json = catalog(&bytes).to_json();
        let again = Catalog::from_json(&json).unwrap_or_else(|problems| panic!("{problems}\n{json}"));
        prop_assert_eq!(again.to_json(), json);
    }

    #[test]
    fn the_order_of_tables_and_files_does_not_matter(bytes in bytes(), other in bytes()) {
        let mut dice = Choices::new(&bytes);
        let family = Family::roll(&mut dice);
        let one = check(&family.texts(&mut dice)).unwrap().to_json();
        let shuffled = family.texts(&mut Choices::new(&other));
        prop_assert_eq!(check(&shuffled).unwrap().to_json(), one.clone());
        let mut backwards = Manifest::open(shuffled[0].clone());
        backwards.include("sigs/*.toml", shuffled[1..].iter().rev().cloned().collect());
        prop_assert_eq!(backwards.check().unwrap().to_json(), one);
    }

    #[test]
    fn a_layer_comes_after_those_it_uses(bytes in bytes()) {
        let catalog = catalog(&bytes);
        let place: BTreeMap<&RepoName, usize> =
            catalog.layers().enumerate().map(|(place, repo)| (&repo.name, place)).collect();
        prop_assert_eq!(place.len(), catalog.repos().count());
        for repo in catalog.repos() {
            for used in repo.uses.keys() {
                let comes_after = place[used] < place[&repo.name];
                let allowed = catalog.policy().allows(used, &repo.name);
                prop_assert!(comes_after || allowed, "{} before {used}", repo.name);
            }
        }
    }

    #[test]
    fn inputs_are_the_closure_of_uses(bytes in bytes()) {
        let catalog = catalog(&bytes);
        for repo in catalog.repos() {
            let inputs: BTreeSet<RepoName> =
                catalog.inputs(repo).into_iter().map(|input| input.name.clone()).collect();
            let expected = if repo.name == catalog.top_level().name {
                let others = catalog.repos().filter(|other| other.name != repo.name);
                others.map(|other| other.name.clone()).collect()
            } else {
                let mut below = below(&catalog, repo);
                below.remove(&repo.name);
                below
            };
            prop_assert_eq!(inputs, expected);
        }
    }

    #[test]
    fn left_out_is_what_reaches_out_of_the_view(bytes in bytes()) {
        let catalog = catalog(&bytes);
        for repo in catalog.repos() {
            let mut visible = below(&catalog, repo);
            visible.insert(repo.name.clone());
            if repo.name == catalog.top_level().name {
                visible.extend(catalog.repos().map(|repo| repo.name.clone()));
            }
            let left_out = catalog.view(repo).left_out;
            for package in repo.packages.values() {
                let reached = reachable(&package.id, |id| needed(&catalog, id));
                let expected = reached.iter().any(|id| !visible.contains(&id.repo));
                let reason = left_out.get(&package.id.name);
                prop_assert_eq!(reason.is_some(), expected, "{}", package.id);
                let Some(reason) = reason else { continue };
                let mut from = package.id.clone();
                for to in &reason.chain {
                    prop_assert!(needed(&catalog, &from).contains(to), "{from} -> {to}");
                    prop_assert_eq!(visible.contains(&to.repo), to != reason.missing());
                    from = to.clone();
                }
            }
        }
    }

    /// Against brute force: whatever a walk meets first outside of the view.
    #[test]
    fn coverage_names_what_is_missing_and_who_lacks_it(bytes in bytes()) {
        let catalog = catalog(&bytes);
        let graph = catalog.graph();
        for repo in catalog.repos() {
            let sees = |id: &PackageId| catalog.sees(&repo.name, &id.repo);
            let mut expected: BTreeMap<PackageId, Vec<PackageId>> = BTreeMap::new();
            let mut whole = 0;
            for package in repo.packages.values() {
                let reached = reachable(&package.id, |id| {
                    if sees(id) { needed(&catalog, id) } else { Vec::new() }
                });
                whole += usize::from(reached.iter().all(sees));
                for missing in reached.into_iter().filter(|id| !sees(id)) {
                    expected.entry(missing).or_default().push(package.id.clone());
                }
            }
            let coverage = graph.coverage(&repo.name).unwrap();
            prop_assert_eq!(coverage.packages, repo.packages.len());
            prop_assert_eq!(coverage.standalone, whole);
            let costs: Vec<usize> = coverage.missing.iter().map(|missing| missing.cost.len()).collect();
            prop_assert!(costs.is_sorted_by(|a, b| a >= b), "{costs:?}");
            let found: BTreeMap<PackageId, Vec<PackageId>> = coverage
                .missing
                .into_iter()
                .map(|missing| (missing.package, missing.cost))
                .collect();
            prop_assert_eq!(found, expected);
        }
    }

    #[test]
    fn a_chain_leads_from_one_to_the_other_if_anything_does(bytes in bytes()) {
        let catalog = catalog(&bytes);
        let graph = catalog.graph();
        let packages: Vec<&PackageId> = catalog.packages().map(|package| &package.id).collect();
        for from in packages.iter().take(5) {
            let reached = reachable(*from, |id| needed(&catalog, id));
            for repo in catalog.repos() {
                let to = Subject::Repo(repo.name.clone());
                let chain = graph.why(&Subject::Package((*from).clone()), &to);
                let leads = from.repo == repo.name || reached.iter().any(|id| id.repo == repo.name);
                let needed_only = |chain: &Vec<&GraphEdge<'_>>| chain.iter().all(|edge| edge.kind.is_needed());
                prop_assert_eq!(chain.as_ref().is_some_and(needed_only), leads, "{} {}", from, repo.name);
                let mut at = *from;
                for edge in chain.iter().flatten() {
                    prop_assert_eq!(edge.from, at);
                    prop_assert!(at.repo != repo.name, "the chain ends where it arrives");
                    at = edge.to;
                }
                prop_assert!(chain.is_none() || at.repo == repo.name);
            }
        }
    }

    #[test]
    fn edits_keep_every_line_and_give_a_manifest_that_checks(bytes in bytes(), file in 0..3_usize) {
        let mut texts = texts(&bytes);
        let new = NewSig {
        members: Vec::new(),
        team: None,
        contact: None,
        peers: Vec::new(),
            sig: "new".parse().unwrap(),
            repo: "new".parse().unwrap(),
            tier: "tier-1".parse().unwrap(),
            leads: vec!["newcomer".parse().unwrap()],
            new_people: vec!["newcomer".parse().unwrap()],
            description: Some("\"quoted\" \\ ä".to_owned()),
            uses: vec![("repo-0".parse().unwrap(), "^1".parse().unwrap())],
        };
        // With two tiers there is no place for a SIG between core and top-level.
        prop_assume!(check(&texts).unwrap().tiers().len() > 2);
        let mut editor = Editor::open(texts.clone()).unwrap();
        editor.add_sig(texts[file].path(), &new).unwrap();
        let edited = editor.changed()[texts[file].path()].clone();
        prop_assert!(keeps_lines(texts[file].text(), &edited), "{edited}");
        prop_assert!(editor.add_sig("other.toml", &new).is_err(), "twice is refused");
        texts[file] = Source::new(texts[file].path(), &edited);
        let catalog = check(&texts).unwrap_or_else(|problems| panic!("{problems}\n{edited}"));
        prop_assert_eq!(&catalog.sig("new").unwrap().description, &new.description);

        for repo in catalog.repos() {
            let Some(file) = texts.iter().position(|text| text.text().contains(&format!("[repos.{}]\n", repo.name))) else {
                panic!("repo `{}` is in no file", repo.name)
            };
            for what in [Addition::Package, Addition::Builder] {
                let new = NewPackage {
                    repo: repo.name.clone(),
                    name: "brand-new".parse().unwrap(),
                    what,
                    description: Some("brand new".to_owned()),
                    owner: Some("new".parse().unwrap()),
                    watchers: Vec::new(),
        variants: Vec::new(),
        aliases: Vec::new(),
        imported: None,
                    edges: vec![],
                };
                let mut editor = Editor::open(texts.clone()).unwrap();
                editor.add_package(&new).unwrap();
                let edited = editor.changed()[texts[file].path()].clone();
                prop_assert!(keeps_lines(texts[file].text(), &edited), "{}\n---\n{edited}", texts[file].text());
                let mut texts = texts.clone();
                texts[file] = Source::new(texts[file].path(), &edited);
                let catalog = check(&texts).unwrap_or_else(|problems| panic!("{problems}\n{edited}"));
                let added = catalog.attribute("brand-new").unwrap();
                prop_assert_eq!(&added.package.repo, &repo.name);
            }
        }
    }

    #[test]
    fn search_finds_every_attribute_by_its_name(bytes in bytes()) {
        let catalog = catalog(&bytes);
        for package in catalog.packages() {
            for name in package.attributes().keys() {
                let hits = catalog.search(name.as_str());
                prop_assert_eq!(&hits[0].name, name.as_str());
            }
        }
    }
}

#[test]
fn what_was_discovered_survives_the_round_trip() {
    let root = Source::new(
        "aux.toml",
        r#"
format = "1.0"
organization = { name = "example", forge = "github:example" }
tiers = [{ name = "core" }, { name = "top-level" }]
people.ada = {}
sigs.base.leads = ["ada"]
repos.core = { sig = "base", tier = "core", discover = true, packages = { python = { variants = { names = ["3.11", "3.12"], aliases = { lts = "3.11" } } } } }
repos.top-level = { sig = "base", tier = "top-level" }
"#,
    );
    let mut manifest = Manifest::open(root);
    let mut tree = Tree::default();
    for (name, entry) in [
        ("python", TreeEntry::Set),
        ("openssl", TreeEntry::Single),
        ("_7zip", TreeEntry::Single),
    ] {
        tree.packages
            .insert(name.parse::<AttrName>().unwrap(), entry);
    }
    manifest.tree(&"core".parse().unwrap(), tree);
    let catalog = manifest.check().unwrap();
    assert!(catalog.attribute("_7zip").is_some());
    assert!(
        catalog
            .edges()
            .all(|(_, edge)| edge.kind == EdgeKind::Build)
    );
    let json = catalog.to_json();
    let again = Catalog::from_json(&json).unwrap();
    assert_eq!(again.to_json(), json);
    assert!(again.repo("core").unwrap().discover);
    assert!(again.attribute("python_lts").is_some());
}
