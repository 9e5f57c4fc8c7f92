//! Repos without a flake: a function of packages, an overlay, a wrapper of core, and one in which
//! there is nothing to import. They take part as they are.

use std::fs;

use aux_test_support::git::{commit_all, git, init};
use serde_json::{Value, json};

use crate::support::{Family, listed, repo};

/// A core as nixpkgs is one: a function that takes overlays, and no flake.
const CORE: &str = r#"{ overlays ? [ ], ... }@args:
let
  make = name: derivation { inherit name; inherit (set) system; builder = "/bin/sh"; };
  own = final: prev: {
    inherit make;
    system = args.system or builtins.currentSystem;
    lib.answer = 42;
    callPackage = path: more:
      let f = if builtins.isFunction path then path else import path; in
      f (builtins.intersectAttrs (builtins.functionArgs f) final // more);
    zlib = make "zlib";
  };
  set = builtins.foldl' (prev: overlay: prev // overlay set prev) { } ([ own ] ++ overlays);
in
set
"#;

/// A core and one repo of each shape, all without a flake.
fn family() -> Family {
    let family = Family::empty();
    family.write("repos/base/default.nix", CORE);
    let base = family.root.join("repos/base");
    init(&base);
    git(
        &base,
        &["remote", "add", "origin", "https://example.org/base.git"],
    );
    commit_all(&base, "a core");
    family.write(
        "repos/functions/default.nix",
        "{ pkgs ? import <nixpkgs> { }, jobs ? 4 }:\n{\n  lib = { };\n  thing = pkgs.callPackage ./pkgs/thing { };\n  things = { recurseForDerivations = true; a = 1; b = 2; };\n  zlib = pkgs.make \"mine\";\n}\n",
    );
    family.write(
        "repos/functions/pkgs/thing/default.nix",
        "{ make, zlib }: make \"thing-${zlib.name}\"\n",
    );
    family.write(
        "repos/layered/overlay.nix",
        "final: prev: { above = final.make \"above-${final.thing.name or \"alone\"}\"; }\n",
    );
    family.write("repos/values/default.nix", "{ plain = derivation { name = \"plain\"; system = \"x86_64-linux\"; builder = \"/bin/sh\"; }; }\n");
    family.write(
        "repos/wrapper/default.nix",
        "{ overlays ? [ ], ... }@args:\nimport (builtins.fetchGit { url = \"https://example.org/base.git\"; rev = \"0123456789012345678901234567890123456789\"; }) (args // { overlays = [ (final: prev: { wrapped = final.make \"wrapped\"; }) ] ++ overlays; })\n",
    );
    family.write("repos/book/README.md", "# How we work\n");
    family
}

const REPOS: [&str; 6] = ["base", "functions", "layered", "values", "wrapper", "book"];

fn adopt(family: &Family) -> Value {
    let folders = REPOS.map(|name| format!("repos/{name}"));
    let mut arguments = vec!["adopt", "--lead", "ada", "--name", "x", "--core", "base"];
    arguments.extend(folders.iter().map(String::as_str));
    let (code, report) = family.json(&arguments);
    assert_eq!(code, 0, "{report:#}");
    report
}

#[test]
fn repos_without_a_flake_are_adopted_by_what_they_add_to_core() {
    let family = family();
    let report = adopt(&family);
    for (name, seen, attributes) in [
        ("base", 5, 2),
        ("functions", 4, 2),
        ("layered", 1, 1),
        ("values", 1, 1),
        ("wrapper", 6, 1),
        ("book", 0, 0),
    ] {
        let repo = listed(&report, "repos", "repo", name);
        let exceptions = repo["exceptions"].as_array().unwrap().len();
        assert_eq!(
            (&repo["seen"], &repo["attributes"]),
            (&json!(seen), &json!(attributes)),
            "{name}: {report:#}"
        );
        assert_eq!(exceptions, seen - attributes, "{name}: {report:#}");
    }
    let functions = listed(&report, "repos", "repo", "functions");
    // What comes with a set is counted.
    assert_eq!(functions["nested"], json!({ "things": 2 }), "{report:#}");
    let reasons = functions["exceptions"].to_string();
    assert!(reasons.contains("`base` has it, and keeps it"), "{reasons}");
    let manifest =
        |name: &str| fs::read_to_string(family.root.join(format!("sigs/{name}.toml"))).unwrap();
    for (name, text) in [
        ("base", "wiring = \"overlays\"\nflake = false\n"),
        (
            "functions",
            "wiring = \"packages\"\nflake = false\narguments = [\"pkgs\"]\n",
        ),
        ("functions", "thing = { file = \"pkgs/thing\" }"),
        (
            "layered",
            "wiring = \"overlays\"\nflake = false\nentry = \"overlay.nix\"\n",
        ),
        ("values", "wiring = \"packages\"\nflake = false\n"),
        ("wrapper", "arguments = [\"system\"]\n"),
        ("book", "wiring = \"none\"\nflake = false\n"),
    ] {
        assert!(manifest(name).contains(text), "{name}: {}", manifest(name));
    }
}

#[test]
fn repos_without_a_flake_are_inputs_that_are_plain_trees() {
    let family = family();
    adopt(&family);
    family.ok(&["check"]);
    family.ok(&["generate"]);
    let flake = fs::read_to_string(family.root.join("repos/top-level/flake.nix")).unwrap();
    assert_eq!(
        flake.matches("flake = false;").count(),
        REPOS.len(),
        "{flake}"
    );
    for options in [
        &["--system", "x86_64-linux"][..],
        &["--flakes", "--system", "x86_64-linux"],
    ] {
        // Nix itself would fetch what the wrapper wraps.
        let is_nix = options.contains(&"--flakes");
        let mut arguments = vec!["eval"];
        arguments.extend(options);
        let (code, report) = family.json(&arguments);
        assert_eq!(code, if is_nix { 3 } else { 0 }, "{report:#}");
        // Nix is asked for derivations alone, and not for sets.
        let functions = if is_nix { 1 } else { 2 };
        for (name, ok) in [("functions", functions), ("layered", 1), ("values", 1)] {
            let repo = repo(&report, name);
            assert_eq!(
                repo["top_level"]["ok"], ok,
                "{name} {options:?}: {report:#}"
            );
        }
        let wrapper = &repo(&report, "wrapper")["top_level"]["ok"];
        assert_eq!(*wrapper, json!(usize::from(!is_nix)), "{report:#}");
    }
    // What is imported together is made together.
    let (_, report) = family.json(&["eval", "--save", "after.json", "--system", "x86_64-linux"]);
    assert_eq!(report["error"], Value::Null, "{report:#}");
    let saved = fs::read_to_string(family.root.join("after.json")).unwrap();
    for made in ["above-thing-zlib", "thing-zlib", "\"wrapped\"", "plain"] {
        assert!(saved.contains(made), "{made}: {saved}");
    }
}

#[test]
fn what_a_repo_without_a_flake_lacks_is_said_of_its_file() {
    let family = family();
    adopt(&family);
    family.ok(&["generate"]);
    family.write("repos/layered/overlay.nix", "{ }\n");
    let (code, report) = family.json(&["eval", "--system", "x86_64-linux"]);
    assert_eq!(code, 3, "{report:#}");
    let clause = &repo(&report, "layered")["contract"][0];
    assert_eq!(clause["output"], "overlay.nix", "{report:#}");
    assert_eq!(clause["broken"], "it is not a function", "{report:#}");
    fs::remove_file(family.root.join("repos/layered/overlay.nix")).unwrap();
    let (code, report) = family.json(&["eval", "--system", "x86_64-linux"]);
    assert_eq!(code, 3, "{report:#}");
    let clause = &repo(&report, "layered")["contract"][0];
    let broken = clause["broken"].to_string();
    assert!(broken.contains("overlay.nix"), "{broken}");
    let (code, report) = family.json(&["check"]);
    assert_eq!(code, 3, "{report:#}");
    let problem = listed(&report, "problems", "code", "no-package-file");
    assert_eq!(problem["severity"], "error", "{report:#}");
    // What it defined is gone with it.
    let problem = listed(&report, "problems", "code", "not-in-tree");
    assert!(
        problem["message"].as_str().unwrap().contains("`above`"),
        "{report:#}"
    );
    // Its packages are had through top-level alone.
    let found = family.ok(&["where", "thing"]).stdout;
    assert!(found.contains("github:x/top-level#thing"), "{found}");
}

#[test]
fn of_repos_with_one_name_for_two_packages_one_has_it_in_the_family() {
    let family = family();
    adopt(&family);
    family.ok(&["generate"]);
    let functions = "{ pkgs }: { thing = pkgs.zlib; other = pkgs.zlib; }\n";
    let flake = "{ outputs = self: { packages.x86_64-linux = { inherit (import ./p.nix) other more; }; }; }\n";
    let package = "derivation { name = \"x\"; system = \"x86_64-linux\"; builder = \"/bin/sh\"; }";
    family.write("repos/second/default.nix", functions);
    family.write("repos/third/flake.nix", flake);
    family.write(
        "repos/third/p.nix",
        &format!("{{ other = {package}; more = {package}; }}\n"),
    );
    let (code, report) = family.json(&["adopt", "repos/second", "repos/third", "--lead", "ada"]);
    assert_eq!(code, 0, "{report:#}");
    for (repo, taken, owner) in [
        ("second", "thing", "functions"),
        ("third", "other", "second"),
    ] {
        let repo = listed(&report, "repos", "repo", repo);
        let exception = &repo["exceptions"][0];
        assert_eq!(exception["attribute"], taken, "{report:#}");
        let reason = exception["reason"].as_str().unwrap();
        assert!(reason.starts_with(&format!("`{owner}` has it")), "{reason}");
        assert_eq!((&repo["seen"], &repo["attributes"]), (&json!(2), &json!(1)));
    }
    family.ok(&["generate"]);
    let (code, report) = family.json(&["eval", "--system", "x86_64-linux"]);
    assert_eq!(code, 0, "{report:#}");
}

#[test]
fn a_generated_core_is_offered_to_those_that_ask_for_nixpkgs() {
    let family = Family::of(
        r#"
format = "1.0"
organization = { name = "x", forge = "github:x" }
include = ["sigs/*.toml"]
tiers = [{ name = "core" }, { name = "sigs" }, { name = "top-level" }]
people.ada = {}
repos.core = { sig = "base", tier = "core", packages = { zlib = {} } }
repos.top-level = { sig = "base", tier = "top-level" }
"#,
    );
    family.write("sigs/base.toml", "sigs.base.leads = [\"ada\"]\n");
    family.ok(&["generate"]);
    family.write(
        "repos/tools/default.nix",
        "{ pkgs ? import <nixpkgs> { } }: { tool = pkgs.zlib // { name = \"tool\"; }; }\n",
    );
    let (code, report) = family.json(&["adopt", "repos/tools", "--lead", "ada"]);
    assert_eq!(code, 0, "{report:#}");
    let tools = listed(&report, "repos", "repo", "tools");
    assert_eq!(
        (&tools["seen"], &tools["attributes"]),
        (&json!(1), &json!(1)),
        "{report:#}"
    );
    family.ok(&["generate"]);
    let (code, report) = family.json(&["eval", "--system", "x86_64-linux"]);
    assert_eq!(code, 0, "{report:#}");
    assert_eq!(repo(&report, "tools")["top_level"]["ok"], 1, "{report:#}");
}

#[test]
fn a_repo_that_has_no_value_breaks_nobody_and_is_named() {
    let family = family();
    // Its names depend on the set that it is a part of.
    family.write(
        "repos/bad/overlay.nix",
        "final: prev: if final ? zlib then { of = final.make \"of\"; } else { }\n",
    );
    family.write("repos/one/default.nix", "{ pkgs }: pkgs.make \"one\"\n");
    family.write(
        "repos/unnamed/default.nix",
        "pkgs: { x = pkgs.make \"x\"; }\n",
    );
    std::fs::create_dir_all(family.root.join("repos/raw")).unwrap();
    fs::write(
        family.root.join("repos/raw/default.nix"),
        b"{ pkgs }: { n\xff = 1; }",
    )
    .unwrap();
    let mut arguments = vec!["adopt", "--lead", "ada", "--name", "x", "--core", "base"];
    let folders: Vec<String> = REPOS
        .iter()
        .chain(&["bad", "one", "unnamed", "raw"])
        .map(|name| format!("repos/{name}"))
        .collect();
    arguments.extend(folders.iter().map(String::as_str));
    let (code, report) = family.json(&arguments);
    assert_eq!(code, 0, "{report:#}");
    for name in ["bad", "one", "unnamed", "raw"] {
        let manifest = fs::read_to_string(family.root.join(format!("sigs/{name}.toml"))).unwrap();
        assert!(manifest.contains("wiring = \"none\""), "{name}: {manifest}");
        let notes = report["notes"].as_array().unwrap().iter();
        assert!(
            notes.into_iter().any(|note| note["repo"] == name),
            "{name}: {report:#}"
        );
    }
    family.ok(&["check"]);
    family.ok(&["generate"]);
    let (code, report) = family.json(&["eval", "--system", "x86_64-linux"]);
    assert_eq!(code, 0, "{report:#}");
    assert_eq!(repo(&report, "layered")["top_level"]["ok"], 1, "{report:#}");
}

#[test]
fn repos_without_a_flake_that_ask_for_each_others_packages_stand_on_each_other() {
    let family = family();
    for (path, text) in [
        (
            "upper/default.nix",
            "{ pkgs }: { roof = pkgs.callPackage ./roof.nix { }; }\n",
        ),
        (
            "upper/roof.nix",
            "{ make, wall }: make \"roof-${wall.name}\"\n",
        ),
        (
            "middle/overlay.nix",
            "final: prev: { wall = final.make \"wall-${final.thing.name}\"; zlib = prev.zlib; }\n",
        ),
        (
            "circle/overlay.nix",
            "final: prev: { round = final.make \"round-${final.roof.name}\"; thingy = final.make \"t\"; }\n",
        ),
        // It has no value without what it asks for.
        (
            "strict/default.nix",
            "{ pkgs }: if pkgs.wall.name == \"\" then { } else { floor = pkgs.make \"floor\"; }\n",
        ),
    ] {
        family.write(&format!("repos/{path}"), text);
    }
    let report = adopt(&family);
    assert_eq!(
        listed(&report, "repos", "repo", "functions")["attributes"],
        2
    );
    let upper = [
        "adopt",
        "--lead",
        "ada",
        "repos/upper",
        "repos/strict",
        "repos/middle",
        "repos/circle",
    ];
    let (code, report) = family.json(&upper);
    assert_eq!(code, 0, "{report:#}");
    for (name, seen, attributes) in [
        ("upper", 1, 1),
        ("middle", 2, 1),
        ("circle", 2, 2),
        ("strict", 1, 1),
    ] {
        let repo = listed(&report, "repos", "repo", name);
        assert_eq!(
            (&repo["seen"], &repo["attributes"]),
            (&json!(seen), &json!(attributes)),
            "{name}: {report:#}"
        );
    }
    let manifest =
        |name: &str| fs::read_to_string(family.root.join(format!("sigs/{name}.toml"))).unwrap();
    for (name, uses) in [
        ("upper", "uses = { middle = \"*\" }"),
        ("strict", "uses = { middle = \"*\" }"),
        ("middle", "uses = { functions = \"*\" }"),
        ("circle", "uses = { upper = \"*\" }"),
    ] {
        assert!(manifest(name).contains(uses), "{name}: {}", manifest(name));
    }
    family.ok(&["check"]);
    family.ok(&["generate"]);
    let (code, report) = family.json(&["eval", "--system", "x86_64-linux"]);
    assert_eq!(code, 0, "{report:#}");
    for name in ["upper", "middle", "circle", "strict"] {
        let failed = &repo(&report, name)["top_level"]["failed"];
        assert_eq!(*failed, json!([]), "{name}: {report:#}");
    }
}
