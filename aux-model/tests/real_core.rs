//! The questions, asked of a real core: 1,211 packages and 19,586 build edges of
//! auxolotl/core, labelled by SIG through rules about names.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use aux_model::answers::{PackageGraph, Peers, Subject, Weight};
use aux_model::{Manifest, PackageId, RepoName, Source, Survey};

/// Which SIG a name belongs to.
fn sig(name: &str) -> &'static str {
    let rules = [
        ("python", &["python", "cpython", "buildPython"][..]),
        ("perl", &["perl"]),
        (
            "llvm",
            &["llvm", "clang", "lld", "libclang", "libcxx", "compiler-rt"],
        ),
        ("rust", &["rust", "cargo", "maturin"]),
    ];
    rules
        .iter()
        .find(|(_, prefixes)| prefixes.iter().any(|prefix| name.starts_with(prefix)))
        .map_or("core", |(sig, _)| sig)
}

/// A nested name such as `perlPackages.URI` as one attribute.
fn attribute(name: &str) -> String {
    let name: String = name
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || c == '-' {
                c
            } else {
                '_'
            }
        })
        .collect();
    format!("p_{name}")
}

/// One repo for each SIG, all above core, which is what the real one is not.
fn survey() -> Survey {
    let data: serde_json::Value =
        serde_json::from_str(include_str!("data/auxolotl-core.json")).unwrap();
    let mut repos: BTreeMap<&str, String> = BTreeMap::new();
    for (name, needs) in data["build_edges"].as_object().unwrap() {
        let needs: Vec<String> = needs
            .as_array()
            .unwrap()
            .iter()
            .map(|needed| format!("\"{}\"", attribute(needed.as_str().unwrap())))
            .collect();
        writeln!(
            repos.entry(sig(name)).or_default(),
            "{} = {{ build = [{}] }}",
            attribute(name),
            needs.join(", ")
        )
        .unwrap();
    }
    let mut text = String::from(
        "format = \"1.0\"\norganization = { name = \"x\", forge = \"github:x\" }\n\
         tiers = [{ name = \"core\" }, { name = \"sigs\" }, { name = \"top-level\" }]\n\
         people.ada = {}\nsigs.all.leads = [\"ada\"]\n\
         repos.top-level = { sig = \"all\", tier = \"top-level\" }\n",
    );
    for (repo, packages) in repos {
        let tier = if repo == "core" { "core" } else { "sigs" };
        write!(
            text,
            "[repos.{repo}]\nsig = \"all\"\ntier = \"{tier}\"\n[repos.{repo}.packages]\n{packages}"
        )
        .unwrap();
    }
    let survey = Manifest::open(Source::new("aux.toml", &text)).survey();
    survey.unwrap_or_else(|problems| panic!("{problems}"))
}

fn repo(name: &str) -> RepoName {
    name.parse().unwrap()
}

fn count(graph: &PackageGraph<'_>, name: &str) -> usize {
    graph
        .packages()
        .iter()
        .filter(|package| package.id.repo == *name)
        .count()
}

#[test]
fn the_cycle_of_core_and_its_languages_is_found_and_named_by_package_edges() {
    let survey = survey();
    let graph = survey.family.graph();
    assert_eq!(graph.packages().len(), 1211);
    assert!(
        graph.package_cycles().is_empty(),
        "packages build, so there is no cycle of them"
    );
    let cycles = graph.repo_cycles();
    assert_eq!(cycles.len(), 1);
    let cycle = &cycles[0];
    assert_eq!(cycle.repos, ["core", "llvm", "perl", "python", "rust"]);
    assert!(!cycle.is_fine());
    for arc in cycle.arcs.iter().filter(|arc| arc.from == "core") {
        assert!(
            !arc.edges.is_empty(),
            "core needs {} because of packages",
            arc.to
        );
    }
    let chain = graph
        .why(&Subject::Repo(repo("core")), &Subject::Repo(repo("python")))
        .unwrap();
    assert_eq!(chain.len(), 1, "one edge says why: {chain:?}");
}

#[test]
fn the_fewest_moves_say_what_must_stay_in_core() {
    let survey = survey();
    let graph = survey.family.graph();
    let repos: BTreeSet<RepoName> = ["core", "llvm", "perl", "python", "rust"].map(repo).into();
    let plan = graph
        .move_plan(&repos, &BTreeSet::new(), Weight::Packages, Peers::End)
        .unwrap();
    assert!(plan.is_smallest(), "all 24 orders were tried");
    assert_eq!(plan.order[0], "core");

    let moved: BTreeMap<&PackageId, &RepoName> = plan
        .moves
        .iter()
        .map(|step| (&step.package, &step.to))
        .collect();
    let at = |id: &PackageId| {
        let repo = moved.get(id).copied().unwrap_or(&id.repo);
        plan.order.iter().position(|known| known == repo).unwrap()
    };
    for edge in graph.edges() {
        assert!(at(edge.from) >= at(edge.to), "{edge} still points up");
    }

    // The trivial plan moves everything of the SIGs into core; this one is far
    // smaller, and it is interpreters and build tools that core gets.
    let trivial = graph.packages().len() - count(&graph, "core");
    assert!(
        plan.moves.len() * 4 < trivial,
        "{} of {trivial}",
        plan.moves.len()
    );
    let into_core: Vec<&str> = plan
        .moves
        .iter()
        .filter(|step| step.to == "core")
        .map(|step| step.package.name.as_str())
        .collect();
    for interpreter in ["p_python3", "p_perl"] {
        assert!(into_core.contains(&interpreter), "{into_core:?}");
    }
}

#[test]
fn the_cut_of_core_against_all_others_is_no_dearer_than_the_whole_order() {
    let survey = survey();
    let graph = survey.family.graph();
    let core = BTreeSet::from([repo("core")]);
    let none = BTreeSet::new();
    let cut = graph.cut(&core, &none, Weight::Packages).unwrap();
    let out_of_order = graph.out_of_order();
    assert_eq!(out_of_order.len(), 1, "one group: {out_of_order:?}");
    let plan = graph
        .move_plan(&out_of_order[0], &none, Weight::Packages, Peers::Stay)
        .unwrap();
    assert!(cut.price > 0 && cut.price <= plan.price);
    let down: BTreeSet<&PackageId> = cut.down.iter().collect();
    let up: BTreeSet<&PackageId> = cut.up.iter().collect();
    let in_core = |id: &PackageId| (id.repo == "core" || down.contains(id)) && !up.contains(id);
    for edge in graph.edges() {
        assert!(!in_core(edge.from) || in_core(edge.to), "{edge}");
    }
    let down: Vec<&str> = cut.down.iter().map(|id| id.name.as_str()).collect();
    assert!(
        down.contains(&"p_python3") && down.contains(&"p_perl"),
        "{down:?}"
    );
    // What core boots from may not leave it, so the plan moves more, not less.
    let stdenv: BTreeSet<PackageId> = graph
        .packages()
        .iter()
        .filter(|package| package.id.repo == "core")
        .map(|package| package.id.clone())
        .collect();
    let pinned = graph.cut(&core, &stdenv, Weight::Packages).unwrap();
    assert!(pinned.up.is_empty() && pinned.price >= cut.price);
}
