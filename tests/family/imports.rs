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

/// The package set of the tree: one that is called for by folder, by a set, and twice.
const NIXPKGS: &str = r#"{ system ? "x86_64-linux", overlays ? [ ] }:
let
  lib.later = set: set;
  config = { };
  set = {
    inherit system lib config;
    make = name: inputs: derivation { inherit name system inputs; builder = "/bin/sh"; };
    callPackage = path: more:
      let f = if builtins.isFunction path then path else import path; in
      f (builtins.intersectAttrs (builtins.functionArgs f) set // more);
    mkMany = { generic }: (import generic) { version = "2"; };
    zlib = set.make "zlib" [ ];
    openssl = set.make "openssl" [ ];
    other = set.make "other" [ ];
    many = set.callPackage (set.callPackage ./pkgs/tools/many { }) { };
    hello-tool = set.callPackage ./pkgs/tools/again { };
    inherit (set.callPackage ./pkgs/tools/pair { }) left right;
    mkThing = set.callPackage ./pkgs/tools/mkThing { };
    langPackages = set.callPackage ./pkgs/lang { };
    oldPackages = set.langPackages // { speak = throw "it is too old"; };
  } // import ./list.nix set // import ./pkgs/tools/set/packages.nix { inherit lib config; } set set set;
in
set
"#;

/// A set with members, one of which is called for by folder.
const LANG: &str = r#"{ make }:
let
  own = {
    inherit make;
    callPackage = path: more:
      let f = import path; in
      f (builtins.intersectAttrs (builtins.functionArgs f) own // more);
    grammar = make "grammar" [ ];
    speak = own.callPackage (./. + "/speak") { };
  };
in
own
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
            "nixpkgs/pkgs/tools/pair/default.nix",
            "{ make, zlib }: { left = make \"left\" [ zlib ]; right = make \"right\" [ ]; }\n",
        ),
        (
            "nixpkgs/pkgs/tools/mkThing/default.nix",
            "{ make }: name: make name [ ]\n",
        ),
        (
            "nixpkgs/list.nix",
            "set: {\n  _7z = set.callPackage ./pkgs/tools/7z { };\n}\n",
        ),
        (
            "nixpkgs/pkgs/tools/7z/default.nix",
            "{ make }: make \"7z\" [ (import ../shared/default.nix) (builtins.readFile (../shared + \"/note\")) ]\n",
        ),
        ("nixpkgs/pkgs/tools/shared/default.nix", "1\n"),
        ("nixpkgs/pkgs/tools/shared/note", "2\n"),
        ("nixpkgs/pkgs/lang/default.nix", LANG),
        (
            "nixpkgs/pkgs/lang/speak/default.nix",
            "{ make, grammar }: make \"speak\" [ grammar ]\n",
        ),
        (
            "nixpkgs/pkgs/tools/single.nix",
            "{ openssl }: import ./common/helper.nix\n",
        ),
        (
            "nixpkgs/pkgs/tools/again/default.nix",
            "{ again ? import ./. }: again\n",
        ),
        (
            "nixpkgs/pkgs/tools/set/packages.nix",
            "{ lib, ... }:\nres: pkgs: super: with pkgs; {\n  set_1 = callPackage ./one.nix { version = \"1\"; };\n  set = set_1;\n  setPackages = { };\n}\n// lib.later { set_2 = zlib; }\n",
        ),
        (
            "nixpkgs/pkgs/tools/set/one.nix",
            "{ make, version, zlib, other, gone ? null }: make \"set-${version}\" [ zlib other ]\n",
        ),
        (
            "nixpkgs/pkgs/tools/many/default.nix",
            "{ mkMany }: mkMany { generic = ./generic.nix; }\n",
        ),
        (
            "nixpkgs/pkgs/tools/many/generic.nix",
            "{ version }: { make, openssl }: make \"many-${version}\" [ openssl ]\n",
        ),
        ("nixpkgs/default.nix", NIXPKGS),
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
            ["../nixpkgs/pkgs/tools/common", "--to", "tools"],
            "defines no package",
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

/// A family whose core has what the packages of the tree are made with.
fn with_make(family: &Family) {
    let manifest = MANIFEST.replace(
        "packages = { openssl = {}, zlib = {} }",
        "packages = { openssl = {}, zlib = {} }\nbuilders = { make = {}, mkMany = {} }",
    );
    family.write("family/aux.toml", &manifest);
    family.ok(&["-C", "family", "generate"]);
    for (name, text) in [
        (
            "make",
            "{ }: name: inputs: derivation { inherit name inputs; system = \"x86_64-linux\"; builder = \"/bin/sh\"; }\n",
        ),
        (
            "mkMany",
            "{ }: { generic }: (import generic) { version = \"2\"; }\n",
        ),
    ] {
        let path = format!(
            "family/repos/core/pkgs/by-name/{}/{name}/package.nix",
            &name[..2].to_lowercase()
        );
        family.write(&path, text);
    }
}

#[test]
fn a_set_comes_whole_with_every_attribute_as_what_it_is() {
    let family = family();
    with_make(&family);
    let (code, report) = import(&family, &["../nixpkgs/pkgs/tools/set", "--to", "tools"]);
    assert_eq!(code, 0, "{report:#}");
    let manifest = fs::read_to_string(family.root.join("family/aux.toml")).unwrap();
    assert!(
        manifest.contains("set = { members = [\"set\", \"set_1\", \"set_2\"], builders = [\"setPackages\"], build = [\"make\", \"other\", \"zlib\"] }"),
        "{manifest}"
    );
    // A name that only a call in the set gives is no need, and no attribute is dropped.
    assert_eq!(report["missing"], serde_json::json!([]), "{report:#}");
    let directory = family.root.join("family/repos/tools/pkgs/by-name/se/set");
    let names: Vec<String> = every_file(&directory).into_keys().collect();
    assert_eq!(names, ["one.nix", "packages.nix"]);
    // A second set with one of its names is refused.
    let (code, report) = import(
        &family,
        &[
            "../nixpkgs/pkgs/tools/set",
            "--to",
            "tools",
            "--name",
            "again",
        ],
    );
    assert_eq!(code, 1, "{report:#}");
    assert!(
        report.to_string().contains("it defines `set`"),
        "{report:#}"
    );
}

#[test]
fn a_package_with_many_variants_is_called_as_often_as_its_collection_does() {
    let family = family();
    with_make(&family);
    let (code, report) = import(&family, &["../nixpkgs/pkgs/tools/many", "--to", "tools"]);
    assert_eq!(code, 0, "{report:#}");
    let (code, report) = family.json(&[
        "-C",
        "family",
        "eval",
        "--repo",
        "tools",
        "--system",
        "x86_64-linux",
    ]);
    let tools = crate::support::repo(&report, "tools");
    let failed = tools["top_level"]["failed"].to_string();
    assert!(!failed.contains("many"), "{code} {report:#}");
}

#[test]
fn a_package_has_the_name_that_its_collection_gives_it() {
    let family = family();
    let (_, report) = import(
        &family,
        &[
            "../nixpkgs/pkgs/tools/again/default.nix",
            "--to",
            "tools",
            "--no-eval",
        ],
    );
    assert_eq!(report["directory"], "repos/tools/pkgs/by-name/ag/again");
    let (_, report) = import(
        &family,
        &[
            "../nixpkgs/pkgs/tools/many/default.nix",
            "--to",
            "tools",
            "--no-eval",
        ],
    );
    assert_eq!(
        report["directory"], "repos/tools/pkgs/by-name/ma/many",
        "{report:#}"
    );
}

#[test]
fn a_file_that_gives_a_set_or_a_function_comes_as_that() {
    let family = family();
    with_make(&family);
    let (code, report) = import(&family, &["../nixpkgs/pkgs/tools/pair", "--to", "tools"]);
    assert_eq!(code, 0, "{report:#}");
    let (code, report) = import(&family, &["../nixpkgs/pkgs/tools/mkThing", "--to", "tools"]);
    assert_eq!(code, 0, "{report:#}");
    let manifest = fs::read_to_string(family.root.join("family/aux.toml")).unwrap();
    for line in [
        "pair = { members = [\"left\", \"right\"], build = [\"make\", \"zlib\"] }",
        "mkThing = { build = [\"make\"] }",
    ] {
        assert!(manifest.contains(line), "{line}: {manifest}");
    }
    let (_, report) = family.json(&[
        "-C",
        "family",
        "eval",
        "--repo",
        "tools",
        "--system",
        "x86_64-linux",
    ]);
    let tools = crate::support::repo(&report, "tools");
    let failed = tools["top_level"]["failed"].to_string();
    for name in ["left", "right", "pair", "mkThing"] {
        assert!(!failed.contains(name), "{name}: {report:#}");
    }
}

#[test]
fn a_member_of_a_set_becomes_an_attribute_only_by_a_name_and_its_set_calls_it() {
    let family = family();
    with_make(&family);
    let speak = ["../nixpkgs/pkgs/lang/speak", "--to", "tools"];
    let (code, report) = import(&family, &speak);
    assert_eq!(code, 1, "{report:#}");
    let said = report.to_string();
    assert!(
        said.contains("a member of `langPackages`, and no repo of the family has such a set"),
        "{said}"
    );
    let manifest = fs::read_to_string(family.root.join("family/aux.toml")).unwrap();
    let manifest = manifest.replace("mkMany = {} }", "mkMany = {}, langPackages = {} }");
    family.write("family/aux.toml", &manifest);
    family.write(
        "family/repos/core/pkgs/by-name/la/langPackages/package.nix",
        LANG,
    );
    family.write(
        "family/repos/core/pkgs/by-name/la/langPackages/speak/default.nix",
        "{ make }: make \"old\" [ ]\n",
    );
    let (code, report) = import(&family, &speak);
    assert_eq!(code, 1, "{report:#}");
    assert!(
        report.to_string().contains("such as `--name speak`"),
        "{report:#}"
    );
    let (code, report) = import(&family, &[&speak[..], &["--set", "oldPackages"]].concat());
    assert_eq!(code, 1, "{report:#}");
    assert!(
        report.to_string().contains("has no value as a member"),
        "{report:#}"
    );
    let (code, report) = import(&family, &[&speak[..], &["--name", "speak"]].concat());
    assert_eq!(code, 0, "{report:#}");
    let manifest = fs::read_to_string(family.root.join("family/aux.toml")).unwrap();
    assert!(
        manifest.contains("speak = { build = [\"langPackages\"] }"),
        "{manifest}"
    );
    let (_, report) = family.json(&[
        "-C",
        "family",
        "eval",
        "--repo",
        "tools",
        "--system",
        "x86_64-linux",
    ]);
    let tools = crate::support::repo(&report, "tools");
    let failed = tools["top_level"]["failed"].to_string();
    assert!(!failed.contains("speak"), "{report:#}");
}

#[test]
fn a_package_has_the_name_of_its_call_and_everything_that_its_paths_lead_to() {
    let family = family();
    with_make(&family);
    let (code, report) = import(&family, &["../nixpkgs/pkgs/tools/7z", "--to", "tools"]);
    assert_eq!(code, 0, "{report:#}");
    let directory = family.root.join("family/repos/tools/pkgs/by-name/_7/_7z");
    let files = every_file(&directory);
    let names: Vec<&String> = files.keys().collect();
    assert_eq!(names, ["package.nix", "shared/default.nix", "shared/note"]);
    assert!(
        files["package.nix"]
            .contains("(import ./shared/default.nix) (builtins.readFile (./shared + \"/note\"))"),
        "{}",
        files["package.nix"]
    );
}
