//! A family over a core that is somebody else's, such as nixpkgs: nothing in it is ours, what it has
//! is asked once, and everything that asks for names knows it.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::support::{Family, commit_all, git, init, repo};

/// A core in nixpkgs' style.
const NIXPKGS: &str = r#"{ system ? builtins.currentSystem, overlays ? [ ], config ? { } }:
let
  own = final: prev: {
    inherit system;
    lib = { };
    callPackage = path: more:
      let f = if builtins.isFunction path then path else import path; in
      f (builtins.intersectAttrs (builtins.functionArgs f) final // more);
    stdenv.mkDerivation = args: derivation ({ inherit system; builder = "/bin/sh"; name = args.name or "${args.pname}-${args.version}"; } // removeAttrs args [ "meta" ]);
    fetchurl = args: derivation { name = "source"; inherit system; builder = "/bin/sh"; };
    zlib = final.callPackage ./pkgs/zlib { };
    openssl = final.stdenv.mkDerivation { name = "openssl-1"; inherit (final) zlib; };
    "7zip" = final.zlib;
    gone = throw "it was removed";
  };
  set = builtins.foldl' (prev: overlay: prev // overlay set prev) { } ([ own ] ++ overlays);
in
set
"#;

/// That core in a repository, and a family over it in `family`.
fn over() -> (Family, Family) {
    let outer = Family::empty();
    outer.write("nixpkgs/default.nix", NIXPKGS);
    outer.write("nixpkgs/flake.nix", "{ outputs = self: { lib = { }; legacyPackages.x86_64-linux = import ./. { system = \"x86_64-linux\"; }; }; }\n");
    outer.write(
        "nixpkgs/pkgs/zlib/default.nix",
        "{ stdenv }: stdenv.mkDerivation { name = \"zlib-1\"; }\n",
    );
    let nixpkgs = outer.root.join("nixpkgs");
    init(&nixpkgs);
    commit_all(&nixpkgs, "nixpkgs");
    outer.ok(&[
        "init",
        "family",
        "--core",
        "nixpkgs",
        "--lead",
        "ada",
        "--forge",
        "git+file:///nowhere",
    ]);
    let family = Family::at(&outer.root.join("family"));
    (outer, family)
}

/// The commit of core that is checked out.
fn head(family: &Family) -> String {
    let head = git(&family.repo("nixpkgs"), &["rev-parse", "HEAD"]);
    head.trim().to_owned()
}

fn index(family: &Family) -> Value {
    let text = fs::read_to_string(family.root.join("index/nixpkgs.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// A SIG with a package that is built with two of core's.
fn with_site(family: &Family) {
    family.ok(&["new-sig", "web", "--lead", "bob"]);
    family.ok(&[
        "new-package",
        "web/site",
        "--build",
        "zlib",
        "--build",
        "openssl",
    ]);
}

fn manifest_of_web(family: &Family) -> PathBuf {
    family.root.join("sigs/web.toml")
}

#[test]
fn what_a_core_has_is_asked_once_and_known_to_every_question() {
    let (_outer, family) = over();
    let found = index(&family);
    assert_eq!(found["rev"], head(&family));
    assert_eq!(
        found["packages"],
        json!({ "openssl": "default.nix", "zlib": "pkgs/zlib" })
    );
    assert_eq!(
        found["builders"],
        json!({ "fetchurl": "default.nix", "stdenv": "default.nix" })
    );
    with_site(&family);
    family.ok(&["check", "--deny-warnings"]);
    let found = family.ok(&["where", "fetchurl"]).stdout;
    assert!(found.contains("nixpkgs/fetchurl builder"), "{found}");
    let why = family.ok(&["why", "site", "zlib"]).stdout;
    assert!(why.contains("web/site needs nixpkgs/zlib (build)"), "{why}");
    let refused = family.run(&["new-package", "web/other", "--build", "zlb"]);
    assert!(
        refused.stderr.contains("did you mean `nixpkgs/zlib`?"),
        "{}",
        refused.stderr
    );
    let (code, report) = family.json(&["eval", "--system", "x86_64-linux"]);
    assert_eq!(code, 0, "{report:#}");
    assert_eq!(repo(&report, "nixpkgs")["unasked"], 4, "{report:#}");
    assert_eq!(repo(&report, "web")["top_level"]["ok"], 1, "{report:#}");
    let (code, report) = family.json(&["eval", "--flakes", "--system", "x86_64-linux"]);
    assert_eq!(code, 0, "{report:#}");
    // Its own files are not touched, and users of top-level get ours.
    assert_eq!(git(&family.repo("nixpkgs"), &["status", "--porcelain"]), "");
    let contract = fs::read_to_string(family.repo("top-level").join("contract.json")).unwrap();
    assert!(!contract.contains("openssl"), "{contract}");
}

#[test]
fn nothing_of_ours_goes_into_a_core_that_is_somebody_elses() {
    let (_outer, family) = over();
    with_site(&family);
    let placed = family.ok(&["place", "tool", "--depends-on", "zlib"]).stdout;
    assert!(placed.starts_with("tool goes to web"), "{placed}");
    for arguments in [
        &["move", "nixpkgs/zlib", "web"],
        &["move", "web/site", "nixpkgs"],
    ] {
        let refused = family.run(arguments);
        assert_eq!(refused.code, 1, "{}", refused.stdout);
        assert!(
            refused.stderr.contains("`nixpkgs` is somebody else's"),
            "{}",
            refused.stderr
        );
    }
    let (_, report) = family.json(&["core"]);
    assert_eq!(report["need_not"], json!([]), "{report:#}");
    let (_, report) = family.json(&["coverage"]);
    let repos: Vec<&str> = report["repos"]
        .as_array()
        .unwrap()
        .iter()
        .map(|repo| repo["repo"].as_str().unwrap())
        .collect();
    assert_eq!(repos, ["top-level", "web"]);
    let (_, report) = family.json(&["place", "--all"]);
    assert!(!report.to_string().contains("nixpkgs/"), "{report:#}");
}

#[test]
fn a_package_that_takes_the_place_of_one_of_core_is_named() {
    let (_outer, family) = over();
    with_site(&family);
    let manifest = fs::read_to_string(manifest_of_web(&family)).unwrap();
    fs::write(
        manifest_of_web(&family),
        format!("{manifest}\n[repos.web.packages.openssl]\nbuild = [\"zlib\"]\n"),
    )
    .unwrap();
    let (code, report) = family.json(&["check"]);
    assert_eq!(code, 0, "{report:#}");
    let codes = report["problems"].as_array().unwrap().iter();
    assert!(
        codes.clone().any(|problem| problem["code"] == "shadows"),
        "{report:#}"
    );
    family.ok(&["generate"]);
    let (code, report) = family.json(&["eval", "--system", "x86_64-linux"]);
    assert_eq!(code, 0, "{report:#}");
    assert_eq!(repo(&report, "web")["top_level"]["ok"], 2, "{report:#}");
    let found = family.ok(&["where", "openssl"]).stdout;
    assert!(found.contains("web/openssl package"), "{found}");
    assert!(!found.contains("nixpkgs/openssl"), "{found}");
}

#[test]
fn an_index_that_core_has_left_behind_is_said_and_written_anew() {
    let (_outer, family) = over();
    let core = family.repo("nixpkgs");
    assert_eq!(family.run(&["index", "--check"]).code, 0);
    family.write(
        "repos/nixpkgs/pkgs/zlib/default.nix",
        "{ stdenv }: throw \"gone\"\n",
    );
    commit_all(&core, "zlib is gone");
    let checked = family.ok(&["check"]);
    assert!(
        checked.stderr.contains("stale index/nixpkgs.json"),
        "{}",
        checked.stderr
    );
    let (code, report) = family.json(&["index", "--check"]);
    assert_eq!((code, &report["state"]), (4, &json!("stale")), "{report:#}");
    let (code, report) = family.json(&["index"]);
    assert_eq!(
        (code, &report["state"]),
        (0, &json!("written")),
        "{report:#}"
    );
    assert_eq!(report["seen"], 9, "{report:#}");
    assert_eq!(report["exceptions"].as_array().unwrap().len(), 9 - 2);
    assert_eq!(index(&family)["packages"], json!({}));
    let (_, report) = family.json(&["index"]);
    assert_eq!(report["state"], "fresh", "{report:#}");
    // A text that is no index is no reason to stop.
    family.write("index/nixpkgs.json", "{ \"format\": 99 }");
    let (code, report) = family.json(&["check"]);
    assert_eq!(code, 0, "{report:#}");
    assert_eq!(report["problems"][0]["code"], "no-index", "{report:#}");
    family.ok(&["index"]);
    family.ok(&["check", "--deny-warnings"]);
}

#[test]
fn a_train_pins_core_and_pushes_nothing_to_it() {
    let (outer, family) = over();
    with_site(&family);
    for name in ["web", "top-level"] {
        let folder = family.repo(name);
        if !folder.join(".git").exists() {
            init(&folder);
        }
        commit_all(&folder, "generated");
    }
    let theirs = outer.root.join("nixpkgs");
    let branches = || {
        git(
            &theirs,
            &["for-each-ref", "--format=%(refname) %(objectname)"],
        )
    };
    let before = branches();
    let ran = family.run(&["update", "--push"]);
    assert_eq!(ran.code, 0, "{}\n{}", ran.stdout, ran.stderr);
    let ran = family.run(&["promote", "--push"]);
    assert_eq!(ran.code, 0, "{}\n{}", ran.stdout, ran.stderr);
    assert_eq!(branches(), before, "nothing of ours is there");
    let rev = head(&family);
    for name in ["web", "top-level"] {
        let lock = git(&family.repo(name), &["show", "main:flake.lock"]);
        let lock: Value = serde_json::from_str(&lock).unwrap();
        assert_eq!(lock["nodes"]["nixpkgs"]["locked"]["rev"], rev, "{lock:#}");
    }
}

#[test]
fn a_reference_is_enough_to_start_and_a_bad_one_changes_nothing() {
    let family = Family::empty();
    let ran = family.ok(&[
        "init",
        "a",
        "--core",
        "github:NixOS/nixpkgs/nixos-unstable",
        "--lead",
        "ada",
    ]);
    assert!(
        ran.stdout.contains("aux-gen sync") || ran.stderr.contains("aux-gen sync"),
        "{}",
        ran.stderr
    );
    let manifest = fs::read_to_string(family.root.join("a/sigs/core.toml")).unwrap();
    assert!(manifest.contains("[repos.nixpkgs]"), "{manifest}");
    let checked = family.ok(&["-C", "a", "check"]);
    assert!(
        checked.stdout.contains("1 warning") || checked.stderr.contains("no-index"),
        "{}",
        checked.stdout
    );
    let refused = family.run(&["-C", "a", "index"]);
    assert!(
        refused.stderr.contains("aux-gen sync nixpkgs"),
        "{}",
        refused.stderr
    );
    let refused = family.run(&["init", "b", "--core", "what is this", "--lead", "ada"]);
    assert_eq!(refused.code, 1);
    assert!(!family.root.join("b").exists());
    // A checkout without a package set is none to stand on.
    family.write("plain/README.md", "hi\n");
    init(&family.root.join("plain"));
    commit_all(&family.root.join("plain"), "x");
    let refused = family.run(&["init", "c", "--core", "plain", "--lead", "ada"]);
    assert_eq!(refused.code, 1, "{}", refused.stdout);
    assert!(
        !family.root.join("c/aux.toml").exists(),
        "{}",
        refused.stderr
    );
}

#[test]
fn an_index_that_is_gone_or_left_behind_keeps_nobody_from_a_new_one() {
    let (_outer, family) = over();
    with_site(&family);
    let path = family.root.join("index/nixpkgs.json");
    let whole = fs::read(&path).unwrap();
    fs::remove_file(&path).unwrap();
    // What core has is not known: a name may be one of its.
    let (code, report) = family.json(&["check"]);
    assert_eq!(code, 0, "{report:#}");
    let codes = report["problems"].to_string();
    assert!(
        codes.contains("no-index") && codes.contains("unknown-package"),
        "{codes}"
    );
    for broken in [
        &b""[..],
        b"{ \"format\": 99 }",
        b"\xff\xfe",
        &whole[..whole.len() / 2],
    ] {
        fs::write(&path, broken).unwrap();
        family.ok(&["index", "--again"]);
        assert!(fs::read(&path).unwrap() == whole);
    }
    // One that lacks what a package needs is an error, and can be written anew all the same.
    let lacking = String::from_utf8(whole.clone())
        .unwrap()
        .replace("\"zlib\"", "\"zlib-old\"");
    fs::write(&path, lacking).unwrap();
    assert_eq!(family.run(&["check"]).code, 3);
    family.ok(&["index", "--again"]);
    family.ok(&["check", "--deny-warnings"]);
}
