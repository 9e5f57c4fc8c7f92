//! `split` and `ready` on a monorepo that was written by hand (`tests/monorepo`), with
//! real git and real Nix: what is apart comes to the same, bit for bit.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::{Family, Ran, commit_all, copy, every_file, git, listed};

/// A folder with the monorepo in `tree`, a git repository of two commits, and the rules
/// beside it.
fn monorepo() -> Family {
    let family = Family::empty();
    let tree = family.root.join("tree");
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests");
    copy(&shipped.join("monorepo"), &tree);
    fs::copy(
        shipped.join("monorepo.rules.toml"),
        family.root.join("rules.toml"),
    )
    .unwrap();
    git(&tree, &["init", "--quiet", "--initial-branch", "main"]);
    commit_all(&tree, "Everything");
    let maturin = tree.join("pkgs/by-name/ma/maturin/default.nix");
    let text = fs::read_to_string(&maturin).unwrap();
    fs::write(&maturin, format!("# Builds wheels.\n{text}")).unwrap();
    commit_all(&tree, "maturin: say what it is");
    family
}

/// Every file below a folder but git's own.
fn files(folder: &Path) -> BTreeMap<String, String> {
    let mut files = every_file(folder);
    files.retain(|path, _| !path.split('/').any(|part| part == ".git"));
    files
}

/// Runs the program with a name for git to commit under.
fn run(family: &Family, arguments: &[&str]) -> Ran {
    family.run_with(
        arguments,
        &[
            ("GIT_AUTHOR_NAME", Path::new("Grace")),
            ("GIT_AUTHOR_EMAIL", Path::new("grace@example.org")),
            ("GIT_COMMITTER_NAME", Path::new("Grace")),
            ("GIT_COMMITTER_EMAIL", Path::new("grace@example.org")),
        ],
    )
}

#[track_caller]
fn json(family: &Family, arguments: &[&str], code: i32) -> Value {
    let all = [&["--format", "json"], arguments].concat();
    let ran = run(family, &all);
    assert_eq!(ran.code, code, "{}\n{}", ran.stdout, ran.stderr);
    let printed: Value = serde_json::from_str(&ran.stdout).unwrap();
    printed["result"].clone()
}

/// Splits the tree by the rules into `family`.
#[track_caller]
fn split(family: &Family, more: &[&str], code: i32) -> Value {
    let with = [
        "split",
        "tree",
        "--rules",
        "rules.toml",
        "--apply",
        "family",
    ];
    json(family, &[&with[..], more].concat(), code)
}

/// What every attribute of a set comes to, by `eval --save`.
fn snapshot(family: &Family, arguments: &[&str]) -> BTreeMap<String, Value> {
    let file = family.root.join("snapshot.json");
    let file = file.to_str().unwrap();
    family.ok(&[arguments, &["--nested", "--save", file]].concat());
    let snapshot: Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    let attributes = snapshot["attributes"].as_object().unwrap().clone();
    attributes
        .into_iter()
        .map(|(name, mut found)| {
            // Where something fails may move; how it fails may not.
            if found.get("failed").is_some() {
                found = found["failed"]["kind"].clone();
            }
            (name, found)
        })
        .collect()
}

/// The pins of a package, in words.
fn pins(report: &Value, package: &str) -> String {
    listed(report, "packages", "package", package)["pins"].to_string()
}

#[test]
fn a_monorepo_is_split_and_every_derivation_stays_what_it_was() {
    let family = monorepo();
    let before = files(&family.root.join("tree"));
    let sets = ["--attr", "pkgsStatic", "--attr", "pkgsCross.riscv"];
    let report = split(&family, &[&["--verify"][..], &sets].concat(), 0);
    assert!(
        files(&family.root.join("tree")) == before,
        "the tree is as it was"
    );

    // What cannot leave core stays, for a reason, and belongs to who knows it.
    for (package, because) in [
        ("python", "python3Minimal"),
        ("zlib", "stdenv"),
        ("nix", "pkgs/by-name/li/lix/default.nix"),
        ("quictls", "../../op/openssl/patches/certs.patch"),
        ("libidn2", "pkgs/stdenv/default.nix"),
        ("gettext-tools", "role.bash"),
        ("which", "keep"),
    ] {
        let pins = pins(&report, package);
        assert!(pins.contains(because), "{package}: {pins}");
    }
    let wanted = &listed(&report, "packages", "package", "maturin")["wanted"];
    assert_eq!(wanted["repo"], "rust");
    assert_eq!(wanted["because"], "ferris owns it");
    let wanted = &listed(&report, "packages", "package", "nodejs")["wanted"];
    assert_eq!(wanted["because"], "node-lead owns it");
    assert_eq!(
        listed(&report, "packages", "package", "tools")["wanted"]["repo"],
        "tools"
    );
    let manifest = fs::read_to_string(family.root.join("family/sigs/core.toml")).unwrap();
    let python = manifest.lines().find(|line| line.starts_with("python = "));
    assert!(python.unwrap().contains("owner = \"python\""), "{manifest}");

    // The program says that nothing changed, and so does Nix when it is asked again.
    for set in report["verified"]["sets"].as_array().unwrap() {
        assert!(set["derivations"].as_u64().unwrap() >= 60, "{set}");
        for (kind, names) in set["differences"].as_object().unwrap() {
            assert_eq!(names, &Value::Array(Vec::new()), "{kind}");
        }
    }
    let tree = snapshot(&family, &["eval", "--tree", "tree"]);
    let split = snapshot(&family, &["-C", "family", "eval"]);
    assert_eq!(tree, split);
    let paths = tree
        .values()
        .filter(|found| found.get("derivation").is_some());
    assert!(paths.count() >= 60);

    // The commits of what moved went along; nobody else's did.
    let repos = family.root.join("family/repos");
    let log = git(&repos.join("rust"), &["log", "--format=%an %s"]);
    assert_eq!(
        log,
        "Grace The wiring of the family, generated by aux-gen\nAda maturin: say what it is\nAda Everything\n"
    );
    let log = git(&repos.join("java"), &["log", "--format=%an %s"]);
    assert!(!log.contains("maturin"), "{log}");
    let log = git(&repos.join("core"), &["log", "--format=%s"]);
    assert_eq!(
        log,
        "Packages move to the repos of their SIGs\nmaturin: say what it is\nEverything\n"
    );
    for repo in fs::read_dir(&repos).unwrap() {
        let repo = repo.unwrap().path();
        assert_eq!(
            git(&repo, &["status", "--porcelain"]),
            "",
            "{}",
            repo.display()
        );
        assert_eq!(git(&repo, &["remote"]), "");
    }
}

