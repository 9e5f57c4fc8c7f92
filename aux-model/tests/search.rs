//! What a person expects of a search: the best first, everything once, and
//! nothing that does not fit.

#![allow(
    clippy::unwrap_used,
    reason = "helpers of tests, where it is a failed test"
)]

use aux_model::Catalog;
use aux_search::{Hit, Match, Search};

const WEB: &str = r#"
format = "1.0"
organization = { name = "example", forge = "github:example" }
tiers = [{ name = "core" }, { name = "sigs" }, { name = "top-level" }]
people.ada = { name = "Ada Lovelace", email = "ada@example.org" }
people.grace = { name = "Grace Hopper" }
people.alan = {}
sigs.base = { leads = ["ada"], members = ["grace"] }
sigs.js = { description = "JavaScript", leads = ["grace"], contact = "https://example.org/js" }
repos.core = { sig = "base", tier = "core" }
repos.top-level = { sig = "base", tier = "top-level" }

[repos.web]
sig = "base"
tier = "sigs"
description = "Of the web"

[repos.web.packages]
notebook = { description = "A web server for notes", maintainers = ["alan"] }
nodeTools = { members = ["express", "web-server"] }
server = { description = "Serves the web" }

[repos.web.packages.nodejs]
description = "Runs scripts"
aliases = ["node"]
owner = "js"
variants = { names = ["18", "20"], aliases = { lts = "18" }, default = "lts" }

[repos.web.builders]
buildNode = {}

[repos.web.modules]
gdm = { class = "home", owner = "js" }

[repos.web.overlays]
lto = {}
"#;

/// The hits of a query as `MATCH KIND HIT`.
fn found(query: &str) -> Vec<String> {
    let catalog = Catalog::from_toml(WEB).unwrap();
    let hits = catalog.search(query);
    hits.iter()
        .map(|hit| format!("{:?} {} {hit}", hit.matched, hit.kind))
        .collect()
}

fn one(query: &str) -> Hit {
    let catalog = Catalog::from_toml(WEB).unwrap();
    let mut hits = catalog.search(query);
    assert_eq!(hits.len(), 1, "{hits:?}");
    hits.remove(0)
}

#[test]
fn an_exact_name_comes_first_and_the_best_word_counts() {
    assert_eq!(
        found("web server"),
        [
            "Exact package web/server",
            "Prefix package web/web-server",
            "Description package web/notebook",
        ]
    );
    assert_eq!(found("repo web"), ["Exact repo web"]);
}

#[test]
fn a_word_beside_others_may_be_a_repo_or_a_kind() {
    assert_eq!(
        found("module"),
        [] as [&str; 0],
        "alone it is a part of a name"
    );
    assert_eq!(found("web modules"), ["Owner module web/gdm"]);
    assert_eq!(
        found("web builder"),
        ["Owner builder web/buildNode"],
        "what is not described is found by its place"
    );
    assert_eq!(
        found("web/node"),
        [
            "Exact package web/node",
            "Prefix package web/nodeTools",
            "Prefix package web/nodejs",
            "Prefix package web/nodejs_18",
            "Prefix package web/nodejs_20",
            "Prefix package web/nodejs_lts",
            "Substring builder web/buildNode",
        ]
    );
    assert_eq!(found("core/node"), [] as [&str; 0]);
}

#[test]
fn owners_are_sigs_leads_and_maintainers() {
    let of_js = ["Owner module web/gdm", "Owner package web/nodejs"];
    assert_eq!(
        found("JS"),
        [
            "Exact sig js",
            "Substring package web/nodejs",
            "Substring package web/nodejs_18",
            "Substring package web/nodejs_20",
            "Substring package web/nodejs_lts",
            of_js[0],
        ]
    );
    assert_eq!(
        found("@grace"),
        ["Exact person grace", "Owner sig js", of_js[0], of_js[1]],
        "what she leads comes before what only her SIG owns, members own nothing"
    );
    assert_eq!(
        found("alan"),
        ["Exact person alan", "Owner package web/notebook"]
    );
}

