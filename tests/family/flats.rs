//! `ready` and `split` on a core of another layout: folders with one folder for each package, some of
//! which are called twice, and the package set made in files with other names than nixpkgs'.

use std::fs;

use serde_json::Value;

use crate::support::{Family, commit_all, git, init, listed};

/// A package set of two stages, as nixpkgs composes its own; nothing is where nixpkgs has it.
const FILES: [(&str, &str); 14] = [
    (
        "flake.nix",
        "{\n  inputs.tools.url = \"github:somebody/tools\";\n  outputs =\n    { self, tools }:\n    {\n      legacyPackages.x86_64-linux = import ./. { system = \"x86_64-linux\"; };\n    };\n}\n",
    ),
    (
        "default.nix",
        "{ overlays ? [ ], ... }@args:\nimport ./boot/compose.nix (removeAttrs args [ \"system\" ] // { inherit overlays; localSystem = args.system or builtins.currentSystem; })\n",
    ),
    (
        "boot/compose.nix",
        "{\n  localSystem,\n  config ? { },\n  overlays ? [ ],\n  ...\n}@args:\nlet\n  lib = import ../lib.nix;\n  allPackages = newArgs: import ./one-stage.nix ({ inherit lib config; } // newArgs);\n  first = allPackages { inherit overlays; stdenv = { name = \"first\"; system = localSystem; }; before = null; };\n  second = allPackages { inherit overlays; stdenv = { name = \"second-${first.shell.name}\"; system = localSystem; }; before = first; };\nin\nsecond\n",
    ),
    (
        "boot/one-stage.nix",
        "{\n  lib,\n  stdenv,\n  config,\n  before,\n  # What is put on top.\n  overlays,\n}:\nlet\n  noSysDirs = true;\n  base = self: super: {\n    inherit lib stdenv config;\n    buildPackages = if before == null then self else before;\n    callPackage = path: more: let f = if builtins.isFunction path then path else import path; in f (builtins.intersectAttrs (builtins.functionArgs f) self // more);\n    make = name: inputs: derivation { inherit name inputs; inherit (stdenv) system; builder = \"/bin/sh\"; from = stdenv.name; };\n    manyOf = { versions }: { make, zlib }: make \"many-${builtins.concatStringsSep \"-\" versions}\" [ zlib ];\n  };\n  packages = lib.callEach ../pkgs;\n  variants = lib.callEachTwice ../pkgs-many;\n  fixes = self: super: { curl = super.curl // { fixed = true; }; broken = throw \"it is broken\"; };\n  toFix = lib.foldl (lib.flip lib.extends) (self: { }) ([\n    base\n    packages\n    variants\n    fixes\n  ] ++ overlays);\nin\nlib.fix toFix\n",
    ),
    (
        "lib.nix",
        "rec {\n  foldl = builtins.foldl';\n  flip = f: a: b: f b a;\n  fix = f: let x = f x; in x;\n  extends = overlay: f: self: let super = f self; in super // overlay self super;\n  folders = path: builtins.filter (name: (builtins.readDir path).${name} == \"directory\") (builtins.attrNames (builtins.readDir path));\n  callEach = path: self: super: builtins.listToAttrs (map (name: { inherit name; value = self.callPackage (path + \"/${name}\") { }; }) (folders path));\n  callEachTwice = path: self: super: builtins.listToAttrs (map (name: { inherit name; value = self.callPackage (self.callPackage (path + \"/${name}\") { }) { }; }) (folders path));\n}\n",
    ),
    ("pkgs/shell/default.nix", "{ make }: make \"shell\" [ ]\n"),
    (
        "pkgs/zlib/default.nix",
        "{ make, shell }: make \"zlib\" [ shell ]\n",
    ),
    (
        "pkgs/curl/default.nix",
        "{ make, zlib }: make \"curl\" [ zlib ]\n",
    ),
    (
        "pkgs/web-server/default.nix",
        "{ make, curl }: make \"web-server\" [ curl ./default.conf ]\n",
    ),
    ("pkgs/web-server/default.conf", "port = 80\n"),
    (
        "pkgs/web-client/default.nix",
        "{ make, web-server, web-many }: make \"web-client\" [ web-server web-many ../web-server/default.conf ]\n",
    ),
    (
        "pkgs-many/web-many/default.nix",
        "{ manyOf }: manyOf { versions = [ \"1\" \"2\" ]; }\n",
    ),
    (
        "pkgs-many/other/default.nix",
        "{ manyOf }: manyOf { versions = [ \"3\" ]; }\n",
    ),
    (
        "pkgs-many/third/default.nix",
        "{ manyOf }: manyOf { versions = [ \"4\" ]; }\n",
    ),
];

