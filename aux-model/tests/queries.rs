//! Questions in both directions, with answers that can be kept, and of the wrong catalog.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

use aux_model::answers::{Direction, EdgeFilter, PackageSet, Unknown};
use aux_model::document::{
    Document, PackageDocument, PersonDocument, RepoDocument, SigDocument, UsesDocument,
};
use aux_model::{Catalog, EdgeKind, PackageId, RepoName};

fn id(text: &str) -> PackageId {
    text.parse().unwrap()
}

fn document() -> Document {
    let package = |needs: &[&str]| PackageDocument::built_with(needs.iter().copied());
    Document::new("x", "github:x")
        .with_tier("core")
        .with_tier("sigs")
        .with_tier("top-level")
        .with_person("ada", PersonDocument::default())
        .with_sig("all", SigDocument::led_by(["ada"]))
        .with_repo(
            "core",
            RepoDocument::new("all", "core")
                .with_package("zlib", package(&[]))
                .with_package("openssl", package(&["zlib"])),
        )
        .with_repo(
            "web",
            RepoDocument::new("all", "sigs")
                .using("core", "^1")
                .with_package("curl", package(&["openssl", "zlib"]))
                .with_package(
                    "site",
                    PackageDocument {
                        test: vec!["curl".to_owned()],
                        ..PackageDocument::default()
                    },
                ),
        )
        .with_repo("top-level", RepoDocument::new("all", "top-level"))
}

fn catalog() -> Catalog {
    Catalog::from_document(&document()).unwrap_or_else(|problems| panic!("{problems}"))
}

fn set(names: &[&str]) -> PackageSet {
    names.iter().map(|name| id(name)).collect()
}

#[test]
fn dependencies_and_dependents_are_sets_that_can_be_kept() {
    let (needed, all, dependents) = {
        let catalog = catalog();
        let graph = catalog.graph();
        let closure = |name: &str, direction, filter: &EdgeFilter| {
            graph.closure([&id(name)], direction, filter).unwrap()
        };
        (
            closure("web/site", Direction::Forward, &EdgeFilter::needed()),
            closure("web/site", Direction::Forward, &EdgeFilter::all()),
            closure("core/zlib", Direction::Reverse, &EdgeFilter::needed()),
        )
    };
    assert_eq!(needed, set(&["web/site"]));
    assert_eq!(
        all,
        set(&["core/openssl", "core/zlib", "web/curl", "web/site"])
    );
    assert_eq!(dependents, set(&["core/openssl", "core/zlib", "web/curl"]));
    assert_eq!(all.difference(&dependents), needed);
    assert_eq!(all.intersection(&needed).union(&dependents).len(), 4);
    let json = serde_json::to_string(&dependents).unwrap();
    assert_eq!(
        serde_json::from_str::<PackageSet>(&json).unwrap(),
        dependents
    );
}

#[test]
fn neighbours_roots_and_order() {
    let catalog = catalog();
    let graph = catalog.graph();
    let needed = EdgeFilter::needed();
    let near = |name: &str, direction| graph.neighbours(&id(name), direction, &needed).unwrap();
    assert_eq!(
        near("web/curl", Direction::Forward),
        set(&["core/openssl", "core/zlib"])
    );
    assert_eq!(
        near("core/zlib", Direction::Reverse),
        set(&["core/openssl", "web/curl"])
    );
    let tests = EdgeFilter::all().of_kinds([EdgeKind::Test]);
    let near = graph.neighbours(&id("web/site"), Direction::Forward, &tests);
    assert_eq!(near.unwrap(), set(&["web/curl"]));
    let all: PackageSet = catalog
        .packages()
        .map(|package| package.id.clone())
        .collect();
    assert_eq!(
        graph.roots(&all, Direction::Forward, &needed),
        set(&["web/curl", "web/site"])
    );
    assert_eq!(
        graph.roots(&all, Direction::Reverse, &needed),
        set(&["core/zlib", "web/site"])
    );
    let order = graph.topological_order(&all, &needed);
    let at = |name: &str| {
        order
            .iter()
            .position(|step| step.contains(&id(name)))
            .unwrap()
    };
    assert!(at("core/zlib") < at("core/openssl") && at("core/openssl") < at("web/curl"));
    assert!(order.iter().all(|step| step.len() == 1));
}

