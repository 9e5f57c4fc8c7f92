//! A family over a core that is somebody else's, such as nixpkgs: nothing in it is ours, what it has
//! is asked once, and everything that asks for names knows it.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::support::{Family, commit_all, git, init, listed, repo};

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
    // A command adds one, too; what a repo of ours has is taken.
    family.ok(&["new-package", "web/zlib"]);
    let refused = family.run(&["new-package", "web/site"]);
    assert_eq!(refused.code, 1, "{}", refused.stderr);
    let (code, report) = family.json(&["check"]);
    assert_eq!(code, 0, "{report:#}");
    assert!(
        report.to_string().contains("`web/zlib` takes the place"),
        "{report:#}"
    );
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

/// What is committed in core's checkout, and what a channel names, stays out of core's own repository.
#[test]
fn a_channel_takes_a_branch_of_core_and_pushes_nothing_to_it() {
    let (outer, family) = over();
    with_site(&family);
    let upstream = outer.root.join("nixpkgs");
    let stable = upstream.join("../stable");
    git(
        &upstream,
        &["worktree", "add", "--quiet", "-b", "stable", "../stable"],
    );
    fs::write(stable.join("news"), "of stable").unwrap();
    commit_all(&stable, "a fix of theirs");
    fs::write(upstream.join("news"), "of main").unwrap();
    commit_all(&upstream, "what is newer");
    let branches = || git(&upstream, &["for-each-ref", "refs/heads"]);
    let before = branches();
    let own = fs::read_to_string(family.root.join("aux.toml")).unwrap();
    let root = family.root.join("remotes");
    for name in ["web", "top-level"] {
        let bare = root.join(name);
        fs::create_dir_all(&bare).unwrap();
        git(
            &bare,
            &["init", "--quiet", "--bare", "--initial-branch", "main"],
        );
    }
    let forge = format!("git+file://{}", root.display());
    let channel = "\n[[channels]]\nname = \"26.11\"\nfollows = \"main\"\nbranches = { nixpkgs = \"stable\" }\n";
    family.write(
        "aux.toml",
        &(own.replace("git+file:///nowhere", &forge) + channel),
    );
    family.ok(&["generate"]);
    for name in ["web", "top-level"] {
        let repo = family.repo(name);
        if !repo.join(".git").exists() {
            init(&repo);
        }
        commit_all(&repo, "x");
        let bare = root.join(name).display().to_string();
        let added = git(&repo, &["remote"]);
        if added.is_empty() {
            git(&repo, &["remote", "add", "origin", &bare]);
        } else {
            git(&repo, &["remote", "set-url", "origin", &bare]);
        }
        git(&repo, &["push", "--quiet", "origin", "HEAD:main"]);
    }
    // Somebody tries something in core's checkout.
    fs::write(family.repo("nixpkgs").join("mine"), "x").unwrap();
    commit_all(&family.repo("nixpkgs"), "an experiment");
    for channel in [&[][..], &["--channel", "26.11"]] {
        let update = [&["update", "--push"][..], channel].concat();
        let ran = family.run(&update);
        assert!(ran.code == 0 || ran.code == 3, "{}", ran.stderr);
        let promote = [&["promote", "--push"][..], channel].concat();
        family.ok(&promote);
        assert_eq!(branches(), before);
    }
    let lock = git(&root.join("top-level"), &["show", "26.11:flake.lock"]);
    let lock: Value = serde_json::from_str(&lock).unwrap();
    let rev = git(&upstream, &["rev-parse", "stable"]);
    assert_eq!(
        lock["nodes"]["nixpkgs"]["locked"]["rev"],
        rev.trim(),
        "{lock:#}"
    );
    assert_eq!(lock["nodes"]["nixpkgs"]["original"]["ref"], "stable");
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

/// A team's own packages, put over a core: `entry` is what is imported, and calls by `callee`.
fn team(entry: &str, head: &str, callee: &str) -> Family {
    let outer = Family::empty();
    outer.write("nixpkgs/default.nix", NIXPKGS);
    outer.write(
        "nixpkgs/pkgs/zlib/default.nix",
        "{ stdenv }: stdenv.mkDerivation { name = \"zlib-1\"; }\n",
    );
    let make = |name: &str, asks: &str| {
        format!(
            "{{ stdenv{asks} }}: stdenv.mkDerivation {{ name = \"{name}\"; inputs = [ {} ]; }}\n",
            asks.replace(", ", " ")
        )
    };
    for (path, name, asks) in [
        ("pkgs/web-server/default.nix", "web-server", ", zlib"),
        ("pkgs/web-client/default.nix", "web-client", ", openssl"),
        ("pkgs/py-lib/default.nix", "py-lib", ""),
        ("tools/py-tool.nix", "py-tool", ", zlib"),
    ] {
        outer.write(&format!("team/{path}"), &make(name, asks));
    }
    let list = format!(
        "{head}{{\n  web-server = {callee} ./pkgs/web-server {{ }};\n  web-client = {callee} ./pkgs/web-client {{ }};\n  py-lib = {callee} ./pkgs/py-lib {{ }};\n  py-tool = {callee} ./tools/py-tool.nix {{ }};\n  inline = {} {{ name = \"inline\"; }};\n}}\n",
        callee.replace("callPackage", "stdenv.mkDerivation")
    );
    outer.write(&format!("team/{entry}"), &list);
    for folder in ["nixpkgs", "team"] {
        init(&outer.root.join(folder));
        commit_all(&outer.root.join(folder), "all");
    }
    outer.write(
        "rules.toml",
        "lead = \"ada\"\nrepos.web.attributes = [\"web-*\"]\nrepos.python.attributes = [\"py-*\"]\n",
    );
    outer
}

const SPLIT: [&str; 6] = [
    "split",
    "team",
    "--over",
    "nixpkgs",
    "--rules",
    "rules.toml",
];

#[test]
fn an_overlay_for_a_core_is_relaid_and_split_with_every_derivation_the_same() {
    let outer = team("overlay.nix", "final: prev:\n", "final.callPackage");
    // One that takes the place of a package of core.
    let overlay = fs::read_to_string(outer.root.join("team/overlay.nix")).unwrap();
    let overlay = overlay.replace(
        "  inline",
        "  zlib = prev.zlib // { isOurs = true; };\n  inline",
    );
    outer.write("team/overlay.nix", &overlay);
    commit_all(&outer.root.join("team"), "zlib");
    // As it is, the list ties everything to the rest.
    let (code, report) = outer.json(&SPLIT);
    assert_eq!(code, 0, "{report:#}");
    let pinned = listed(&report, "packages", "package", "web-server");
    assert_eq!(pinned["repo"], "team", "{report:#}");
    let (code, report) = outer.json(&["relayout", "team", "--over", "nixpkgs", "--apply"]);
    assert_eq!(code, 0, "{report:#}");
    assert_eq!(report["moves"].as_array().unwrap().len(), 4, "{report:#}");
    commit_all(&outer.root.join("team"), "by name");
    let apply = [
        &SPLIT[..],
        &[
            "--apply",
            "family",
            "--verify",
            "--forge",
            "git+file:///nowhere",
        ],
    ];
    let (code, report) = outer.json(&apply.concat());
    assert_eq!(code, 0, "{report:#}");
    assert_eq!(report["of_core"], json!(["zlib"]), "{report:#}");
    let compared = &report["verified"]["sets"][0];
    assert_eq!(
        (&compared["attributes"], &compared["derivations"]),
        (&json!(6), &json!(6)),
        "{report:#}"
    );
    let family = Family::at(&outer.root.join("family"));
    let server = family
        .repo("web")
        .join("pkgs/by-name/we/web-server/package.nix");
    assert!(server.is_file());
    assert!(!family.repo("team").join("pkgs/by-name/we").exists());
    let (code, report) = family.json(&["eval", "--system", "x86_64-linux"]);
    assert_eq!(code, 0, "{report:#}");
    assert_eq!(repo(&report, "web")["standalone"]["ok"], 2, "{report:#}");
    assert_eq!(repo(&report, "team")["top_level"]["ok"], 2, "{report:#}");
    // What takes the place of a package of core is named, as anywhere.
    let (code, report) = family.json(&["check"]);
    assert_eq!(code, 0, "{report:#}");
    assert!(report.to_string().contains("shadows"), "{report:#}");
    let found = family.ok(&["where", "inline"]).stdout;
    assert!(found.contains("team/inline"), "{found}");
    let (code, report) = family.json(&["index", "--check"]);
    assert_eq!(code, 0, "{report:#}");
}

#[test]
fn a_function_of_pkgs_is_split_over_a_core_too() {
    let outer = team("default.nix", "{ pkgs }:\n", "pkgs.callPackage");
    let (code, report) = outer.json(&["relayout", "team", "--over", "nixpkgs", "--apply"]);
    assert_eq!(code, 0, "{report:#}");
    commit_all(&outer.root.join("team"), "by name");
    let apply = [
        &SPLIT[..],
        &[
            "--apply",
            "family",
            "--verify",
            "--forge",
            "git+file:///nowhere",
        ],
    ];
    let (code, report) = outer.json(&apply.concat());
    assert_eq!(code, 0, "{report:#}");
    assert_eq!(
        report["verified"]["sets"][0]["derivations"], 5,
        "{report:#}"
    );
    let family = Family::at(&outer.root.join("family"));
    let (code, report) = family.json(&["eval", "--system", "x86_64-linux"]);
    assert_eq!(code, 0, "{report:#}");
    assert_eq!(repo(&report, "python")["top_level"]["ok"], 2, "{report:#}");
}

#[test]
fn a_split_over_a_core_that_cannot_be_changes_nothing() {
    let outer = team("overlay.nix", "final: prev:\n", "final.callPackage");
    let refused = |arguments: &[&str], reason: &str| {
        let ran = outer.run(arguments);
        assert_eq!(ran.code, 1, "{}", ran.stderr);
        assert!(ran.stderr.contains(reason), "{reason}: {}", ran.stderr);
        assert!(!outer.root.join("family").exists());
    };
    let apply = [&SPLIT[..], &["--apply", "family"]].concat();
    outer.write("nixpkgs/new.nix", "1\n");
    refused(&apply, "has changes that are in no commit");
    fs::remove_file(outer.root.join("nixpkgs/new.nix")).unwrap();
    refused(
        &[
            "split",
            "team",
            "--over",
            "no-such",
            "--rules",
            "rules.toml",
        ],
        "is no flake reference, and no folder",
    );
    outer.write(
        "rules.toml",
        "lead = \"ada\"\nrepos.team.attributes = [\"web-*\"]\n",
    );
    refused(&apply, "`team` is the name of another repo");
    fs::remove_file(outer.root.join("team/overlay.nix")).unwrap();
    commit_all(&outer.root.join("team"), "no overlay");
    outer.write(
        "rules.toml",
        "lead = \"ada\"\nrepos.web.attributes = [\"web-*\"]\n",
    );
    refused(&apply, "has no overlay and no function of a package set");
}
