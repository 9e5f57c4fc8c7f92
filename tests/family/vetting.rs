//! `check --tree`, `--base` and `--fix` on by-name trees in real git repositories.

use std::collections::BTreeMap;
use std::os::unix::fs::symlink;

use serde_json::Value;

use crate::support::{Family, every_file, git, nix};

/// A tree with one of each trap, in a git repository.
fn tree() -> Family {
    let family = Family::empty();
    let files = [
        ("pkgs/by-name/README.md", "what this is"),
        ("pkgs/by-name/he/hello/package.nix", "{ which }: which\n"),
        (
            "pkgs/by-name/wi/which/package.nix",
            "{ }: import ./lib/common.nix ++ [ ../../../top.nix ]\n",
        ),
        (
            "pkgs/by-name/wi/which/lib/common.nix",
            "[ ../package.nix ]\n",
        ),
        (
            "pkgs/by-name/py/python/packages.nix",
            "args: res: final: prev: { a = ./${\"a\"}.nix; b = ./gone.patch; }\n",
        ),
        ("pkgs/by-name/em/empty/notes.txt", ""),
        ("pkgs/by-name/br/broken/package.nix", "{ a, : a\n"),
        (
            "pkgs/by-name/pa/path/default.nix",
            "{ }: [ <nixpkgs> ~/x /etc/passwd ../../wi/which/package.nix ]\n",
        ),
        ("pkgs/by-name/Bad/Foo/package.nix", "{ }: 1\n"),
        ("pkgs/by-name/ca/Case/package.nix", "{ }: 1\n"),
        ("pkgs/by-name/ca/case/package.nix", "{ }: 1\n"),
        ("pkgs/by-name/st/stray.nix", "1\n"),
        (
            "pkgs/top.nix",
            "[ ./by-name/wi/which/package.nix ./by-name/he/hello/package.nix ]\n",
        ),
    ];
    for (path, text) in files {
        family.write(path, text);
    }
    let link = |to: &str, at: &str| symlink(to, family.root.join("pkgs/by-name").join(at)).unwrap();
    link("../../../top.nix", "he/hello/outside.nix");
    link("nowhere", "he/hello/dangling");
    link("package.nix", "he/hello/fine.nix");
    git(&family.root, &["init", "--quiet"]);
    git(&family.root, &["config", "user.name", "ada"]);
    git(&family.root, &["config", "user.email", "ada@example.org"]);
    git(&family.root, &["add", "--all"]);
    git(&family.root, &["commit", "--quiet", "--message", "all"]);
    family
}

/// How many problems of each code.
fn codes(report: &Value) -> BTreeMap<&str, usize> {
    let mut codes = BTreeMap::new();
    for problem in report["problems"].as_array().unwrap() {
        *codes.entry(problem["code"].as_str().unwrap()).or_default() += 1;
    }
    codes
}

#[test]
fn every_trap_is_found_where_it_is() {
    let family = tree();
    let (code, report) = family.json(&["check", "--tree", "."]);
    assert_eq!(code, 3);
    let expected = [
        ("case-collision", 1),
        ("computed-path", 1),
        ("dangling-path", 2),
        ("leaves-package", 5),
        ("nix-syntax", 1),
        ("no-package-file", 1),
        ("search-path", 1),
        ("stray-entry", 2),
        ("wrong-shard", 2),
    ];
    assert_eq!(codes(&report), BTreeMap::from(expected), "{report:#}");
    let at = |code: &str| {
        let problems = report["problems"].as_array().unwrap();
        let found = problems.iter().find(|problem| problem["code"] == code);
        let place = &found.unwrap()["location"];
        format!(
            "{}:{}:{}",
            place["file"].as_str().unwrap(),
            place["line"],
            place["column"]
        )
    };
    assert_eq!(at("search-path"), "pkgs/by-name/pa/path/default.nix:1:8");
    assert_eq!(at("nix-syntax"), "pkgs/by-name/br/broken/package.nix:1:6");
    assert_eq!(at("wrong-shard"), "pkgs/by-name/Bad/Foo:0:0");
}