fn tree() -> Family {
    let family = Family::empty();
    for (path, text) in FILES {
        family.write(&format!("tree/{path}"), text);
    }
    let tree = family.root.join("tree");
    init(&tree);
    commit_all(&tree, "Everything");
    family.write(
        "rules.toml",
        "lead = \"ada\"\nrepos.web.attributes = [\"web-*\"]\n",
    );
    family
}

#[test]
fn a_core_that_keeps_its_package_set_elsewhere_is_made_ready() {
    let family = tree();
    let (code, report) = family.json(&["ready", "tree"]);
    assert_eq!(code, 3, "{report:#}");
    let places = report["places"].as_array().unwrap();
    let files: Vec<&str> = places
        .iter()
        .map(|place| place["file"].as_str().unwrap())
        .collect();
    assert_eq!(
        files,
        [
            "flake.nix",
            "boot/compose.nix",
            "boot/one-stage.nix",
            "boot/one-stage.nix"
        ]
    );
    family.ok(&["eval", "--tree", "tree", "--save", "before.json"]);
    let ready = family.ok(&["ready", "tree", "--apply"]);
    assert!(!ready.stdout.contains("unknown"), "{}", ready.stdout);
    let (code, report) = family.json(&["ready", "tree"]);
    assert_eq!(code, 0, "every clause is kept: {report:#}");
    family.ok(&["eval", "--tree", "tree", "--compare", "before.json"]);
}

#[test]
fn a_core_that_is_not_understood_is_refused_with_what_was_looked_for() {
    let family = tree();
    family.write(
        "tree/boot/compose.nix",
        "args: (import ./one-stage.nix) args\n",
    );
    let (code, report) = family.json(&["ready", "tree", "--apply"]);
    assert_eq!(code, 1, "{report:#}");
    assert!(
        report
            .to_string()
            .contains("is not a core in nixpkgs' style"),
        "{report:#}"
    );
    assert_eq!(
        git(
            &family.root.join("tree"),
            &["status", "--porcelain", "--", "flake.nix"]
        ),
        ""
    );
}

#[test]
fn a_flat_core_is_split_and_every_derivation_stays_what_it_was() {
    let family = tree();
    let before = git(&family.root.join("tree"), &["status", "--porcelain"]);
    let (code, report) = family.json(&[
        "split",
        "tree",
        "--rules",
        "rules.toml",
        "--apply",
        "family",
        "--verify",
    ]);
    assert_eq!(code, 0, "{report:#}");
    assert_eq!(
        git(&family.root.join("tree"), &["status", "--porcelain"]),
        before
    );
    let verified = &report["verified"]["sets"][0];
    let differences = verified["differences"].as_object().unwrap().values();
    assert_eq!(verified["derivations"], 8, "{report:#}");
    assert!(
        differences
            .clone()
            .all(|all| all.as_array().is_none_or(Vec::is_empty)),
        "{report:#}"
    );
    for moved in ["web-client", "web-server", "web-many"] {
        let package = listed(&report, "packages", "package", moved);
        assert_eq!(package["repo"], "web", "{report:#}");
    }
    let web = family.root.join("family/repos/web");
    let read = |file: &str| fs::read_to_string(web.join(file)).unwrap();
    // Paths between packages lead where they led, and what is called twice still is.
    let client = read("pkgs/by-name/we/web-client/default.nix");
    assert!(
        client.contains("../../we/web-server/default.conf")
            || client.contains("../web-server/default.conf"),
        "{client}"
    );
    assert!(
        read("pkgs/by-name/we/web-many/package.nix")
            .contains("callPackage (callPackage ./default.nix { }) { }")
    );
    let log = git(&web, &["log", "--format=%s"]);
    assert!(log.contains("Everything"), "its history came along: {log}");
    // Core lists what it has, each with where it is.
    let core = fs::read_to_string(family.root.join("family/sigs/core.toml")).unwrap();
    for line in [
        "zlib = { file = \"pkgs/zlib\" }",
        "other = { file = \"pkgs-many/other\" }",
    ] {
        assert!(core.contains(line), "{line}\n{core}");
    }
    assert!(
        !core.contains("broken"),
        "what has no value is no part of it: {core}"
    );
    let inside = Family::at(&family.root.join("family"));
    let (code, report) = inside.json(&["eval", "--system", "x86_64-linux"]);
    assert_eq!(code, 0, "{report:#}");
}

