//! What comes from outside of a family: inputs of flakes, pins, `<nixpkgs>`, siblings. It is taken
//! from this machine, and what would let the rest through is said.

use std::path::Path;

use aux_test_support::git::{commit_all, git, init};
use serde_json::{Value, json};

use crate::support::{Family, listed, repo};

/// A family that is generated, to adopt a repo into.
const MANIFEST: &str = r#"
format = "1.0"
organization = { name = "x", forge = "github:x" }
include = ["sigs/*.toml"]
tiers = [{ name = "core" }, { name = "sigs" }, { name = "top-level" }]
people.ada = {}
repos.core = { sig = "base", tier = "core", packages = { zlib = {} } }
repos.top-level = { sig = "base", tier = "top-level" }
"#;

/// A flake that nobody adopts.
fn outside(folder: &Path) {
    std::fs::create_dir_all(folder).unwrap();
    init(folder);
    let text = "{ outputs = self: { lib.make = name: derivation { inherit name; system = \"x86_64-linux\"; builder = \"/bin/sh\"; }; }; }\n";
    std::fs::write(folder.join("flake.nix"), text).unwrap();
    commit_all(folder, "a flake");
}

/// A core, and a repo whose flake takes `other` from outside, adopted and generated.
fn with_input(family: &Family, url: &str, lock: Option<Value>) {
    family.write("sigs/base.toml", "sigs.base.leads = [\"ada\"]\n");
    family.write(
        "repos/tools/flake.nix",
        &format!(
            "{{ inputs.core.url = \"github:x/core\"; inputs.other.url = \"{url}\";\n  outputs = {{ self, core, other }}: {{ packages.x86_64-linux.greet = other.lib.make \"greet\"; }}; }}\n"
        ),
    );
    if let Some(lock) = lock {
        family.write("repos/tools/flake.lock", &format!("{lock:#}\n"));
    }
}

/// A lock with one input.
fn lock(locked: &Value) -> Value {
    let mut original = locked.clone();
    for key in ["rev", "narHash", "lastModified"] {
        original.as_object_mut().unwrap().remove(key);
    }
    json!({
        "nodes": {
            "root": { "inputs": { "other": "other" } },
            "other": { "locked": locked, "original": original },
        },
        "root": "root",
        "version": 7,
    })
}

fn adopt(family: &Family, options: &[&str]) -> Value {
    let mut arguments = vec!["adopt", "repos/tools", "--lead", "ada"];
    arguments.extend(options);
    let (code, report) = family.json(&arguments);
    assert_eq!(code, 0, "{report:#}");
    family.ok(&["generate"]);
    report
}

fn evaluated(family: &Family, options: &[&str]) -> (i32, Value) {
    let mut arguments = vec!["eval", "--system", "x86_64-linux"];
    arguments.extend(options);
    family.json(&arguments)
}

#[test]
fn an_input_from_outside_is_the_one_that_the_lock_names() {
    let family = Family::of(MANIFEST);
    let folder = family.root.join("elsewhere");
    outside(&folder);
    let rev = git(&folder, &["rev-parse", "HEAD"]);
    let url = format!("file://{}", folder.display());
    let locked = json!({ "type": "git", "url": url, "rev": rev.trim(), "ref": "main" });
    with_input(&family, &format!("git+{url}?ref=main"), Some(lock(&locked)));
    let report = adopt(&family, &[]);
    assert_eq!(listed(&report, "repos", "repo", "tools")["seen"], 1);
    let (code, report) = evaluated(&family, &[]);
    assert_eq!(code, 0, "{report:#}");
    let tools = repo(&report, "tools");
    assert_eq!(tools["standalone"]["ok"], 1);
    assert_eq!(tools["top_level"]["ok"], 1);
    // The work tree may have changed since.
    family.write(
        "elsewhere/flake.nix",
        "throw \"it is not what is locked\"\n",
    );
    let (code, report) = evaluated(&family, &[]);
    assert_eq!(code, 0, "{report:#}");
}