#[test]
fn a_base_lets_pass_what_was_there_and_nothing_else() {
    let family = tree();
    let fine = family.ok(&["check", "--tree", ".", "--base", "HEAD"]);
    assert!(
        fine.stderr.contains("nothing new since HEAD"),
        "{}",
        fine.stderr
    );
    // The same words on another line are the same problem; twice is one too many.
    family.write(
        "pkgs/by-name/pa/path/default.nix",
        "{ }:\n\n[ <nixpkgs> ~/x /etc/passwd ../../wi/which/package.nix <nixpkgs> ]\n",
    );
    family.write("pkgs/by-name/ne/new/package.nix", "{ }: ./gone.nix\n");
    let (code, report) = family.json(&["check", "--tree", ".", "--base", "HEAD"]);
    assert_eq!(code, 3);
    let expected = [("dangling-path", 1), ("search-path", 1)];
    assert_eq!(codes(&report), BTreeMap::from(expected), "{report:#}");
    assert_eq!(
        git(&family.root, &["status", "--porcelain"])
            .lines()
            .count(),
        2,
        "neither the index nor the tree was touched"
    );
    let unknown = family.run(&["check", "--tree", ".", "--base", "no-such"]);
    assert_eq!(unknown.code, 1);
    assert!(
        unknown.stderr.contains("`no-such` is no commit"),
        "{}",
        unknown.stderr
    );
}

#[test]
fn a_fix_moves_with_git_and_every_path_still_leads_where_it_led() {
    let family = tree();
    // What somebody has not staged stays unstaged.
    family.write(
        "pkgs/by-name/wi/which/lib/common.nix",
        "[ ../package.nix ] # mine\n",
    );
    family.write("pkgs/by-name/wi/which/notes", "mine\n");
    let before = evaluated(&family, "pkgs/by-name/wi/which/package.nix");
    let ran = family.run(&["check", "--tree", ".", "--fix"]);
    assert_eq!(ran.code, 3, "paths to nowhere are left: {}", ran.stderr);
    assert!(
        ran.stderr.contains("fixed: 2 packages moved"),
        "{}",
        ran.stderr
    );
    assert_eq!(
        evaluated(&family, "pkgs/by-name/wh/which/package.nix"),
        before
    );
    let read = |path: &str| std::fs::read_to_string(family.root.join(path)).unwrap();
    assert_eq!(
        read("pkgs/top.nix"),
        "[ ./by-name/wh/which/package.nix ./by-name/he/hello/package.nix ]\n"
    );
    assert_eq!(
        read("pkgs/by-name/pa/path/default.nix"),
        "{ }: [ <nixpkgs> ~/x /etc/passwd ../../wh/which/package.nix ]\n"
    );
    let status = git(&family.root, &["status", "--porcelain"]);
    assert!(
        status
            .contains("R  pkgs/by-name/wi/which/package.nix -> pkgs/by-name/wh/which/package.nix"),
        "{status}"
    );
    assert!(!family.root.join("pkgs/by-name/wi").exists());
    assert!(!family.root.join(".aux-gen").exists());
    assert!(
        status.contains("RM pkgs/by-name/wi/which/lib/common.nix"),
        "{status}"
    );
    assert!(
        status.contains("?? pkgs/by-name/wh/which/notes"),
        "{status}"
    );
    let again = family.run(&["check", "--tree", ".", "--fix"]);
    assert!(
        again.stderr.contains("nothing was moved"),
        "{}",
        again.stderr
    );
}