#[test]
fn names_of_another_catalog_are_unknown_and_no_question_panics() {
    let ours = catalog();
    let example = "../examples/auxolotl/aux.toml";
    let text = std::fs::read_to_string(example).unwrap();
    // The example includes files; a family in one text will do.
    assert!(text.contains("include"));
    let mut other = document();
    other.organization.name = "y".to_owned();
    let moved = other.repos["web"].packages.clone();
    other.repos.remove("web");
    let mut more = RepoDocument::new("fonts", "sigs");
    more.uses = UsesDocument::Names(vec!["core".to_owned()]);
    more.packages = moved;
    for number in 0..200 {
        more.packages.insert(
            format!("font-{number}"),
            PackageDocument::built_with(["zlib"]),
        );
    }
    let other = other
        .with_sig("fonts", SigDocument::led_by(["ada"]))
        .with_repo("fonts", more);
    let theirs = Catalog::from_document(&other).unwrap_or_else(|problems| panic!("{problems}"));
    for (one, two) in [(&ours, &theirs), (&theirs, &ours)] {
        let graph = one.graph();
        for repo in two.repos() {
            let known = one.repo(repo.name.as_str()).is_some();
            assert_eq!(graph.coverage(&repo.name).is_ok(), known);
            let _ = (one.view(repo), one.inputs(repo), one.attributes_of(repo));
            let _ = one.location_of_repo(repo);
            for owned in two.owned(repo) {
                let _ = one.owners(&owned);
            }
            let _ = one.owned_by_path(repo, "pkgs/by-name/zl/zlib/package.nix");
        }
        for package in two.packages() {
            let _ = (
                one.location_of_package(package),
                graph.edges_of(&package.id),
            );
            let known = one.package(&package.id).is_some();
            let closure = graph.closure([&package.id], Direction::Reverse, &EdgeFilter::all());
            match closure {
                Ok(_) => assert!(known),
                Err(error) => assert_eq!(error, Unknown::Package(package.id.clone())),
            }
            for edge in &package.edges {
                let _ = one.location_of(edge);
            }
        }
    }
    let gone: RepoName = "gone".parse().unwrap();
    assert_eq!(ours.graph().coverage(&gone), Err(Unknown::Repo(gone)));
}

#[test]
fn a_difference_of_catalogs_says_what_came_went_moved_and_changed() {
    let before = catalog();
    assert!(catalog().diff(&before).is_empty());
    let mut after = document();
    let web = after.repos.get_mut("web").unwrap();
    let curl = web.packages.remove("curl").unwrap();
    web.packages.get_mut("site").unwrap().test.clear();
    web.packages
        .insert("new".to_owned(), PackageDocument::default());
    let core = after.repos.get_mut("core").unwrap();
    core.packages.insert("curl".to_owned(), curl);
    let after = after.with_sig("more", SigDocument::led_by(["ada"]));
    let after = Catalog::from_document(&after).unwrap_or_else(|problems| panic!("{problems}"));
    let diff = after.diff(&before);
    assert_eq!(
        diff.packages_moved,
        [(id("web/curl"), id("core/curl"))].into()
    );
    assert_eq!(diff.packages_added, [id("web/new")].into());
    assert_eq!(diff.packages_changed, [id("web/site")].into());
    assert!(diff.packages_removed.is_empty() && diff.repos_added.is_empty());
    assert_eq!(diff.sigs_added.len(), 1);
    let back = before.diff(&after);
    assert_eq!(back.packages_removed, diff.packages_added);
    assert_eq!(back.sigs_removed, diff.sigs_added);
}

#[test]
fn a_document_is_what_its_catalog_gives_back() {
    let catalog = catalog();
    let again = Document::of(&catalog);
    let same = Catalog::from_document(&again).unwrap_or_else(|problems| panic!("{problems}"));
    assert!(same.diff(&catalog).is_empty());
    assert_eq!(Document::of(&same), again);
    let json = serde_json::to_string(&document()).unwrap();
    assert_eq!(serde_json::from_str::<Document>(&json).unwrap(), document());
    let problems = Catalog::from_document(&Document::new("x", "github:x")).unwrap_err();
    assert!(problems.iter().count() > 0);
}