#[test]
fn an_input_that_this_machine_lacks_is_named_with_the_ways_out_and_can_be_replaced() {
    let family = Family::of(MANIFEST);
    let locked = json!({
        "type": "github", "owner": "nobody", "repo": "other",
        "rev": "0123456789012345678901234567890123456789",
        "narHash": "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        "lastModified": 1,
    });
    with_input(&family, "github:nobody/other", Some(lock(&locked)));
    outside(&family.root.join("elsewhere"));
    let report = adopt(&family, &["--override", "other=elsewhere"]);
    assert_eq!(
        listed(&report, "repos", "repo", "tools")["packages"],
        1,
        "{report:#}"
    );
    let (code, report) = evaluated(&family, &[]);
    assert_eq!(code, 3, "{report:#}");
    let reason = repo(&report, "tools")["standalone"]["failed"][0]["reason"].to_string();
    for part in [
        "`other`",
        "github:nobody/other",
        "--override other=PATH",
        "--allow-network",
    ] {
        assert!(reason.contains(part), "{reason}");
    }
    // Nothing of other repos fails with it.
    assert_eq!(repo(&report, "core")["top_level"]["failed"], json!([]));
    let (code, report) = evaluated(&family, &["--override", "other=elsewhere"]);
    assert_eq!(code, 0, "{report:#}");
    assert_eq!(repo(&report, "tools")["top_level"]["ok"], 1);
    let (code, report) = evaluated(&family, &["--override", "other=nowhere"]);
    assert_eq!(
        (code, &report["error"]["code"]),
        (1, &json!("refused")),
        "{report:#}"
    );
}

#[test]
fn an_input_with_the_name_of_a_repo_that_points_elsewhere_is_from_outside() {
    let family = Family::of(MANIFEST);
    with_input(&family, "github:x/other", None);
    family.write(
        "repos/tools/flake.nix",
        "{ inputs.core.url = \"github:somebody-else/core\"; outputs = { self, core }: { packages.x86_64-linux.greet = core.lib.make \"greet\"; }; }\n",
    );
    outside(&family.root.join("elsewhere"));
    adopt(&family, &["--override", "core=elsewhere"]);
    let (code, report) = evaluated(&family, &[]);
    assert_eq!(code, 3, "{report:#}");
    let reason = repo(&report, "tools")["standalone"]["failed"][0]["reason"].to_string();
    assert!(reason.contains("github:somebody-else/core"), "{reason}");
}

/// Snapshots a tree with one `default.nix`.
fn of_tree(text: &str, more: &[(&str, &str)], options: &[&str]) -> (i32, Value) {
    let family = Family::empty();
    family.write("tree/default.nix", text);
    for (file, text) in more {
        family.write(file, text);
    }
    let mut arguments = vec!["eval", "--tree", "tree", "--system", "x86_64-linux"];
    arguments.extend(options);
    family.json(&arguments)
}