#[test]
fn a_fix_ends_as_a_check_ends() {
    let family = Family::empty();
    // A warning only: the path is computed.
    let text = "{ name }: ./patches/${name}.patch\n";
    family.write("pkgs/by-name/wh/which/package.nix", text);
    family.write("pkgs/by-name/wh/which/patches/a.patch", "");
    for fix in [&[][..], &["--fix"][..]] {
        let arguments = [&["check", "--tree", "."][..], fix].concat();
        family.ok(&arguments);
    }
    // An error that nothing can fix.
    family.write("pkgs/by-name/wh/which/package.nix", "{ }: ./gone.nix\n");
    for fix in [&[][..], &["--fix"][..]] {
        let arguments = [&["check", "--tree", "."][..], fix].concat();
        let ran = family.run(&arguments);
        assert_eq!(ran.code, 3, "{arguments:?}: {}", ran.stderr);
    }
}

#[test]
fn a_fix_leaves_what_has_no_free_place() {
    let family = Family::empty();
    family.write("pkgs/by-name/wi/which/package.nix", "{ }: 1\n");
    family.write("pkgs/by-name/wh/which/package.nix", "{ }: 2\n");
    let ran = family.run(&["check", "--tree", ".", "--fix"]);
    assert_eq!(ran.code, 3);
    assert!(ran.stderr.contains("is there already"), "{}", ran.stderr);
    assert!(
        family
            .root
            .join("pkgs/by-name/wi/which/package.nix")
            .is_file()
    );
}

#[test]
fn a_fix_moves_packages_only_and_leaves_repos_of_others() {
    let family = Family::empty();
    family.write("t/pkgs/by-name/scripts/update/run.sh", "1\n");
    family.write("t/pkgs/by-name/fo/.hidden/package.nix", "{ }: 1\n");
    family.write("t/pkgs/by-name/FO/foo/package.nix", "{ }: 1\n");
    git(&family.root, &["init", "--quiet", "t"]);
    git(&family.root.join("t"), &["add", "--all"]);
    let ran = family.run(&["check", "--tree", "t", "--fix"]);
    assert_eq!(ran.code, 3, "other problems are left: {}", ran.stderr);
    assert!(
        ran.stderr.contains("fixed: 1 package moved"),
        "{}",
        ran.stderr
    );
    let staged = git(&family.root.join("t"), &["ls-files"]);
    assert!(
        staged.contains("pkgs/by-name/fo/foo/package.nix"),
        "{staged}"
    );
    assert!(!staged.contains("FO/"), "{staged}");

    let others = Family::of(
        r#"format = "1.0"
organization = { name = "x", forge = "github:x" }
tiers = [{ name = "core" }, { name = "top-level" }]
people.ada = {}
sigs.all.leads = ["ada"]
repos.core = { sig = "all", tier = "core", kind = "external", wiring = "overlays", discover = true }
repos.top-level = { sig = "all", tier = "top-level" }
"#,
    );
    others.write("repos/core/pkgs/by-name/wi/which/package.nix", "{ }: 1\n");
    let ran = others.ok(&["check", "--fix"]);
    assert!(
        ran.stderr.contains("repos/core: external"),
        "{}",
        ran.stderr
    );
    assert!(
        others
            .root
            .join("repos/core/pkgs/by-name/wi/which")
            .is_dir()
    );
}

#[test]
fn a_text_that_is_too_much_for_the_parser_is_named() {
    for (row, times, reason) in [
        ("a.b//", 1_800_000, "longer than 8 MiB"),
        ("a.b//", 100_000, "too long up to here"),
        ("{}//", 8_000, "open in a row"),
        ("[]++", 8_000, "open in a row"),
        ("a.", 17_000, "too long up to here"),
        ("[", 600, "nested more than 512 deep"),
    ] {
        let family = Family::empty();
        let row = format!("x: {}{{}}\n", row.repeat(times));
        family.write("pkgs/by-name/ro/row/package.nix", &row);
        let ran = family.ok(&["check", "--tree", "."]);
        assert!(ran.stderr.contains(reason), "{}", ran.stderr);
        assert!(ran.stderr.contains("warning[nix-syntax]"), "{}", ran.stderr);
    }
}