#[test]
fn people_are_found_by_both_names() {
    assert_eq!(found("ada lovelace"), ["Exact person ada"]);
    let ada = one("Lovelace");
    assert_eq!(ada.matched, Match::Substring);
    assert_eq!(ada.full_name.as_deref(), Some("Ada Lovelace"));
    assert_eq!(ada.contact.as_deref(), Some("ada@example.org"));
    assert_eq!(ada.sigs, ["base"]);
    assert_eq!(
        one("hopper").sigs,
        ["js", "base"],
        "what she leads is first"
    );
    assert_eq!(one("javascript").leads, ["grace"]);
}

#[test]
fn a_package_says_its_other_names_and_is_listed_once() {
    let nodejs = one("runs");
    assert_eq!(nodejs.variants, ["nodejs_18", "nodejs_20"]);
    assert_eq!(nodejs.aliases, ["node", "nodejs_lts"]);
    assert_eq!(nodejs.alias_of.unwrap(), "nodejs_lts");
    let lts = one("lts");
    assert_eq!(lts.alias_of.unwrap(), "nodejs_18");
    assert_eq!(lts.part_of.unwrap(), "nodejs");
    assert_eq!(lts.variants, [] as [&str; 0]);
    let tools = one("nodetools");
    assert_eq!(tools.members, ["express", "web-server"]);
    assert_eq!(tools.reference.unwrap(), "github:example/web");
    assert_eq!(one("express").part_of.unwrap(), "nodeTools");
    let gdm = one("gdm");
    assert_eq!(gdm.reference.unwrap(), "github:example/web#homeModules.gdm");
}

#[test]
fn misspellings_are_of_names_and_the_other_words_fit() {
    assert_eq!(found("notbok"), ["Fuzzy package web/notebook"]);
    assert_eq!(found("notbok modules"), [] as [&str; 0]);
    assert_eq!(found("biuldnode builders"), ["Fuzzy builder web/buildNode"]);
    assert_eq!(found("web/notbok"), ["Fuzzy package web/notebook"]);
    assert_eq!(found("bsae"), ["Fuzzy sig base"]);
    assert_eq!(found("toplevle"), ["Fuzzy repo top-level"]);
}

#[test]
fn without_words_everything_is_listed_once() {
    let catalog = Catalog::from_toml(WEB).unwrap();
    let names: Vec<String> = catalog
        .search(" ")
        .into_iter()
        .map(|hit| hit.name)
        .collect();
    let expected = [
        "ada",
        "alan",
        "base",
        "buildNode",
        "core",
        "gdm",
        "grace",
        "js",
        "lto",
        "nodeTools",
        "nodejs",
        "notebook",
        "server",
        "top-level",
        "web",
    ];
    assert_eq!(names, expected);
}

#[test]
fn what_is_like_a_name_is_an_attribute() {
    let catalog = Catalog::from_toml(WEB).unwrap();
    let like = |name: &str| -> Vec<String> {
        let hits = catalog.attributes_like(name);
        hits.iter().map(ToString::to_string).collect()
    };
    assert_eq!(like("expres"), ["web/express"]);
    assert_eq!(
        like("nodetools"),
        ["web/node", "web/nodejs", "web/nodejs_lts"],
        "a set is no attribute"
    );
    assert_eq!(like("ada"), [] as [&str; 0]);
    assert_eq!(like("serves"), ["web/server"], "descriptions do not count");
}

#[test]
fn what_a_repo_cannot_offer_alone_is_to_be_had_of_top_level() {
    let text = r#"
format = "1.0"
organization = { name = "example", forge = "github:example" }
tiers = [{ name = "core" }, { name = "sigs" }, { name = "top-level" }]
people.ada = {}
sigs.all.leads = ["ada"]
repos.core = { sig = "all", tier = "core" }
repos.top-level = { sig = "all", tier = "top-level" }
repos.a = { sig = "all", tier = "sigs", packages = { one = {}, two = { build = ["b/three"] } }, peers = ["b"] }
repos.b = { sig = "all", tier = "sigs", packages.three = {} }
"#;
    let catalog = Catalog::from_toml(text).unwrap();
    for (name, reference) in [
        ("one", "github:example/a#one"),
        ("two", "github:example/top-level#two"),
        ("three", "github:example/b#three"),
    ] {
        let hits = catalog.search(name);
        assert_eq!(hits[0].reference.as_deref(), Some(reference));
    }
}