#[test]
fn without_nix_a_flat_core_is_planned_from_its_files() {
    let family = tree();
    let (code, report) = family.json(&["split", "tree", "--rules", "rules.toml", "--no-eval"]);
    assert_eq!(code, 0, "{report:#}");
    let package = listed(&report, "packages", "package", "web-server");
    assert_eq!(package["repo"], Value::from("web"), "{report:#}");
}

/// A tree with a folder of packages, and one that lists its calls.
fn lists() -> Family {
    let family = tree();
    family.write("tree/list.nix", "self: super: with self;\n{\n  tool = callPackage ./tools/tool { };\n  single = self.callPackage ./tools/single.nix { };\n  given = callPackage ./tools/tool { make = make; };\n  # Why it is here.\n  commented = callPackage ./tools/commented { };\n\n  one = callPackage ./tools/twice { };\n  two = callPackage ./tools/twice { };\n  alias = tool;\n}\n");
    family.write(
        "tree/tools/tool/default.nix",
        "{ make }: make \"tool\" [ ./data.txt ../common.txt ]\n",
    );
    family.write(
        "tree/tools/commented/default.nix",
        "{ make }: make \"c\" [ ]\n",
    );
    family.write(
        "tree/tools/twice/default.nix",
        "{ make }: make \"twice\" [ ]\n",
    );
    family.write("tree/tools/tool/data.txt", "1\n");
    family.write("tree/tools/common.txt", "2\n");
    family.write(
        "tree/tools/single.nix",
        "{ make, tool }: make \"single\" [ tool ./common.txt ]\n",
    );
    let stage = fs::read_to_string(family.root.join("tree/boot/one-stage.nix")).unwrap();
    let stage = stage.replace("    fixes\n", "    fixes\n    (import ../list.nix)\n");
    family.write("tree/boot/one-stage.nix", &stage);
    family.write(
        "tree/names.nix",
        "builtins.attrNames (builtins.readDir ./pkgs)\n",
    );
    commit_all(&family.root.join("tree"), "a list");
    family
}