#[test]
fn an_include_or_a_tree_that_was_not_handed_in_is_named() {
    use aux_model::{Manifest, Source};
    let text = "format = \"1.0\"\ninclude = [\"sigs/*.toml\"]\norganization = { name = \"x\", forge = \"github:x\" }\ntiers = [{ name = \"core\" }, { name = \"top-level\" }]\npeople.ada = {}\nsigs.all.leads = [\"ada\"]\nrepos.core = { sig = \"all\", tier = \"core\", discover = true }\nrepos.top-level = { sig = \"all\", tier = \"top-level\" }\n";
    let problems = Manifest::open(Source::new("aux.toml", text))
        .check()
        .unwrap_err();
    assert!(
        problems.to_string().contains("were not handed in"),
        "{problems}"
    );
    let mut manifest = Manifest::open(Source::new("aux.toml", text));
    manifest.include(
        "sigs/*.toml",
        vec![Source::new("sigs/a.toml", "people.bob = {}\n")],
    );
    manifest.include(
        "more/*.toml",
        vec![Source::new("more/a.toml", "people.eve = {}\n")],
    );
    let problems = manifest.check().unwrap_err();
    assert!(
        problems
            .to_string()
            .contains("no `include` has the pattern"),
        "{problems}"
    );
    let mut manifest = Manifest::open(Source::new("aux.toml", text));
    manifest.include(
        "sigs/*.toml",
        vec![Source::new("sigs/a.toml", "people.bob = {}\n")],
    );
    let catalog = manifest.check().unwrap();
    let warnings: Vec<&str> = catalog
        .warnings()
        .iter()
        .map(|problem| problem.code.as_str())
        .collect();
    assert_eq!(warnings, ["no-tree"]);
}

#[test]
fn the_same_is_equal_wherever_it_is_written_and_every_difference_is_one() {
    let text = include_str!("../doc/family.toml");
    let before = Catalog::from_toml(text).unwrap();
    let moved = Catalog::from_toml(&format!("# a comment\n{text}")).unwrap();
    assert!(moved.diff(&before).is_empty());
    assert_eq!(moved.core(), before.core());
    let json = Catalog::from_json(&before.to_json()).unwrap();
    assert!(json.diff(&before).is_empty(), "{:?}", json.diff(&before));
    for (old, new) in [
        ("leads = [\"bob\"]", "leads = [\"ada\"]"),
        (
            "uses = { core = \"*\", python = \"*\" }",
            "uses = { core = \"*\", python = \"^1\" }",
        ),
        (
            "peers = [\"python\"]\n",
            "peers = [\"python\"]\ncontract = \"1.2.0\"\n",
        ),
        ("forge = \"github:example\"", "forge = \"github:other\""),
        ("bootstrap = [\"core/openssl\"]", "bootstrap = []"),
        (
            "{ name = \"desktops\" }",
            "{ name = \"desktops\", description = \"x\" }",
        ),
        ("bob = {}", "bob = { email = \"bob@example.org\" }"),
        ("numpy = {", "numpy = { owner = \"base\","),
        ("games = {}", "games = {}, chess = {}"),
        // The same attributes, in another form.
        ("games = {}", "games = { members = [\"games\"] }"),
    ] {
        let after = text.replacen(old, new, 1);
        assert_ne!(after, text, "{old}");
        let after = Catalog::from_toml(&after).unwrap_or_else(|error| panic!("{old}: {error}"));
        assert!(!after.diff(&before).is_empty(), "{old}");
    }
}

#[test]
fn places_are_those_of_the_family_that_is_asked() {
    let text = include_str!("../doc/family.toml");
    let one = Catalog::from_toml(text).unwrap();
    let other = Catalog::from_toml(&format!("# a comment\n{text}")).unwrap();
    let zlib = one.package(&"core/zlib".parse().unwrap()).unwrap();
    let line = |family: &Catalog| family.location_of_package(zlib).unwrap().line;
    assert_eq!(line(&other), line(&one) + 1);
    let (_, edge) = one.edges().next().unwrap();
    assert!(one.location_of(edge).is_some());
    assert_eq!(other.location_of(edge), None);
    let json = Catalog::from_json(&one.to_json()).unwrap();
    assert_eq!(json.location_of_package(zlib), None);
}