#[test]
fn a_file_without_end_is_named_and_not_read() {
    let family = Family::empty();
    family.write("pkgs/by-name/ho/hole/package.nix", "");
    let hole = family.root.join("pkgs/by-name/ho/hole/package.nix");
    let hole = std::fs::OpenOptions::new().write(true).open(hole).unwrap();
    hole.set_len(3 << 30).unwrap();
    let ran = family.ok(&["check", "--tree", "."]);
    assert!(ran.stderr.contains("was not looked at"), "{}", ran.stderr);
    let family = Family::of("");
    let manifest = family.root.join("aux.toml");
    let manifest = std::fs::OpenOptions::new()
        .write(true)
        .open(manifest)
        .unwrap();
    manifest.set_len(3 << 30).unwrap();
    let ran = family.run(&["check"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(
        ran.stderr.contains("has 3221225472 bytes"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_file_may_be_longer_than_people_write() {
    let family = Family::empty();
    let bindings: String = (0..60_000)
        .map(|number| format!("  name-{number} = \"1.{number}\"; # {}\n", "x".repeat(40)))
        .collect();
    family.write(
        "pkgs/by-name/ha/hashes/package.nix",
        &format!("{{ }}: {{\n{bindings}}}\n"),
    );
    family.ok(&["check", "--tree", ".", "--deny-warnings"]);
}

/// What real Nix makes of a package's function, as paths relative to the tree.
fn evaluated(family: &Family, file: &str) -> String {
    let expression = format!(
        "map baseNameOf (import {}/{file} {{ }})",
        family.root.display()
    );
    let limits = aux_nix::Limits::default().allowing(&family.root);
    let question = aux_nix::Question::new("files", expression);
    let answers = nix().ask("null", &[question], &limits).unwrap();
    answers[0].answer.value().unwrap().to_string()
}

#[test]
fn files_that_differ_only_in_case_are_found_anywhere() {
    let family = Family::empty();
    for path in [
        "pkgs/by-name/fo/foo/package.nix",
        "pkgs/by-name/fo/foo/Fix.patch",
        "pkgs/by-name/fo/foo/fix.patch",
        "lib/Deep/a.nix",
        "lib/deep/b.nix",
        "README",
        "readme",
    ] {
        family.write(path, "{ }: 1\n");
    }
    let pairs = |family: &Family| {
        let (code, found) = family.json(&["check", "--tree", "."]);
        assert_eq!(code, 3, "{found}");
        let problems = found["problems"].as_array().unwrap().clone();
        let pairs = problems
            .iter()
            .filter(|problem| problem["code"] == "case-collision");
        pairs.count()
    };
    assert_eq!(pairs(&family), 3);
    // What only git has counts too.
    git(&family.root, &["init", "--quiet"]);
    git(&family.root, &["add", "--all"]);
    assert_eq!(pairs(&family), 3);
}

#[test]
fn what_git_does_not_track_is_not_there() {
    let family = Family::empty();
    family.write("pkgs/by-name/fo/foo/package.nix", "{ }: 1\n");
    family.write("pkgs/by-name/fo/built/result", "ignored");
    family.write("pkgs/by-name/ke/kept/package.nix", "{ }: 1\n");
    std::fs::create_dir_all(family.root.join("pkgs/by-name/em/empty/deep")).unwrap();
    family.write(".gitignore", "result\nkept/\n");
    let vetted = |family: &Family| family.run(&["check", "--tree", "."]);
    // Elsewhere all that is there counts.
    assert_eq!(vetted(&family).code, 3);
    git(&family.root, &["init", "--quiet"]);
    git(&family.root, &["add", "--all"]);
    let ran = vetted(&family);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stderr.contains("1 package"), "{}", ran.stderr);
    // What is followed is there, ignored or not.
    git(&family.root, &["add", "--force", "pkgs/by-name/ke/kept"]);
    let ran = vetted(&family);
    assert!(ran.stderr.contains("2 packages"), "{}", ran.stderr);
}

#[test]
fn a_tree_without_shards_is_left_as_it_is() {
    let package = "{ }: { }\n";
    for (what, first, helper) in [
        (
            "a package with a helper",
            "app/default.nix",
            "app/patches/default.nix",
        ),
        (
            "a package of a short name",
            "jq/package.nix",
            "jq/tests/default.nix",
        ),
        (
            "a set that is found by readDir",
            "set/list.nix",
            "set/member/default.nix",
        ),
    ] {
        let family = Family::empty();
        let tree = "tree/pkgs/by-name";
        family.write(&format!("{tree}/{first}"), package);
        family.write(&format!("{tree}/{helper}"), package);
        // One that is sharded, and in the wrong shard.
        family.write(&format!("{tree}/zz/hello/package.nix"), package);
        let before = every_file(&family.root);
        let (code, fixed) = family.json(&["check", "--tree", "tree", "--fix"]);
        assert_eq!(code, 3, "{what}: {fixed:#}");
        assert_eq!(fixed["trees"][0]["moved"], serde_json::json!([]), "{what}");
        assert_eq!(
            fixed["trees"][0]["unsharded"].as_array().unwrap().len(),
            1,
            "{what}"
        );
        assert_eq!(every_file(&family.root), before, "{what}");
        let (code, checked) = family.json(&["check", "--tree", "tree"]);
        assert_eq!(code, 3, "{what}");
        let said = checked["problems"].to_string();
        assert!(
            !said.contains("patches") && !said.contains("member"),
            "{what}: {said}"
        );
    }
}

#[test]
fn a_fix_that_leaves_problems_does_not_call_itself_fine() {
    let family = Family::empty();
    family.write(
        "tree/pkgs/by-name/he/hello/package.nix",
        "{ }: ./gone.patch\n",
    );
    family.write("tree/pkgs/by-name/aa/world/package.nix", "{ }: { }\n");
    let ran = family.run(&["check", "--tree", "tree", "--fix"]);
    assert_eq!(ran.code, 3, "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stderr.contains("1 error is left"), "{}", ran.stderr);
    assert!(
        family
            .root
            .join("tree/pkgs/by-name/wo/world/package.nix")
            .is_file()
    );
}

#[test]
fn a_package_that_a_computed_path_may_lead_to_stays_in_its_shard() {
    for (file, text) in [
        (
            "default.nix",
            "{ b = import (./pkgs/by-name + \"/zz/bee/package.nix\"); }\n",
        ),
        (
            "tools/x.nix",
            "n: import (../. + \"/pkgs/by-name/${n}/bee/package.nix\")\n",
        ),
        (
            "tools/x.nix",
            "import \"${../.}/pkgs/by-name/zz/bee/package.nix\"\n",
        ),
        (
            "pkgs/by-name/an/ant/package.nix",
            "n: ../../zz + \"/${n}/x.txt\"\n",
        ),
        (
            "pkgs/by-name/an/ant/package.nix",
            "{ }: \"${../..}/zz/bee/x.txt\"\n",
        ),
    ] {
        let family = Family::empty();
        family.write("pkgs/by-name/zz/bee/package.nix", "{ }: 1\n");
        family.write("pkgs/by-name/yy/cow/package.nix", "{ }: \"/bin/cow\"\n");
        family.write(
            "default.nix",
            "{ all = builtins.readDir ./pkgs/by-name; }\n",
        );
        family.write(file, text);
        let (code, report) = family.json(&["check", "--tree", ".", "--fix"]);
        assert_eq!(code, 3, "{text}: {report:#}");
        let tree = &report["trees"][0];
        let moved = tree["moved"].as_array().unwrap();
        assert_eq!(moved.len(), 1, "the cow moves: {text} {report:#}");
        assert_eq!(moved[0]["to"], "pkgs/by-name/co/cow");
        assert_eq!(
            tree["reached"][0]["package"], "pkgs/by-name/zz/bee",
            "{text}"
        );
        let place = tree["reached"][0]["place"].as_str().unwrap();
        assert!(place.starts_with(file), "{text}: {place}");
        assert!(
            family
                .root
                .join("pkgs/by-name/zz/bee/package.nix")
                .is_file()
        );
    }
}