#[test]
fn folders_and_lists_become_by_name_directories_with_every_derivation_the_same() {
    let family = lists();
    let tree = family.root.join("tree");
    family.ok(&["eval", "--tree", "tree", "--save", "before.json"]);
    let (code, report) = family.json(&["relayout", "tree"]);
    assert_eq!(code, 0, "{report:#}");
    assert_eq!(
        git(&tree, &["status", "--porcelain"]),
        "",
        "only a copy was changed"
    );
    let (code, report) = family.json(&["relayout", "tree", "--apply"]);
    assert_eq!(
        (code, &report["applied"]),
        (0, &Value::from(true)),
        "{report:#}"
    );
    let names: Vec<&str> = report["moves"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["name"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        [
            "curl",
            "shell",
            "single",
            "tool",
            "web-client",
            "web-server",
            "zlib"
        ],
        "{report:#}"
    );
    // What is called by two names stays, and so do those that are called twice.
    let left = report["left"].to_string();
    for place in ["list.nix:7", "list.nix:9", "list.nix:10", "names.nix"] {
        assert!(left.contains(place), "{place}: {left}");
    }
    for file in [
        "pkgs/by-name/cu/curl/package.nix",
        "pkgs/by-name/si/single/package.nix",
        "pkgs/by-name/we/web-server/default.conf",
        "tools/twice/default.nix",
        "pkgs-many/other/default.nix",
    ] {
        assert!(tree.join(file).is_file(), "{file}");
    }
    assert!(!tree.join("pkgs/curl").exists());
    let list = fs::read_to_string(tree.join("list.nix")).unwrap();
    assert!(!list.contains("single ="), "{list}");
    assert!(
        list.contains("given = callPackage ./pkgs/by-name/to/tool/package.nix { make = make; };"),
        "{list}"
    );
    family.ok(&["eval", "--tree", "tree", "--compare", "before.json"]);
    // git knows of all of it, so that a flake sees it.
    let status = git(&tree, &["status", "--porcelain"]);
    assert!(
        !status
            .lines()
            .any(|line| line.starts_with("??") || line.starts_with(" D")),
        "{status}"
    );
    // What a package had outside of its folder it still has there, which by-name trees forbid.
    let (_, report) = family.json(&["check", "--tree", "tree"]);
    let problems = report["problems"].as_array().unwrap();
    assert!(
        problems
            .iter()
            .all(|problem| problem["code"] == "leaves-package"),
        "{report:#}"
    );
    commit_all(&tree, "by name");
    let (_, report) = family.json(&["relayout", "tree"]);
    assert!(
        report["moves"].as_array().is_none_or(Vec::is_empty),
        "there is nothing more to do: {report:#}"
    );
}

#[test]
fn a_tree_that_is_half_converted_is_sharded_and_its_manifest_follows() {
    let family = tree();
    let tree = family.root.join("tree");
    // By-name directories without shards, and a folder of packages beside them.
    let stage = fs::read_to_string(tree.join("boot/one-stage.nix")).unwrap();
    let stage = stage.replace(
        "  packages = lib.callEach ../pkgs;\n",
        "  packages = lib.callEach ../pkgs/by-name;\n  more = lib.callEach ../tools;\n",
    );
    let stage = stage.replace("    packages\n", "    packages\n    more\n");
    family.write("tree/boot/one-stage.nix", &stage);
    for name in ["a", "bb", "ccc", "dddd"] {
        let text = format!("{{ make }}: make \"{name}\" [ ]\n");
        family.write(&format!("tree/tools/{name}/default.nix"), &text);
    }
    fs::create_dir(tree.join("pkgs/by-name")).unwrap();
    for name in ["shell", "zlib", "curl", "web-server", "web-client"] {
        let (from, to) = (format!("pkgs/{name}"), format!("pkgs/by-name/{name}"));
        fs::rename(tree.join(from), tree.join(to)).unwrap();
    }
    commit_all(&tree, "by-name directories");
    family.ok(&["eval", "--tree", "tree", "--save", "before.json"]);
    family.ok(&[
        "adopt", "tree", "--core", "tree", "--name", "small", "--lead", "ada",
    ]);
    let manifest = fs::read_to_string(family.root.join("sigs/tree.toml")).unwrap();
    for line in [
        "\"pkgs/by-name\" = \"flat\"",
        "pkgs-many = \"variants\"",
        "tools = \"flat\"",
        "zlib = { file = \"pkgs/by-name/zlib\" }",
    ] {
        assert!(manifest.contains(line), "{line}: {manifest}");
    }
    let (code, report) = family.json(&["check"]);
    assert_eq!(code, 0, "{report:#}");
    let (code, report) = family.json(&["relayout", "tree", "--apply"]);
    assert_eq!(code, 0, "{report:#}");
    assert!(tree.join("pkgs/by-name/zl/zlib/package.nix").is_file());
    assert!(tree.join("pkgs/by-name/dd/dddd/package.nix").is_file());
    family.ok(&["eval", "--tree", "tree", "--compare", "before.json"]);
    let manifest = fs::read_to_string(family.root.join("sigs/tree.toml")).unwrap();
    assert!(manifest.contains("zlib = {}"), "{manifest}");
    assert!(!manifest.contains("flat"), "{manifest}");
    assert!(manifest.contains("pkgs-many = \"variants\""), "{manifest}");
    let (code, report) = family.json(&["check"]);
    assert_eq!(code, 0, "{report:#}");
    let status = git(&tree, &["status", "--porcelain"]);
    let is_staged = |line: &str| !line.starts_with(' ') && line.as_bytes()[1] == b' ';
    assert!(status.lines().all(is_staged), "{status}");
}

#[test]
fn a_reader_that_is_not_understood_changes_nothing() {
    let family = tree();
    // The name of the folder is a part of each derivation.
    let lib = fs::read_to_string(family.root.join("tree/lib.nix")).unwrap();
    let lib = lib.replace("callEach = path: self: super: builtins.listToAttrs (map (name: { inherit name; value = self.callPackage (path + \"/${name}\") { }; })", "callEach = path: self: super: builtins.listToAttrs (map (name: { inherit name; value = (self.callPackage (path + \"/${name}\") { }) // derivation { name = \"${name}-of-${baseNameOf path}\"; system = \"x86_64-linux\"; builder = \"/bin/sh\"; }; })");
    family.write("tree/lib.nix", &lib);
    let tree = family.root.join("tree");
    commit_all(&tree, "otherwise");
    let (code, report) = family.json(&["relayout", "tree", "--apply"]);
    assert_eq!(code, 1, "{report:#}");
    assert!(
        report
            .to_string()
            .contains("what reads the packages is not understood"),
        "{report:#}"
    );
    assert_eq!(git(&tree, &["status", "--porcelain"]), "");
    family.write("tree/pkgs/zlib/new.txt", "x\n");
    let (code, report) = family.json(&["relayout", "tree", "--apply"]);
    assert_eq!(code, 1, "{report:#}");
    assert!(report.to_string().contains("not committed"), "{report:#}");
}

#[test]
fn what_a_move_would_break_stays_and_is_named() {
    let family = lists();
    let tree = family.root.join("tree");
    // A link out of a folder, and a folder that is used as one.
    std::os::unix::fs::symlink("../../tools/common.txt", tree.join("pkgs/curl/LICENSE")).unwrap();
    family.write("tree/docs.nix", "\"${./pkgs/web-server}/default.conf\"\n");
    fs::write(tree.join("latin1.nix"), b"# caf\xe9\n1\n").unwrap();
    commit_all(&tree, "ties");
    family.ok(&["eval", "--tree", "tree", "--save", "before.json"]);
    let (code, report) = family.json(&["relayout", "tree", "--apply"]);
    assert_eq!(code, 0, "{report:#}");
    let left = report["left"].to_string();
    for reason in [
        "the link `pkgs/curl/LICENSE` leads",
        "`docs.nix:1` leads to the folder itself",
        "it cannot be read",
        "a comment belongs to its entry",
    ] {
        assert!(left.contains(reason), "{reason}: {left}");
    }
    assert!(tree.join("pkgs/curl/LICENSE").exists());
    assert!(tree.join("pkgs/web-server/default.nix").is_file());
    assert!(tree.join("pkgs/by-name/zl/zlib/package.nix").is_file());
    family.ok(&["eval", "--tree", "tree", "--compare", "before.json"]);
}

#[test]
fn a_conversion_that_was_ended_is_finished_by_the_next() {
    for at in (1..12).chain((12..400).step_by(11)) {
        let family = lists();
        family.ok(&["eval", "--tree", "tree", "--save", "before.json"]);
        if !family.run_with_end(&["relayout", "tree", "--apply"], at) {
            assert!(at > 3, "it has more steps than that");
            return;
        }
        // Halfway at `recover`, halfway at the next run: what was begun is finished first; then nothing is left to do, or it is said that the
        // tree has changes.
        if at % 2 == 0 {
            family.run(&["-C", "tree", "recover"]);
        } else {
            family.run(&["relayout", "tree", "--apply"]);
        }
        let tree = family.root.join("tree");
        let is_old = tree.join("pkgs/zlib/default.nix").is_file();
        let is_new = tree.join("pkgs/by-name/zl/zlib/package.nix").is_file();
        assert!(is_old != is_new, "{at}");
        family.ok(&["eval", "--tree", "tree", "--compare", "before.json"]);
    }
}

#[test]
fn a_repo_that_was_adopted_is_looked_at_again() {
    let family = tree();
    let tree = family.root.join("tree");
    let adopt = [
        "adopt", "tree", "--core", "tree", "--name", "small", "--lead", "ada",
    ];
    family.ok(&adopt);
    let manifest = || fs::read_to_string(family.root.join("sigs/tree.toml")).unwrap();
    // What a person says of a package stays.
    let said = manifest().replace(
        "zlib = { file = \"pkgs/zlib\" }",
        "zlib = { file = \"pkgs/zlib\", description = \"It is small\" } # keep",
    );
    family.write("sigs/tree.toml", &said);
    let again = ["adopt", "--again", "tree"];
    let (code, report) = family.json(&again);
    assert_eq!(code, 0, "{report:#}");
    assert_eq!(
        report["again"][0]["added"],
        serde_json::json!([]),
        "{report:#}"
    );
    assert_eq!(manifest(), said, "nothing is new");
    family.write(
        "tree/pkgs/new/default.nix",
        "{ make, zlib }: make \"new\" [ zlib ]\n",
    );
    fs::remove_dir_all(tree.join("pkgs/web-client")).unwrap();
    fs::rename(tree.join("pkgs-many/third"), tree.join("pkgs-many/fourth")).unwrap();
    // One that has no value any more is seen all the same.
    family.write("tree/pkgs/curl/default.nix", "{ }: throw \"not now\"\n");
    fs::create_dir(tree.join("tools")).unwrap();
    fs::rename(tree.join("pkgs/shell"), tree.join("tools/shell")).unwrap();
    let stage = fs::read_to_string(tree.join("boot/one-stage.nix")).unwrap();
    let stage = stage.replace(
        "  packages = lib.callEach ../pkgs;\n",
        "  packages = lib.callEach ../pkgs;\n  more = lib.callEach ../tools;\n",
    );
    let stage = stage.replace("    packages\n", "    packages\n    more\n");
    family.write("tree/boot/one-stage.nix", &stage);
    commit_all(&tree, "changes");
    let (_, report) = family.json(&["check"]);
    let said = report.to_string();
    assert!(
        said.contains("does not list: `new`, `pkgs-many/fourth`"),
        "{said}"
    );
    assert!(said.contains("there is no `pkgs-many/third`"), "{said}");
    assert!(said.contains("there is no `pkgs/web-client`"), "{said}");
    let (code, report) = family.json(&again);
    assert_eq!(code, 0, "{report:#}");
    let again = &report["again"][0];
    assert_eq!(
        again["added"],
        serde_json::json!(["fourth", "new"]),
        "{report:#}"
    );
    assert_eq!(
        again["removed"],
        serde_json::json!(["third", "web-client"]),
        "{report:#}"
    );
    assert_eq!(again["moved"], serde_json::json!(["shell"]), "{report:#}");
    let text = manifest();
    for line in [
        "new = { file = \"pkgs/new\" }",
        "shell = { file = \"tools/shell\" }",
        "description = \"It is small\" } # keep",
        "curl = { file",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
    assert!(!text.contains("web-client"), "{text}");
    let (code, report) = family.json(&["adopt", "--again", "nowhere"]);
    assert_eq!(code, 1, "{report:#}");
    // What cannot be evaluated changes nothing.
    family.write("tree/default.nix", "throw \"all of it\"\n");
    let (code, report) = family.json(&["adopt", "--again", "tree"]);
    assert_eq!(code, 1, "{report:#}");
    assert!(report.to_string().contains("is not known"), "{report:#}");
    assert_eq!(manifest(), text);
}

/// A set of its own, with `callPackage` and `mk`.
const OWN: &str = "rec {\n  mk = a: derivation ({ system = \"x86_64-linux\"; builder = \"/bin/sh\"; } // a);\n  callPackage = f: a: let g = import f; in g (builtins.intersectAttrs (builtins.functionArgs g) { inherit mk; } // a);\n}\n";

fn own(files: &[(&str, &str)]) -> Family {
    let family = Family::empty();
    family.write("tree/lib.nix", OWN);
    for (path, text) in files {
        family.write(&format!("tree/{path}"), text);
    }
    init(&family.root.join("tree"));
    commit_all(&family.root.join("tree"), "all");
    family
}

#[test]
fn what_git_leaves_out_or_has_its_own_path_in_it_stays_and_the_rest_moves() {
    let family = own(&[
        ("pkgs/a/package.nix", "{ mk }: mk { name = \"a\"; }\n"),
        ("pkgs/b/package.nix", "{ mk }: mk { name = \"b\"; }\n"),
        (
            "pkgs/c/package.nix",
            "{ mk }: mk { name = \"c\"; here = toString ./package.nix; }\n",
        ),
        (
            "pkgs/d/package.nix",
            "{ mk }: mk { name = \"d\"; here = ../../../out; }\n",
        ),
        ("pkgs/e/package.nix", "{ mk }: mk { name = \"e\"; }\n"),
        (".gitignore", "ignored\n"),
        (
            "default.nix",
            "let\n  lib = import ./lib.nix;\n  packages = builtins.mapAttrs (n: _: self.callPackage (./pkgs + \"/${n}/package.nix\") { }) (builtins.readDir ./pkgs);\n  self = { inherit (lib) callPackage mk; } // packages;\nin self\n",
        ),
    ]);
    family.write("out", "1\n");
    family.write("sub/package.nix", "{ mk }: mk { name = \"sub\"; }\n");
    init(&family.root.join("sub"));
    commit_all(&family.root.join("sub"), "all");
    let tree = family.root.join("tree");
    let sub = family.root.join("sub");
    git(
        &tree,
        &[
            "-c",
            "protocol.file.allow=always",
            "submodule",
            "add",
            "-q",
            sub.to_str().unwrap(),
            "pkgs/sub",
        ],
    );
    commit_all(&tree, "a submodule");
    family.write(
        "tree/pkgs/ignored/package.nix",
        "{ mk }: mk { name = \"ignored\"; }\n",
    );
    family.ok(&["eval", "--tree", "tree", "--save", "before.json"]);
    let (code, report) = family.json(&["relayout", "tree", "--apply"]);
    assert_eq!(code, 0, "{report:#}");
    let moves = report["moves"].as_array().unwrap().iter();
    let moves: Vec<&str> = moves.map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(moves, ["a", "b", "e"], "{report:#}");
    let left = report["left"].to_string();
    assert!(
        left.contains("`pkgs/d/package.nix:1` leads out of the tree"),
        "{left}"
    );
    for stays in ["pkgs/c", "pkgs/ignored", "pkgs/sub"] {
        assert!(tree.join(stays).join("package.nix").is_file(), "{stays}");
    }
    family.ok(&["eval", "--tree", "tree", "--compare", "before.json"]);
}

#[test]
fn texts_that_put_a_path_together_are_named_and_nothing_is_said_without_a_reason() {
    let family = own(&[
        ("pkgs/a.nix", "{ mk }: mk { name = \"a\"; }\n"),
        ("pkgs/b.nix", "{ mk }: mk { name = \"b\"; }\n"),
        (
            "default.nix",
            "with import ./lib.nix;\n{\n  a = callPackage ./pkgs/a.nix { };\n  b = callPackage ./pkgs/b.nix { };\n}\n",
        ),
        ("modules/m.nix", "import (../pkgs + \"/a.nix\")\n"),
        ("modules/n.nix", "import \"${../.}/pkgs/b.nix\"\n"),
    ]);
    let (code, report) = family.json(&["relayout", "tree"]);
    assert_eq!(code, 0, "{report:#}");
    let left = report["left"].to_string();
    for place in ["modules/m.nix:1", "modules/n.nix:1"] {
        assert!(left.contains(place), "{place}: {left}");
    }
    let recursive = "with import ./lib.nix;\nrec {\n  a = callPackage ./pkgs/a.nix { };\n  b = callPackage ./pkgs/b.nix { };\n}\n";
    family.write("tree/default.nix", recursive);
    commit_all(&family.root.join("tree"), "recursive");
    let ran = family.ok(&["relayout", "tree"]);
    assert!(
        ran.stderr.contains("its set is recursive"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("everything stays"), "{}", ran.stderr);
    // A file that is to list the packages is not replaced.
    family.write("tree/default.nix", &recursive.replace("rec {", "{"));
    family.write("tree/pkgs/by-name.nix", "{ }\n");
    commit_all(&family.root.join("tree"), "a list");
    let refused = family.run(&["relayout", "tree"]);
    assert_eq!(refused.code, 1, "{}", refused.stderr);
    assert!(
        refused.stderr.contains("`pkgs/by-name.nix`"),
        "{}",
        refused.stderr
    );
}