#[test]
fn each_part_keeps_the_contract_and_says_what_it_lacks() {
    let family = monorepo();
    split(&family, &[], 0);
    let (code, report) = family.json(&["-C", "family", "eval"]);
    // What fails in the tree fails in core.
    assert_eq!(code, 3);
    for repo in report["repos"].as_array().unwrap() {
        let name = repo["repo"].as_str().unwrap();
        for clause in repo["contract"].as_array().unwrap() {
            assert_eq!(clause["broken"], Value::Null, "{name}: {clause}");
        }
        let failed = repo["standalone"]["failed"].as_array().unwrap();
        let expected = if name == "core" { 14 } else { 0 };
        assert_eq!(failed.len(), expected, "{name}: {failed:#?}");
        let missing = failed.iter().filter(|failed| {
            failed["reason"]
                .as_str()
                .unwrap()
                .contains("belongs to the repo")
        });
        assert_eq!(
            missing.count(),
            if name == "core" { 9 } else { 0 },
            "{failed:#?}"
        );
    }
    let left_out = |name: &str| crate::support::repo(&report, name)["left_out"].to_string();
    assert!(
        left_out("javascript").contains("tools/sqlite"),
        "{}",
        left_out("javascript")
    );
    assert_eq!(left_out("java"), "[]");
    let ready = family.json(&["-C", "family", "ready"]);
    assert_eq!(ready.0, 0, "{:#}", ready.1);
    // As users get it: Nix resolves each flake, with git's view of the repos.
    let (_, flakes) = family.json(&["-C", "family", "eval", "--flakes", "--repo", "java"]);
    let java = crate::support::repo(&flakes, "java");
    assert_eq!(
        java["standalone"]["failed"],
        Value::Array(Vec::new()),
        "{java:#}"
    );
}

#[test]
fn whatever_chance_decides_the_whole_stays_the_same() {
    let family = monorepo();
    let mut seen = Vec::new();
    for seed in ["1", "2", "3"] {
        let target = format!("family{seed}");
        let report = json(
            &family,
            &[
                "split",
                "tree",
                "--random",
                "7",
                "--seed",
                seed,
                "--lead",
                "ada",
                "--apply",
                &target,
                "--verify",
                "--attr",
                "pkgsStatic",
            ],
            0,
        );
        let tree = snapshot(&family, &["eval", "--tree", "tree"]);
        let split = snapshot(&family, &["-C", &target, "eval"]);
        assert_eq!(tree, split, "seed {seed}");
        let packages = report["packages"].as_array().unwrap();
        let left = packages
            .iter()
            .filter(|placed| placed["pins"].as_array().unwrap().is_empty())
            .count();
        assert!(left > 25, "seed {seed} moves {left} packages");
        seen.push(report["packages"].to_string());
    }
    let again = json(
        &family,
        &["split", "tree", "--random", "7", "--seed", "1"],
        0,
    );
    assert_eq!(
        again["packages"].to_string(),
        seen[0],
        "the same for the same seed"
    );
    assert!(seen[0] != seen[1] && seen[1] != seen[2]);
}

