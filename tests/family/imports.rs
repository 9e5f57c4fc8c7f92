//! `import` of packages laid out in every way that nixpkgs knows, evaluated by real Nix
//! where they lie and where they came from.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use aux_nix::{Limits, Question};
use serde_json::Value;

use crate::support::{Family, every_file, nix};

const MANIFEST: &str = r#"format = "1.0"
organization = { name = "x", forge = "github:x" }
tiers = [{ name = "core" }, { name = "sigs" }, { name = "top-level" }]
people.ada = {}
sigs.all.leads = ["ada"]

[repos.core]
sig = "all"
tier = "core"
packages = { openssl = {}, zlib = {} }

[repos.tools]
sig = "all"
tier = "sigs"
uses = { core = "*" }
packages = { other = {} }

[repos.top-level]
sig = "all"
tier = "top-level"
"#;

/// A registry, and beside it a tree in nixpkgs' style.
fn family() -> Family {
    let family = Family::empty();
    family.write("family/aux.toml", MANIFEST);
    let files = [
        (
            "nixpkgs/pkgs/tools/hello/default.nix",
            "{ lib, openssl, zlib ? null, opensll, qt ? null }:\n[ ./fix.patch ../common/builder.nix (import ../common/builder.nix) ./data <nixpkgs> ../gone.nix ]\n",
        ),
        ("nixpkgs/pkgs/tools/hello/fix.patch", "patch\n"),
        ("nixpkgs/pkgs/tools/hello/data/a.txt", "a\n"),
        ("nixpkgs/pkgs/tools/hello/run.sh", "#!/bin/sh\n"),
        (
            "nixpkgs/pkgs/tools/common/builder.nix",
            "[ ./helper.nix ../../lib ../hello/fix.patch ]\n",
        ),
        ("nixpkgs/pkgs/tools/common/helper.nix", "1\n"),
        ("nixpkgs/pkgs/lib/default.nix", "2\n"),
        (
            "nixpkgs/pkgs/tools/single.nix",
            "{ openssl }: import ./common/helper.nix\n",
        ),
        (
            "nixpkgs/pkgs/tools/again/default.nix",
            "{ again ? import ./. }: again\n",
        ),
        ("nixpkgs/pkgs/tools/set/packages.nix", "{ }\n"),
    ];
    for (path, text) in files {
        family.write(path, text);
    }
    let script = family.root.join("nixpkgs/pkgs/tools/hello/run.sh");
    fs::set_permissions(script, fs::Permissions::from_mode(0o755)).unwrap();
    fs::write(
        family.root.join("nixpkgs/pkgs/tools/hello/data/raw.bin"),
        [0, 159, 146, 150],
    )
    .unwrap();
    family.ok(&["-C", "family", "generate"]);
    family
}

fn import(family: &Family, arguments: &[&str]) -> (i32, Value) {
    let mut all = vec!["-C", "family", "import"];
    all.extend(arguments);
    family.json(&all)
}

