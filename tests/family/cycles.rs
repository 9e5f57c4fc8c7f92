//! Repos that may use each other, and packages that moved, as Nix sees them.

use std::process::Command;

use crate::support::{Family, nix, repo};

/// Two repos that use each other, a third that uses one of them, and a package
/// that went from one repo to another.
const MANIFEST: &str = r#"
format = "1.0"
organization = { name = "x", forge = "git+file://FORGE", systems = ["x86_64-linux", "aarch64-linux"] }
tiers = [{ name = "core" }, { name = "low" }, { name = "high" }, { name = "top-level" }]
people.ada = {}
sigs.all.leads = ["ada"]
repos.core = { sig = "all", tier = "core", builders = { stdenv = {} }, packages = { hello = {} } }
repos.node = { sig = "all", tier = "low", uses = ["snake"], packages = { gyp = { build = ["pip"] }, js = {} }, moved = { page = { to = "apps", until = "2027-01-31" } } }
repos.snake = { sig = "all", tier = "high", uses = ["node"], packages = { pip = { build = ["hello"] }, book = { build = ["js", "gyp"] } }, moved = { js = { to = "node", until = "2027-01-31" } } }
repos.apps = { sig = "all", tier = "high", uses = ["node"], packages = { app = { build = ["gyp", "hello"] }, page = { build = ["js"] } } }
repos.top-level = { sig = "all", tier = "top-level" }

[[policy.allow]]
repos = ["node", "snake"]
reason = "gyp needs pip, and book needs gyp"
owner = "all"
review = "2027-01-31"
"#;

fn family() -> Family {
    let family = Family::empty();
    let forge = family.root.join("repos");
    let manifest = MANIFEST.replace("FORGE", &forge.display().to_string());
    family.write("aux.toml", &manifest);
    family.ok(&["generate"]);
    family
}

#[test]
fn repos_that_may_use_each_other_are_whole_alone_and_through_top_level() {
    let family = family();
    family.ok(&["check", "--today", "2027-01-31", "--deny-warnings"]);
    for flags in [&["eval"][..], &["eval", "--flakes"]] {
        let (code, report) = family.json(flags);
        assert_eq!(code, 0, "{report:#}");
        for (name, alone) in [("node", 2), ("snake", 2), ("apps", 2)] {
            let report = repo(&report, name);
            assert_eq!(report["standalone"]["ok"], alone, "{report:#}");
            assert_eq!(report["left_out"], serde_json::json!([]), "{name}");
        }
    }
    let late = family.run(&["check", "--today", "2027-02-01"]);
    assert_eq!(late.code, 3);
    assert!(late.stderr.contains("review-overdue"), "{}", late.stderr);
}

/// Runs a program in a repo of the family and gives its standard output.
fn run(family: &Family, directory: &str, program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program)
        .current_dir(family.root.join("repos").join(directory))
        .env("NIX_CONFIG", "experimental-features = nix-command flakes")
        .args(arguments)
        .output()
        .unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {arguments:?}: {error}");
    String::from_utf8(output.stdout).unwrap()
}

/// Real git, real locks, no override: what users get.
#[test]
fn nix_locks_and_evaluates_each_repo_of_a_cycle_with_one_copy_of_each() {
    let family = family();
    for name in ["core", "node", "snake", "apps", "top-level"] {
        run(&family, name, "git", &["init", "-q", "-b", "main"]);
        run(&family, name, "git", &["add", "."]);
        let who = ["-c", "user.name=x", "-c", "user.email=x@x"];
        let commit = [&who[..], &["commit", "-q", "-m", "first"]].concat();
        run(&family, name, "git", &commit);
    }
    let nix = nix().program().display().to_string();
    for (name, package, nodes) in [
        ("node", "gyp", &["core", "root", "snake"][..]),
        ("snake", "book", &["core", "node", "root"]),
        ("apps", "app", &["core", "node", "root", "snake"]),
        (
            "top-level",
            "book",
            &["apps", "core", "node", "root", "snake"],
        ),
    ] {
        let attribute = format!(".#packages.x86_64-linux.{package}.drvPath");
        let path = run(&family, name, &nix, &["eval", "--raw", &attribute]);
        assert!(path.ends_with(".drv"), "{path}");
        run(&family, name, &nix, &["flake", "lock"]);
        let lock = std::fs::read_to_string(family.repo(name).join("flake.lock")).unwrap();
        let lock: serde_json::Value = serde_json::from_str(&lock).unwrap();
        let found: Vec<&String> = lock["nodes"].as_object().unwrap().keys().collect();
        assert_eq!(found, nodes, "{name} locks one copy of each");
    }
}

#[test]
fn the_old_repo_answers_for_what_moved_if_it_can_and_else_says_where_it_is() {
    let family = family();
    let evaluate = |repo: &str, attribute: &str| {
        let directory = family.repo(repo);
        let inputs = family.inputs_of(repo);
        let limits = aux_nix::Limits::default();
        nix()
            .flake_json(&directory, attribute, None, &inputs, &limits)
            .unwrap()
    };
    // snake has node as an input, so it still offers what went there.
    let there = evaluate("node", "packages.x86_64-linux.js.drvPath").unwrap();
    let alias = evaluate("snake", "packages.x86_64-linux.js.drvPath").unwrap();
    assert_eq!(alias, there);
    let offered = evaluate("snake", "aux.moved.js").unwrap();
    assert_eq!(
        offered,
        serde_json::json!({ "to": "node", "until": "2027-01-31", "offered": true })
    );
    // node does not see apps, so it says where the package is.
    assert!(evaluate("node", "packages.x86_64-linux.page.drvPath").is_err());
    let failure = evaluate("node", "legacyPackages.x86_64-linux.page.drvPath").unwrap_err();
    assert!(
        failure.detail.contains("`page` belongs to the repo `apps`"),
        "{}",
        failure.detail
    );
    let names = evaluate("top-level", "aux.repos.node.packages").unwrap();
    assert_eq!(
        names,
        serde_json::json!(["gyp", "js"]),
        "it owns them no more"
    );
}