#[test]
fn overlays_alone_split_what_they_can_and_the_rest_is_named() {
    let family = monorepo();
    let report = split(&family, &["--wiring", "overlays", "--verify"], 3);
    // Core overrides sqlite after its by-name packages; an overlay comes after that.
    let changed = &report["verified"]["sets"][0]["differences"]["changed"];
    let tree = snapshot(&family, &["eval", "--tree", "tree"]);
    let split = snapshot(&family, &["-C", "family", "eval"]);
    let differing: Vec<&String> = tree
        .iter()
        .filter(|(name, found)| split.get(*name) != Some(found))
        .map(|(name, _)| name)
        .collect();
    assert!(
        differing.iter().any(|name| *name == "sqlite"),
        "{differing:?}"
    );
    assert_eq!(changed, &serde_json::json!(differing));
    assert!(tree["hello"] == split["hello"]);
    let core = family.root.join("family/repos/core");
    assert!(!core.join("foreign.nix").exists());
    let flake = fs::read_to_string(core.join("flake.nix")).unwrap();
    assert!(!flake.contains("mkPackages"), "core stays as it is");
}

#[test]
fn without_git_files_are_copied_and_their_origin_is_named() {
    let family = monorepo();
    let head = git(&family.root.join("tree"), &["rev-parse", "HEAD"]);
    let with = [
        "split",
        "tree",
        "--rules",
        "rules.toml",
        "--verify",
        "--apply",
    ];
    json(
        &family,
        &[&with[..], &["copied", "--no-history"]].concat(),
        0,
    );
    let log = |repo: &str| {
        git(
            &family.root.join(repo),
            &["log", "--reverse", "--format=%B"],
        )
    };
    let tree = family.root.join("tree");
    let origin = format!("Copied from tree at {}", head.trim());
    for repo in ["core", "rust"] {
        let log = log(&format!("copied/repos/{repo}"));
        assert!(log.starts_with(&origin), "{log}");
    }
    fs::remove_dir_all(tree.join(".git")).unwrap();
    json(&family, &[&with[..], &["plain"]].concat(), 0);
    assert!(log("plain/repos/rust").starts_with("Copied from tree\n"));
}

#[test]
fn a_tree_without_a_flake_is_split_and_imported_as_it_was() {
    let family = monorepo();
    let tree = family.root.join("tree");
    fs::remove_file(tree.join("flake.nix")).unwrap();
    commit_all(&tree, "no flake");
    let rules = "lead = \"ada\"\nrepos.web.attributes = [\"jq\", \"oniguruma\"]\n";
    family.write("rules.toml", rules);
    let report = split(&family, &["--verify"], 0);
    assert_eq!(report["wiring"], "overlays", "{report:#}");
    let core = fs::read_to_string(family.root.join("family/sigs/core.toml")).unwrap();
    assert!(core.contains("flake = false"), "{core}");
}