#[test]
fn a_package_comes_with_what_its_paths_lead_to() {
    let family = family();
    let (code, report) = import(&family, &["../nixpkgs/pkgs/tools/hello", "--to", "tools"]);
    assert_eq!(code, 3, "{report:#}");
    let directory = "family/repos/tools/pkgs/by-name/he/hello";
    let names = |key: &str, of: &str| -> Vec<String> {
        let items = report[key].as_array().unwrap().iter();
        items
            .map(|item| item[of].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(names("missing", "name"), ["opensll"]);
    assert_eq!(report["missing"][0]["nearest"][0], "core/openssl");
    assert_eq!(names("lost", "path"), ["../gone.nix", "<nixpkgs>"]);
    let read = |file: &str| fs::read(family.root.join(directory).join(file)).unwrap();
    assert_eq!(read("data/raw.bin"), [0, 159, 146, 150]);
    let mode = fs::metadata(family.root.join(directory).join("run.sh"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o111, 0o111);
    assert!(!family.root.join(directory).join("default.nix").exists());
    let manifest = fs::read_to_string(family.root.join("family/aux.toml")).unwrap();
    assert!(
        manifest.contains("hello = { build = [\"openssl\"], optional = [\"zlib\"] }"),
        "{manifest}"
    );

    // What the paths lead to is the same, by real Nix.
    let seen = |file: &str| {
        let path = family.root.join(file);
        let ask = format!(
            "map builtins.readFile (builtins.filter (path: !(builtins.pathExists (path + \"/.\"))) (import {}))",
            path.display()
        );
        let question = Question::new("files", ask);
        let limits = Limits::default().allowing(&family.root);
        let answers = nix().ask("null", &[question], &limits).unwrap();
        answers[0]
            .answer
            .value()
            .unwrap_or_else(|| panic!("{:?}", answers[0].answer))
            .to_string()
    };
    assert_eq!(
        seen(&format!("{directory}/builder.nix")),
        seen("nixpkgs/pkgs/tools/common/builder.nix")
    );
}

#[test]
fn a_file_takes_only_what_it_leads_to_and_a_name_can_be_given() {
    let family = family();
    let (code, report) = import(
        &family,
        &[
            "../nixpkgs/pkgs/tools/single.nix",
            "--to",
            "tools",
            "--name",
            "one",
        ],
    );
    assert_eq!(code, 0, "{report:#}");
    assert_eq!(
        report["files"],
        serde_json::json!(["helper.nix", "package.nix"])
    );
    let text = fs::read_to_string(
        family
            .root
            .join("family/repos/tools/pkgs/by-name/on/one/package.nix"),
    )
    .unwrap();
    assert_eq!(text, "{ openssl }: import ./helper.nix\n");
    family.ok(&["-C", "family", "check"]);
    family.ok(&["-C", "family", "generate", "--check"]);
}

#[test]
fn a_default_nix_that_is_meant_by_its_directory_keeps_its_name() {
    let family = family();
    let (code, report) = import(&family, &["../nixpkgs/pkgs/tools/again", "--to", "tools"]);
    assert_eq!(code, 0, "{report:#}");
    assert_eq!(report["files"], serde_json::json!(["default.nix"]));
}

#[test]
fn what_cannot_be_imported_changes_nothing() {
    let family = family();
    let before = every_file(&family.root.join("family"));
    for (arguments, why) in [
        (
            ["../nixpkgs/pkgs/tools/set", "--to", "tools"],
            "defines no single package",
        ),
        (
            ["../nixpkgs/pkgs/tools/gone", "--to", "tools"],
            "cannot read",
        ),
        (
            ["../nixpkgs/pkgs/tools/hello", "--to", "tolls"],
            "there is no repo `tolls`",
        ),
    ] {
        let mut all = vec!["-C", "family", "import"];
        all.extend(arguments);
        let refused = family.run(&all);
        assert_eq!(refused.code, 1, "{}", refused.stderr);
        assert!(refused.stderr.contains(why), "{}", refused.stderr);
        assert!(
            every_file(&family.root.join("family")) == before,
            "{arguments:?}"
        );
    }
    let taken = family.run(&[
        "-C",
        "family",
        "import",
        "../nixpkgs/pkgs/tools/hello",
        "--to",
        "tools",
        "--name",
        "zlib",
    ]);
    assert!(
        taken
            .stderr
            .contains("is an attribute of `core/zlib` already"),
        "{}",
        taken.stderr
    );
}

#[test]
fn what_was_imported_is_visible_to_flakes() {
    let family = family();
    let tools = family.root.join("family/repos/tools");
    crate::support::git(&tools, &["init", "--quiet"]);
    let (code, report) = import(
        &family,
        &[
            "../nixpkgs/pkgs/tools/single.nix",
            "--to",
            "tools",
            "--name",
            "one",
        ],
    );
    assert_eq!(code, 0, "{report:#}");
    let known = crate::support::git(&tools, &["ls-files"]);
    assert!(known.contains("pkgs/by-name/on/one/package.nix"), "{known}");
}

#[test]
fn nothing_outside_of_the_tree_is_taken_and_links_are_not_followed() {
    let family = family();
    family.write("secret/key", "SECRET\n");
    family.write(
        "nixpkgs/pkgs/tools/evil/package.nix",
        "{ }: [ ../../../../secret ../../../../../../../../etc/passwd ]\n",
    );
    family.write("nixpkgs/pkgs/tools/evil/.git/config", "mine\n");
    let folder = family.root.join("nixpkgs/pkgs/tools/evil");
    for (to, name) in [(".", "a"), (".", "b"), ("../../../../secret", "out")] {
        std::os::unix::fs::symlink(to, folder.join(name)).unwrap();
    }
    let (code, report) = import(
        &family,
        &[
            "../nixpkgs/pkgs/tools/evil/package.nix",
            "--to",
            "tools",
            "--name",
            "one",
        ],
    );
    assert_eq!(
        (code, &report["files"]),
        (3, &serde_json::json!(["package.nix"])),
        "{report:#}"
    );
    let (code, report) = import(&family, &["../nixpkgs/pkgs/tools/evil", "--to", "tools"]);
    assert_eq!(
        (code, &report["files"]),
        (3, &serde_json::json!(["package.nix"])),
        "{report:#}"
    );
    assert_eq!(report["lost"].as_array().unwrap().len(), 5, "{report:#}");
}

#[test]
fn a_file_that_means_its_own_directory_brings_it() {
    let family = family();
    family.write(
        "nixpkgs/pkgs/tools/own/default.nix",
        "{ }: { src = ./.; }\n",
    );
    family.write("nixpkgs/pkgs/tools/own/data", "x\n");
    let (code, report) = import(
        &family,
        &[
            "../nixpkgs/pkgs/tools/own/default.nix",
            "--to",
            "tools",
            "--name",
            "own",
        ],
    );
    assert_eq!(code, 0, "{report:#}");
    assert_eq!(report["files"], serde_json::json!(["data", "default.nix"]));
}