const SET: &str = "{ system ? \"x86_64-linux\", ... }: rec {
  package = name: derivation { inherit name system; builder = \"/bin/sh\"; };
  hello = package \"hello\"; lib.answer = \"42\"; }
";

#[test]
fn a_tree_gets_what_the_user_lets_it_read_and_else_says_what_it_wants() {
    for (text, more, option, want) in [
        (
            "{ pkgs ? import <nixpkgs> { } }: { a = pkgs.package \"a\"; }",
            ("nixpkgs/default.nix", SET),
            vec!["--nixpkgs", "nixpkgs"],
            "`--nixpkgs DIR`",
        ),
        (
            "{ pkgs }: { a = pkgs.package \"a\"; }",
            ("nixpkgs/default.nix", SET),
            vec!["--nixpkgs", "nixpkgs"],
            "`--nixpkgs DIR`",
        ),
        (
            "{ ... }: { a = (import <tools> { }).package \"a\"; }",
            ("tools/default.nix", SET),
            vec!["-I", "tools=tools"],
            "`-I tools=DIR`",
        ),
        (
            "{ ... }: { a = (import ../sibling { }).package \"a\"; }",
            ("sibling/default.nix", SET),
            vec!["-I", "sibling=sibling"],
            "`-I NAME=",
        ),
        (
            "{ ... }: { a = (import (builtins.fetchGit { url = \"https://forge.example/x/sibling.git\"; rev = \"0123456789012345678901234567890123456789\"; }) { }).package \"a\"; }",
            ("sibling/default.nix", SET),
            vec!["--override", "sibling=sibling"],
            "`--allow-network`",
        ),
    ] {
        let (code, report) = of_tree(text, &[more], &[]);
        assert_ne!(code, 0, "{text}: {report:#}");
        assert!(report.to_string().contains(want), "{text}: {report:#}");
        assert!(!report.to_string().contains("NIX_PATH"), "{report:#}");
        let (code, report) = of_tree(text, &[more], &option);
        assert_eq!(code, 0, "{text}: {report:#}");
        assert!(
            report["attributes"]["a"]["derivation"].is_string(),
            "{text}: {report:#}"
        );
    }
}

#[test]
fn a_pin_is_taken_from_the_store_by_its_hash() {
    let family = Family::empty();
    family.write("source/default.nix", SET);
    let source = family.root.join("source");
    let nix = std::process::Command::new("nix-store")
        .arg("--add")
        .arg(&source)
        .output()
        .unwrap();
    assert!(nix.status.success());
    let path = String::from_utf8(nix.stdout).unwrap();
    let hash = std::process::Command::new("nix-hash")
        .args(["--type", "sha256", "--base32"])
        .arg(path.trim())
        .output()
        .unwrap();
    let hash = String::from_utf8(hash.stdout).unwrap();
    let fetched = format!(
        "builtins.fetchTarball {{ url = \"https://forge.example/x.tar.gz\"; sha256 = \"{}\"; }}",
        hash.trim()
    );
    let text = "{ ... }: { a = (import (import ./pins.nix) { }).package \"a\"; }";
    let (code, report) = of_tree(text, &[("tree/pins.nix", &fetched)], &[]);
    assert_eq!(code, 0, "{report:#}");
    assert!(
        report["attributes"]["a"]["derivation"].is_string(),
        "{report:#}"
    );
    let other = fetched.replace(hash.trim(), &"0".repeat(52));
    let (code, report) = of_tree(text, &[("tree/pins.nix", &other)], &[]);
    assert_ne!(code, 0, "{report:#}");
    assert!(report.to_string().contains("--allow-network"), "{report:#}");
}

#[test]
fn what_a_sibling_would_fetch_is_the_checkout_of_the_family() {
    let family = Family::empty();
    family.write("repos/core/default.nix", SET);
    family.write(
        "repos/core/flake.nix",
        "{ outputs = self: { mkPackages = a: { }; }; }\n",
    );
    let more = "{ ... }: let core = import (builtins.fetchGit { url = \"https://github.com/x/core.git\"; rev = \"0123456789012345678901234567890123456789\"; }) { }; in { extra = core.package \"extra\"; }\n";
    family.write("repos/more/default.nix", more);
    for name in ["core", "more"] {
        let folder = family.root.join("repos").join(name);
        git(&folder, &["init", "--quiet"]);
        let url = format!("git@github.com:x/{name}.git");
        git(&folder, &["remote", "add", "origin", &url]);
    }
    let (code, report) = family.json(&[
        "adopt",
        "repos/core",
        "repos/more",
        "--core",
        "core",
        "--lead",
        "ada",
        "--name",
        "x",
    ]);
    assert_eq!(code, 0, "{report:#}");
    let more = listed(&report, "repos", "repo", "more");
    assert_eq!(
        (&more["seen"], &more["attributes"]),
        (&json!(1), &json!(1)),
        "{report:#}"
    );
}

#[test]
fn a_repo_without_a_flake_is_said_to_have_none() {
    let family = Family::of(MANIFEST);
    family.write("sigs/base.toml", "sigs.base.leads = [\"ada\"]\n\n[repos.bare]\nsig = \"base\"\ntier = \"sigs\"\nkind = \"external\"\nwiring = \"packages\"\npackages = { a = {} }\n");
    family.write("repos/bare/default.nix", "{ }\n");
    family.ok(&["generate"]);
    let (code, report) = evaluated(&family, &[]);
    assert_eq!(code, 3, "{report:#}");
    let broken = repo(&report, "bare")["contract"][0]["broken"].to_string();
    assert!(broken.contains("nothing of it was looked at"), "{broken}");
}