#[test]
fn what_cannot_be_split_is_refused_and_nothing_is_written() {
    let family = monorepo();
    let refused = |arguments: &[&str], code: i32, expected: &str| {
        let before = files(&family.root);
        let ran = run(&family, arguments);
        let said = format!("{}{}", ran.stdout, ran.stderr);
        assert_eq!(ran.code, code, "{said}");
        assert!(said.contains(expected), "{expected}\n{said}");
        assert!(
            files(&family.root) == before,
            "{arguments:?} wrote something"
        );
    };
    let rules = |text: &str| family.write("other.toml", text);
    let with = |rest: &[&'static str]| {
        [
            &["split", "tree", "--no-eval", "--rules", "other.toml"],
            rest,
        ]
        .concat()
    };

    rules("[repos.a]\nattributes = [\"jdk*\"]\n[repos.b]\nattributes = [\"j*\"]\n");
    refused(
        &with(&[]),
        3,
        "jdk: a (its name fits `jdk*`) and b (its name fits `j*`)",
    );
    rules("[repos.a]\nattributes = [\"jdk\"]\n[repos.b]\nattributes = [\"j*\"]\n");
    let plan = json(&family, &with(&[]), 0);
    assert_eq!(
        listed(&plan, "packages", "package", "jdk")["wanted"]["repo"],
        "a",
        "a name is stronger"
    );
    assert_eq!(
        listed(&plan, "packages", "package", "jq")["wanted"]["repo"],
        "b"
    );

    rules("[repos.a]\natributes = [\"jdk\"]\n");
    refused(&with(&[]), 1, "unknown field `atributes`");
    rules("[repos.a]\nuses = [\"b\"]\n");
    refused(&with(&[]), 1, "there is no repo `b` in these rules");
    rules("[repos.a]\nattributes = [\"jdk\"]\n");
    refused(&with(&["--apply", "family"]), 1, "nobody leads SIG core");
    let led = |rest: &[&'static str]| with(&[&["--lead", "ada"], rest].concat());
    refused(&led(&["--apply", "tree"]), 1, "is there already");
    refused(&led(&["--apply", "tree/family"]), 1, "in the tree itself");
    refused(&led(&["--apply", "no/where"]), 1, "there is no folder");
    refused(&["split", "tree"], 2, "--rules");
    refused(&["split", "nowhere", "--random", "2"], 1, "is no directory");
    family.write("empty/default.nix", "{ }: { }");
    refused(
        &["split", "empty", "--random", "2", "--no-eval"],
        1,
        "no package in `pkgs/by-name`",
    );
    rules("[repos.a]\nuses = [\"b\"]\nattributes = [\"jdk\"]\n[repos.b]\nuses = [\"a\"]\n");
    refused(&led(&[]), 1, "`repos.a.uses`: it uses itself in the end");
    rules("[repos.a]\nattributes = [\"jdk\"]\n");

    family.write("tree/pkgs/by-name/jq/new.nix", "{ }");
    refused(
        &led(&["--apply", "family"]),
        1,
        "changes that are not committed",
    );
    assert!(!family.root.join("family").exists());
    let left: Vec<PathBuf> = fs::read_dir(&family.root)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_string_lossy().contains(".aux-gen-split"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn a_split_that_is_ended_leaves_no_family() {
    let family = monorepo();
    let arguments = [
        "split",
        "tree",
        "--rules",
        "rules.toml",
        "--no-eval",
        "--apply",
        "family",
    ];
    for step in [1, 5, 40] {
        assert!(family.run_with_end(&arguments, step), "step {step}");
        assert!(!family.root.join("family").exists(), "step {step}");
    }
    json(&family, &arguments, 0);
    family.json(&["-C", "family", "check"]);
    let left = family.root.join(".family.aux-gen-split");
    assert!(!left.exists(), "what earlier runs left is gone");
}

#[test]
fn a_core_is_made_ready_place_by_place() {
    let family = monorepo();
    let ran = run(&family, &["ready", "tree"]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    for place in [
        "missing flake.nix:",
        "missing pkgs/top-level/default.nix:",
        "missing pkgs/top-level/stage.nix:",
        "mkPackages = { system, ... }@args:",
        "layers = args.layers or [ ];",
        "] ++ map (layer: layer { inherit lib config overlays; }) layers ++ [",
    ] {
        assert!(ran.stdout.contains(place), "{place}\n{}", ran.stdout);
    }
    let before = snapshot(&family, &["eval", "--tree", "tree"]);
    let ran = run(&family, &["ready", "tree", "--apply"]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    assert!(
        ran.stdout
            .contains("kept    layers reach the other package sets"),
        "{}",
        ran.stdout
    );
    assert_eq!(snapshot(&family, &["eval", "--tree", "tree"]), before);
    let now = files(&family.root.join("tree"));
    let again = json(&family, &["ready", "tree", "--apply"], 0);
    assert_eq!(again["written"], serde_json::json!([]));
    assert!(files(&family.root.join("tree")) == now);

    // A core that hands layers to nobody is found out by Nix, whatever its text says.
    let composition = family.root.join("tree/pkgs/top-level/default.nix");
    let text = fs::read_to_string(&composition).unwrap();
    let text = text.replace("layers = args.layers or [ ];", "layers = [ ];");
    fs::write(&composition, text).unwrap();
    let broken = json(&family, &["ready", "tree"], 3);
    let contract = broken["contract"].to_string();
    assert!(contract.contains("`mkPackages` takes layers"), "{contract}");
    fs::write(&composition, "{ localSystem }: { }\n").unwrap();
    let lost = json(&family, &["ready", "tree", "--no-eval"], 3);
    assert!(
        lost["places"].to_string().contains("nothing is handed to"),
        "{lost:#}"
    );
}

/// Puts files into the tree and commits them.
fn with(family: &Family, files: &[(&str, &str)]) {
    for (path, text) in files {
        family.write(&format!("tree/{path}"), text);
    }
    commit_all(&family.root.join("tree"), "more");
}

#[test]
fn what_is_hard_to_see_is_pinned_or_has_a_stub() {
    let family = hard_to_see();
    let rules = fs::read_to_string(family.root.join("rules.toml")).unwrap();
    let more = "[repos.more]\nattributes = [\"shared\"]\n[repos.ncu]\nattributes = [\"ncu\"]\n[repos.gpm]\nattributes = [\"gpm\"]\n";
    family.write("rules.toml", &format!("{rules}\n{more}"));
    let report = split(&family, &["--verify"], 0);
    for (package, because) in [
        ("jdk", "res.jdk17"),
        ("abc", "shared"),
        ("zzz", "shared"),
        ("gradle", "../../gr/"),
        ("ant", "pkgs/by-name/an"),
    ] {
        let pins = pins(&report, package);
        assert!(pins.contains(because), "{package}: {pins}");
    }
    assert_eq!(pins(&report, "fop"), "[]");
    what_is_asked_for_and_not_used_costs_nothing(&family);
    what_is_committed_is_what_was_compared(&family);
    a_core_that_was_split_off_can_be_split_again(&family);
}

/// The tree, with a package set for two interpreters that a list of overlays is added to, as nixpkgs has it.
fn with_a_set() -> Family {
    let family = monorepo();
    let snakes = "pkgs/by-name/sn/snakes";
    let file = |path: &str| format!("{snakes}/{path}");
    let module = |needs: &str| {
        format!(
            "{{ build, {} }}:\nbuild {{\n  needs = [ {needs} ];\n}}\n",
            needs.replace(' ', ", ")
        )
    };
    with(
        &family,
        &[
            (
                &file("packages.nix"),
                r#"{ lib, ... }: res: pkgs: super:
let
  packagesFor = snake:
    let
      base = self: {
        inherit snake;
        callPackage = pkgs.newScope self;
        build = { needs ? [ ] }: pkgs.stdenv.mkDerivation { pname = "snake${snake}"; buildInputs = needs; };
        recurseForDerivations = true;
      };
      layers = [ (import ./snake-packages.nix) (if snake == "2" then import ./snake2-packages.nix else (_: _: { })) ] ++ pkgs.snakePackagesExtensions;
      whole = builtins.foldl' (f: o: self: let super = f self; in super // o self super) base layers;
    in
    lib.fix whole;
in
{
  snakePackagesExtensions = [ ];
  snake2Packages = removeAttrs (packagesFor "2") [ "recurseForDerivations" ];
  snake3Packages = packagesFor "3";
  snakePackages = pkgs.snake3Packages;
}
"#,
            ),
            (
                &file("snake-packages.nix"),
                "self: super: with self;\n{\n  setuptools = callPackage ./modules/setuptools { };\n  wheel = callPackage ./modules/wheel { };\n\n  # old = callPackage ./modules/old { };\n  flask = callPackage ./modules/flask { };\n  werkzeug = callPackage ./modules/werkzeug.nix { };\n  joined = callPackage ./modules/joined { };\n  given = callPackage ./modules/given { needed = wheel; };\n  itself = callPackage ./modules/itself { };\n  fop = callPackage ../../fo/fop { };\n  outer = callPackage ./modules/outer { };\n  inner = callPackage ./modules/outer/inner { };\n  both = callPackage ./modules/both { };\n  lower = callPackage ./modules/lower { };\n  special = callPackage ./modules/special { };\n  behind = callPackage ./modules/behind { };\n  player = callPackage ./modules/player { };\n  inherited = flask;\n  failing = throw \"not here\";\n}\n",
            ),
            (
                &file("modules/setuptools/default.nix"),
                "{ build }:\nbuild { }\n",
            ),
            (&file("modules/setuptools/some.patch"), "a patch\n"),
            (&file("modules/wheel/default.nix"), &module("setuptools")),
            (
                &file("modules/flask/default.nix"),
                "{ build, setuptools, werkzeug, openssl }:\nbuild {\n  needs = [ setuptools werkzeug openssl (import ./extra.nix) ];\n}\n",
            ),
            (&file("modules/flask/extra.nix"), "\"${./extra.nix}\"\n"),
            (&file("modules/player/default.nix"), &module("werkzeug")),
            // What each of these needs to be is not what a folder alone gives.
            (
                &file("snake2-packages.nix"),
                "self: super: {\n  upper = super.lower;\n  special = self.callPackage ./modules/special2 { };\n}\n",
            ),
            (&file("modules/outer/default.nix"), &module("setuptools")),
            (
                &file("modules/outer/inner/default.nix"),
                &module("setuptools"),
            ),
            (&file("modules/both/default.nix"), &module("setuptools")),
            (&file("modules/both/package.nix"), "{ }: { }\n"),
            (&file("modules/lower/default.nix"), &module("setuptools")),
            (&file("modules/special/default.nix"), &module("setuptools")),
            (&file("modules/special2/default.nix"), &module("wheel")),
            (
                &file("modules/behind/default.nix"),
                "{ build }:\nlet\n  root = ./.;\nin\nbuild { }\n",
            ),
            (
                &file("reads.nix"),
                "let root = ./.; in import (root + \"/modules/behind/default.nix\")\n",
            ),
            (
                &file("modules/itself/default.nix"),
                "{ build }:\nbuild { needs = [ ./. ]; }\n",
            ),
            (&file("modules/werkzeug.nix"), &module("setuptools")),
            (
                &file("modules/joined/default.nix"),
                "{ build }:\nbuild { needs = [ ../setuptools/some.patch ]; }\n",
            ),
            (&file("modules/given/default.nix"), &module("needed")),
            (
                "pkgs/by-name/sn/snake-boot/default.nix",
                "{ stdenv, snake3Packages }:\nstdenv.mkDerivation { pname = \"boot\"; buildInputs = [ snake3Packages.wheel ]; }\n",
            ),
            (
                "pkgs/by-name/ga/game/default.nix",
                "{ stdenv, snake3Packages }:\nstdenv.mkDerivation { pname = \"game\"; buildInputs = [ snake3Packages.flask ]; }\n",
            ),
            (
                "pkgs/by-name/we/webapp/default.nix",
                "{ stdenv, snake2Packages }:\nstdenv.mkDerivation { pname = \"webapp\"; buildInputs = [ snake2Packages.flask ]; }\n",
            ),
        ],
    );
    family.write(
        "rules.toml",
        r#"name = "small"
lead = "ada"

[core]
bootstrap = ["stdenv", "snake-boot"]

[repos.web]
uses = ["tls"]
attributes = ["webapp"]
members = ["snakePackages.{flask,wheel,given,joined,inherited,itself,fop,outer,inner,both,lower,special,behind}"]

[repos.tls]
members = ["snakePackages.werkzeug", "snakePackages.nobody*"]

[repos.games]
attributes = ["game"]
members = ["snakePackages.player"]
"#,
    );
    family
}

#[test]
fn members_of_a_package_set_go_to_repos_of_their_own() {
    let family = with_a_set();
    let report = split(&family, &["--verify", "--attr", "pkgsStatic"], 0);

    // What was looked at, and why what a rule wants elsewhere stays.
    let set = listed(&report, "sets", "set", "snakePackages");
    assert_eq!(set["hook"], "snakePackagesExtensions", "{set:#}");
    assert_eq!(
        set["instances"].to_string(),
        r#"["snake2Packages","snake3Packages","snakePackages"]"#
    );
    assert_eq!(set["members"], 16);
    assert_eq!(set["without_value"].to_string(), r#"["failing"]"#);
    for (member, repo, kind, because) in [
        ("flask", "web", "", ""),
        ("werkzeug", "tls", "", ""),
        ("wheel", "core", "bootstrap", "snake-boot"),
        ("joined", "core", "path", "../setuptools/some.patch"),
        ("itself", "core", "path", "\"./.\""),
        ("given", "core", "call", "arguments of its own"),
        ("inherited", "core", "call", "no list has it"),
        ("fop", "core", "call", "is of the package `fop`"),
        ("outer", "core", "call", "outer/inner`, which is called"),
        ("inner", "core", "call", "outer`, which is called"),
        (
            "both",
            "core",
            "call",
            "both `default.nix` and `package.nix`",
        ),
        ("lower", "core", "call", "takes it from what is below"),
        (
            "special",
            "core",
            "call",
            "in `snake2Packages` it is something else",
        ),
        ("behind", "core", "path", "modules/behind/default.nix"),
    ] {
        let placed = listed(set, "placed", "member", member);
        assert_eq!(placed["repo"], repo, "{placed:#}");
        let pin = &placed["pins"][0];
        assert_eq!(pin["kind"].as_str().unwrap_or_default(), kind, "{placed:#}");
        assert!(pin.to_string().contains(because), "{placed:#}");
    }
    let idle = report["idle_rules"].to_string();
    assert!(idle.contains("snakePackages.nobody*"), "{idle}");
    let relations = report["relations"].to_string();
    assert!(
        relations.contains(r#""member":"snakePackages.flask""#),
        "{relations}"
    );
    let compared: Vec<&str> = report["verified"]["sets"]
        .as_array()
        .unwrap()
        .iter()
        .map(|set| set["set"].as_str().unwrap())
        .collect();
    assert_eq!(compared, ["", "pkgsStatic", "snake2Packages"]);

    // Each with its history, in the folder of its set; the list says who has it.
    let web = family.root.join("family/repos/web");
    assert!(web.join("pkgs/snakePackages/flask/package.nix").is_file());
    assert!(web.join("pkgs/snakePackages/flask/extra.nix").is_file());
    let log = git(
        &web,
        &[
            "log",
            "--format=%s",
            "--follow",
            "pkgs/snakePackages/flask/package.nix",
        ],
    );
    assert!(log.contains("more"), "{log}");
    let tls = family.root.join("family/repos/tls");
    assert!(
        tls.join("pkgs/snakePackages/werkzeug/package.nix")
            .is_file()
    );
    let core = family.root.join("family/repos/core/pkgs/by-name/sn/snakes");
    assert!(!core.join("modules/flask").exists());
    assert!(core.join("modules/setuptools").exists());
    let list = fs::read_to_string(core.join("snake-packages.nix")).unwrap();
    assert!(
        list.contains("\n  flask = throw \"`snakePackages.flask` belongs to the repo `web`"),
        "{list}"
    );
    let manifest = fs::read_to_string(family.root.join("family/sigs/games.toml")).unwrap();
    assert!(
        manifest.contains("extends = \"core/snakePackages\"")
            && manifest.contains("player = { build = [\"werkzeug\"] }"),
        "{manifest}"
    );

    // The family knows them, and each part offers what it can.
    let (code, found) = family.json(&["-C", "family", "where", "snakePackages.flask"]);
    assert_eq!(code, 0, "{found:#}");
    assert!(found.to_string().contains("\"web\""), "{found:#}");
    family.ok(&["-C", "family", "check"]);
    let (_, eval) = family.json(&["-C", "family", "eval"]);
    for (repo, ok) in [("web", 4), ("tls", 3)] {
        let alone = &crate::support::repo(&eval, repo)["standalone"];
        assert_eq!(alone["ok"], ok, "{alone:#}");
        assert_eq!(alone["failed"].to_string(), "[]", "{alone:#}");
    }
    let games = crate::support::repo(&eval, "games");
    assert!(
        games["left_out"]
            .to_string()
            .contains("tls/snakePackages.werkzeug"),
        "{games:#}"
    );
    // No edge can say what `game` lacks.
    let failed = games["standalone"]["failed"].to_string();
    assert!(failed.contains("\"game\""), "{games:#}");
}

#[test]
fn members_that_nobody_can_add_to_stay() {
    let family = monorepo();
    let rules = "lead = \"ada\"\n[repos.web]\nmembers = [\"python3Packages.requests\"]\n";
    family.write("rules.toml", rules);
    let ran = run(&family, &["split", "tree", "--rules", "rules.toml"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let said = "set python3Packages: 2 members; none can leave it: no list of overlays reaches it";
    assert!(ran.stdout.contains(said), "{}", ran.stdout);
    let ran = run(
        &family,
        &["split", "tree", "--rules", "rules.toml", "--no-eval"],
    );
    let said = "unasked which members package sets have";
    assert!(ran.stderr.contains(said), "{}", ran.stderr);

    // What two repos claim is theirs to settle.
    let family = with_a_set();
    let rules = "lead = \"ada\"\n[repos.web]\nmembers = [\"snake3Packages.flask\"]\n[repos.tls]\nmembers = [\"snake3Packages.flask\"]\n";
    family.write("rules.toml", rules);
    let ran = run(&family, &["split", "tree", "--rules", "rules.toml"]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    let said = "clash snake3Packages.flask: tls (the rules name it) and web";
    assert!(ran.stderr.contains(said), "{}{}", ran.stdout, ran.stderr);

    // Two names of one set are one member, and a name that no set has is said.
    let rules = "lead = \"ada\"\n[repos.web]\nmembers = [\"snake3Packages.flask\"]\n[repos.tls]\nmembers = [\"snakePackages.flask\"]\n";
    family.write("rules.toml", rules);
    let ran = run(&family, &["split", "tree", "--rules", "rules.toml"]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    assert!(
        ran.stderr.contains("clash snake3Packages.flask"),
        "{}",
        ran.stderr
    );
    let rules = "lead = \"ada\"\n[repos.web]\nmembers = [\"snake9Packages.flask\"]\n";
    family.write("rules.toml", rules);
    let ran = run(&family, &["split", "tree", "--rules", "rules.toml"]);
    assert!(
        ran.stdout
            .contains("it has no value: attribute 'snake9Packages' missing"),
        "{}",
        ran.stdout
    );
    family.write(
        "rules.toml",
        "lead = \"ada\"\n[repos.web]\nmembers = [\"lib.x\"]\n",
    );
    let ran = run(&family, &["split", "tree", "--rules", "rules.toml"]);
    assert_eq!(ran.code, 1, "{}", ran.stdout);
    assert!(
        ran.stderr.contains("`lib.x` is no pattern of members"),
        "{}",
        ran.stderr
    );

    // A set that goes as a whole takes its members along.
    let rules = "lead = \"ada\"\n[core]\nbootstrap = []\n[repos.snakes]\nattributes = [\"snakes\", \"fop\"]\n[repos.web]\nmembers = [\"snake3Packages.flask\"]\n";
    family.write("rules.toml", rules);
    let report = split(&family, &["--verify"], 0);
    let set = listed(&report, "sets", "set", "snake3Packages");
    let flask = listed(set, "placed", "member", "flask");
    assert_eq!(flask["pins"][0]["repo"], "snakes", "{flask:#}");
}

/// The tree, with packages whose needs no reader of texts finds.
fn hard_to_see() -> Family {
    let family = monorepo();
    let by_name = "pkgs/by-name";
    let file = |path: &str| format!("{by_name}/{path}");
    with(
        &family,
        &[
            // Takes from its own part of the set what would be in another.
            (
                &file("ab/abc/packages.nix"),
                "{ ... }: res: pkgs: super: { abcSet = { recurseForDerivations = true; inner = pkgs.stdenv.mkDerivation { pname = \"inner\"; buildInputs = [ res.jdk17 ]; }; }; shared = pkgs.ant; }\n",
            ),
            // Defines what another directory defines too.
            (
                &file("zz/zzz/packages.nix"),
                "{ ... }: res: pkgs: super: { shared = pkgs.fop; }\n",
            ),
            // A path of which a part is computed, and one in two pieces.
            (
                &file("op/open/default.nix"),
                "{ stdenv }:\nlet\n  name = \"gradle\";\nin\nimport ../../gr/${name}/default.nix { inherit stdenv; jdk17 = null; }\n",
            ),
            (
                &file("pi/pieces/default.nix"),
                "{ stdenv, path, jdk }:\nimport (path + \"/pkgs/by-name/an\" + \"/ant/default.nix\") { inherit stdenv jdk; }\n",
            ),
            // A required argument that is never used, in two packages of each other.
            (
                &file("nc/ncu/default.nix"),
                "{ stdenv, gpm, mouse ? false }:\nstdenv.mkDerivation {\n  pname = \"ncu\";\n  buildInputs = if mouse then [ gpm ] else [ ];\n}\n",
            ),
            (
                &file("gp/gpm/default.nix"),
                "{ stdenv, ncu }:\nstdenv.mkDerivation {\n  pname = \"gpm\";\n  buildInputs = [ ncu ];\n}\n",
            ),
            // What no reader of texts can read.
            (
                &file("od/odd/default.nix"),
                "{ stdenv }:\n# \u{fffd}\nstdenv.mkDerivation { pname = \"odd\"; }\n",
            ),
            // Only a text that looks like a path.
            (
                &file("ur/url/default.nix"),
                "{ stdenv }:\nstdenv.mkDerivation {\n  pname = \"url\";\n  page = \"https://x.org/pkgs/by-name/fo/fop\";\n}\n",
            ),
            // Whatever git is told to ignore.
            (
                ".gitignore",
                "*\n!*/\n!*.nix\n!*.patch\n!*.bash\n!CODEOWNERS\nforeign.nix\n",
            ),
        ],
    );
    let odd = family.root.join("tree").join(file("od/odd/default.nix"));
    let bytes = fs::read(&odd).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    let (before, after) = text.split_once('\u{fffd}').unwrap();
    fs::write(
        &odd,
        [before.as_bytes(), b"\xff", after.as_bytes()].concat(),
    )
    .unwrap();
    commit_all(&family.root.join("tree"), "odd");
    family
}

fn what_is_asked_for_and_not_used_costs_nothing(family: &Family) {
    let (_, eval) = family.json(&["-C", "family", "eval"]);
    let ncu = crate::support::repo(&eval, "ncu");
    assert_eq!(
        ncu["standalone"]["failed"],
        serde_json::json!([]),
        "{ncu:#}"
    );
    assert_eq!(
        ncu["left_out"],
        serde_json::json!([]),
        "what it asks for it does not use"
    );
    let gpm = crate::support::repo(&eval, "gpm");
    assert!(gpm["left_out"].to_string().contains("ncu/ncu"), "{gpm:#}");
}

fn what_is_committed_is_what_was_compared(family: &Family) {
    let clone = family.root.join("clone");
    let core = family.root.join("family/repos/core");
    let place = clone.to_str().unwrap();
    git(&core, &["clone", "--quiet", ".", place]);
    assert!(
        files(&clone) == files(&core),
        "nothing is left out of the commit"
    );
    let java = family.root.join("family/repos/java");
    assert_eq!(git(&java, &["status", "--porcelain", "--ignored"]), "");
}

/// It keeps its stubs.
fn a_core_that_was_split_off_can_be_split_again(family: &Family) {
    family.write(
        "again.toml",
        "lead = \"ada\"\n[repos.more]\nattributes = [\"oniguruma\"]\n",
    );
    let again = [
        "split",
        "family/repos/core",
        "--rules",
        "again.toml",
        "--apply",
        "family2",
    ];
    json(family, &again, 0);
    let stubs = fs::read_to_string(family.root.join("family2/repos/core/foreign.nix")).unwrap();
    for stub in ["jdk = ", "oniguruma = \"more\";", "cargo = \"rust\";"] {
        assert_eq!(stubs.contains(stub), stub != "jdk = ", "{stub}\n{stubs}");
    }
}

#[test]
fn nothing_is_the_same_if_nothing_can_be_compared() {
    let family = monorepo();
    let stdenv = family.root.join("tree/pkgs/stdenv/default.nix");
    let text = fs::read_to_string(&stdenv).unwrap();
    let text = text.replace(
        "inherit tools;",
        "inherit tools; os = builtins.readFile /etc/hostname;",
    );
    fs::write(&stdenv, text).unwrap();
    commit_all(&family.root.join("tree"), "reads the machine");
    let report = split(&family, &["--verify"], 3);
    assert_eq!(report["verified"]["sets"][0]["derivations"], 0);
    let reason = report["bootstrap_without_value"]["stdenv"]
        .as_str()
        .unwrap();
    assert!(reason.contains("/etc/hostname"), "{reason}");
}

#[test]
fn a_part_of_a_repository_is_not_split_from_it() {
    let family = monorepo();
    let outer = family.root.join("outer");
    copy(&family.root.join("tree"), &outer.join("tree"));
    fs::remove_dir_all(outer.join("tree/.git")).unwrap();
    git(&outer, &["init", "--quiet"]);
    let arguments = ["split", "outer/tree", "--rules", "rules.toml", "--no-eval"];
    json(&family, &arguments, 0);
    let ran = run(&family, &[&arguments[..], &["--apply", "family"]].concat());
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(
        ran.stderr.contains("is a part of the git repository"),
        "{}",
        ran.stderr
    );
    assert!(!family.root.join("family").exists());
}

#[test]
fn what_is_no_core_is_not_made_ready() {
    let flake = "{ outputs = { self }: { lib = { }; packages = { }; }; }\n";
    for (what, files) in [
        ("a library", vec![("flake.nix", flake)]),
        (
            "a core of another style",
            vec![("flake.nix", flake), ("stdenv/stage.nix", "{ }: { }\n")],
        ),
    ] {
        let family = Family::empty();
        for (file, text) in files {
            family.write(&format!("core/{file}"), text);
        }
        let before = every_file(&family.root);
        let (code, report) = family.json(&["ready", "core", "--no-eval"]);
        assert_eq!(code, 3, "{what}: {report:#}");
        assert_eq!(report["ready"], false, "{what}");
        for _ in 0..2 {
            let ran = family.run(&["ready", "core", "--apply"]);
            assert_eq!(ran.code, 1, "{what}: {}", ran.stderr);
            assert!(ran.stderr.contains("not a core"), "{what}: {}", ran.stderr);
            assert_eq!(every_file(&family.root), before, "{what}");
        }
    }
}
