//! What using a repo costs, against what git and Nix say by hand; and that it does not grow with the family.

use std::fmt::Write;
use std::fs;
use std::process::Command;

use serde_json::Value;

use crate::support::{Family, Forge, git, listed};

const MANIFEST: &str = r#"
repos.javascript = { sig = "all", tier = "sigs", packages = { node = { build = ["core/tool"] }, notebook = { asks = ["python/numpy"] }, secret = { unfree = true } } }
repos.python = { sig = "all", tier = "sigs", uses = { javascript = "*" }, packages = { numpy = { build = ["node"] } } }
"#;

const PACKAGE: &str = "{ stdenv }: stdenv.mkDerivation { name = \"a-package\"; }\n";

/// Two repos above core, committed.
fn family(policy: &str) -> Forge {
    let forge = Forge::new(&["javascript", "python"], &format!("{policy}\n{MANIFEST}"));
    forge.package("javascript", "node", PACKAGE);
    forge.package("javascript", "notebook", PACKAGE);
    forge.package("javascript", "secret", PACKAGE);
    forge.package("python", "numpy", PACKAGE);
    forge
}

fn cost(family: &Family, arguments: &[&str]) -> (i32, Value) {
    family.json(&[&["cost"], arguments].concat())
}

#[test]
fn bytes_are_those_of_git_and_of_the_store() {
    let forge = family("");
    let (code, report) = cost(&forge.family, &["--no-eval"]);
    assert_eq!(code, 0, "{report:#}");
    assert_eq!(report["system"], Value::Null);
    let mut sum = 0;
    for repo in ["core", "javascript", "python"] {
        let place = forge.repo(repo);
        let archive = Command::new("git")
            .args(["archive", "--format=tar.gz", "HEAD"])
            .current_dir(&place)
            .output()
            .unwrap();
        let unpacked = forge.family.root.join(format!("unpacked-{repo}"));
        git(
            &place,
            &["worktree", "add", "--quiet", unpacked.to_str().unwrap()],
        );
        fs::remove_file(unpacked.join(".git")).unwrap();
        let dump = Command::new("nix-store")
            .args(["--dump", unpacked.to_str().unwrap()])
            .output()
            .unwrap();
        let found = listed(&report, "repos", "repo", repo);
        assert_eq!(found["download"], archive.stdout.len(), "{repo}: {found:#}");
        assert_eq!(found["store"], dump.stdout.len(), "{repo}: {found:#}");
        sum += archive.stdout.len();
    }
    let python = listed(&report, "repos", "repo", "python");
    assert_eq!(python["download_alone"], sum, "python, javascript and core");
}

#[test]
fn evaluations_are_counted_by_nix_from_every_side() {
    let forge = family("");
    let tree = "{ system, ... }: let make = name: derivation { inherit name system; builder = \"/bin/sh\"; }; in { node = make \"node\"; }\n";
    forge.family.write("tree/default.nix", tree);
    let (code, report) = cost(&forge.family, &["--against", "tree"]);
    assert_eq!(code, 0, "{report:#}");
    let javascript = listed(&report, "repos", "repo", "javascript");
    let one = &javascript["one"];
    assert_eq!(one["attributes"].to_string(), r#"["node"]"#);
    // What only asks for another repo's package, or is not for everybody, is not what it offers alone.
    assert_eq!(
        javascript["all"]["attributes"].to_string(),
        r#"["node","notebook"]"#
    );
    assert_eq!(one["tree_attributes"], 1);
    assert_eq!(javascript["all"]["tree_attributes"], 1);
    let thunks = |side: &Value| side["thunks"].as_u64().unwrap();
    assert!(thunks(&one["tree"]) < thunks(&one["alone"]), "{one:#}");
    assert!(
        thunks(&one["alone"]) <= thunks(&one["top_level"]),
        "{one:#}"
    );
    for key in ["values", "allocated", "heap"] {
        assert!(one["alone"][key].as_u64().unwrap() > 0, "{one:#}");
    }
    // It is the same in every run.
    let (_, again) = cost(&forge.family, &["javascript"]);
    let again = &listed(&again, "repos", "repo", "javascript")["one"];
    assert_eq!(thunks(&again["alone"]), thunks(&one["alone"]));

    // What fails is said, and is no zero.
    forge.package("javascript", "node", "{ stdenv }: throw \"not today\"\n");
    let (code, report) = cost(&forge.family, &["javascript", "--package", "node"]);
    assert_eq!(code, 0, "{report:#}");
    let one = &listed(&report, "repos", "repo", "javascript")["one"]["alone"];
    assert_eq!(one["thunks"], Value::Null);
    assert!(
        one["failed"].as_str().unwrap().contains("not today"),
        "{one:#}"
    );
}

#[test]
fn the_policy_is_held_by_check_and_by_cost() {
    let forge = family("policy.cost = { download = 100, one = 10 }");
    let ran = forge.family.run(&["check"]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    let said = "to use `python` alone is ";
    assert!(
        ran.stderr.contains(said) && ran.stderr.contains("over-budget"),
        "{}",
        ran.stdout
    );
    let (code, report) = cost(&forge.family, &[]);
    assert_eq!(code, 3, "{report:#}");
    let over = report["over"].to_string();
    for said in [
        "python: the download",
        "javascript: one package alone takes",
    ] {
        assert!(over.contains(said), "{over}");
    }
    // What has no value cannot be counted, and is not within the policy.
    forge.package("javascript", "node", "{ stdenv }: throw \"not today\"\n");
    let (code, report) = cost(&forge.family, &["javascript"]);
    assert_eq!(code, 3, "{report:#}");
    let said = "javascript: one package alone has no value: not today";
    assert!(report["over"].to_string().contains(said), "{report:#}");
    // All of top-level is as large as it is.
    assert!(!over.contains("top-level"), "{over}");
    let (code, _) = cost(
        &family("policy.cost = { download = 10_000_000, all = 1_000_000 }").family,
        &[],
    );
    assert_eq!(code, 0);

    // What cannot be counted is not within the policy.
    fs::remove_dir_all(forge.repo("javascript").join(".git")).unwrap();
    let ran = forge.family.run(&["check"]);
    let said = "`[policy.cost]` cannot be held: bytes of javascript";
    assert!(ran.stderr.contains(said), "{}", ran.stderr);
}

#[test]
fn what_makes_a_repo_so_is_named() {
    let forge = family("");
    let place = forge.repo("javascript").join("pkgs/by-name/no/node");
    fs::create_dir_all(place.join("data")).unwrap();
    fs::write(place.join("data/large.txt"), "x".repeat(100_000)).unwrap();
    forge.commit("javascript");
    let (code, report) = cost(&forge.family, &["--explain", "javascript"]);
    assert_eq!(code, 0, "{report:#}");
    let explained = &report["explained"];
    assert_eq!(explained["folders"][0]["path"], "pkgs/by-name/no/node/data");
    assert_eq!(explained["folders"][0]["bytes"], 100_000);
    assert_eq!(explained["offered"], 2);
    assert_eq!(explained["evaluated"], 2);
    let (_, report) = cost(&forge.family, &["--explain", "javascript", "--most", "1"]);
    assert_eq!(report["explained"]["evaluated"], 1);
    let ran = forge
        .family
        .run(&["cost", "python", "--package", "javascript/node"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
}

/// A family of so many repos of five packages each.
fn of_repos(count: usize) -> Family {
    let mut manifest = String::from(
        "format = \"1.0\"\norganization = { name = \"x\", forge = \"github:x\", systems = [\"x86_64-linux\"] }\ntiers = [{ name = \"core\" }, { name = \"sigs\" }, { name = \"top-level\" }]\npeople.ada = {}\nsigs.all.leads = [\"ada\"]\nrepos.top-level = { sig = \"all\", tier = \"top-level\" }\nrepos.core = { sig = \"all\", tier = \"core\", builders = { stdenv = {} }, packages = { tool = {} } }\n",
    );
    let name = |repo: usize, package: usize| format!("p{repo:03}x{package}");
    for repo in 0..count {
        let packages: Vec<String> = (0..5)
            .map(|package| format!("{} = {{ build = [\"core/tool\"] }}", name(repo, package)))
            .collect();
        let _ = writeln!(
            manifest,
            "repos.r{repo:03} = {{ sig = \"all\", tier = \"sigs\", packages = {{ {} }} }}",
            packages.join(", ")
        );
    }
    let family = Family::of(&manifest);
    family.ok(&["generate"]);
    family.ok(&["generate"]);
    for repo in 0..count {
        for package in 0..5 {
            let name = name(repo, package);
            let path = format!(
                "repos/r{repo:03}/pkgs/by-name/{}/{name}/package.nix",
                &name[..2]
            );
            let text = format!(
                "{{ stdenv, tool }}: stdenv.mkDerivation {{ name = \"{name}\"; inherit tool; }}\n"
            );
            family.write(&path, &text);
        }
    }
    family
}

/// The budget: what one package of one repo takes alone does not depend on how many repos there are.
#[test]
fn a_repo_alone_costs_the_same_however_many_others_there_are() {
    let counts = [3, 12, 48].map(|count| {
        let family = of_repos(count);
        let (code, report) = cost(&family, &["r001"]);
        assert_eq!(code, 0, "{report:#}");
        let repo = listed(&report, "repos", "repo", "r001").clone();
        let thunks = |which: &str, side: &str| repo[which][side]["thunks"].as_u64().unwrap();
        (
            thunks("one", "alone"),
            thunks("all", "alone"),
            thunks("one", "top_level"),
        )
    });
    let [few, more, many] = counts;
    assert_eq!((few.0, few.1), (more.0, more.1), "{counts:?}");
    assert_eq!((few.0, few.1), (many.0, many.1), "{counts:?}");
    // Top-level grows in proportion: a layer for each repo.
    let (first, second) = (more.2 - few.2, many.2 - more.2);
    assert!(second <= first * 4 + first / 2, "{counts:?}");
}

#[test]
fn what_repos_cost_is_written_down_and_is_in_the_readme_of_top_level() {
    let forge = family("");
    let family = &forge.family;
    family.ok(&["cost", "--write"]);
    let written = fs::read_to_string(family.root.join("costs.json")).unwrap();
    let costs: Value = serde_json::from_str(&written).unwrap();
    let python = &costs["repos"]["python"];
    let (_, report) = cost(family, &["python"]);
    let found = listed(&report, "repos", "repo", "python");
    assert_eq!(python["download"], found["download_alone"]);
    assert_eq!(python["one"], found["one"]["alone"]["thunks"]);
    assert!(costs["repos"]["top-level"].is_null(), "{costs:#}");
    let readme = || fs::read_to_string(forge.repo("top-level").join("README.md")).unwrap();
    assert!(!readme().contains("to download"), "{}", readme());
    family.ok(&["generate"]);
    let row = format!("| {} |", python["one"]);
    assert!(
        readme().contains("| python | ") && readme().contains(&row),
        "{}",
        readme()
    );
    // Measured again it is the same, though top-level is another.
    forge.commit("top-level");
    family.ok(&["cost", "--write"]);
    let again = fs::read_to_string(family.root.join("costs.json")).unwrap();
    assert_eq!(again, written);
    // What cannot be read is said, and is written anew.
    family.write("costs.json", "{}\n");
    let ran = family.run(&["check"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stderr.contains("no-costs"), "{}", ran.stderr);
    family.ok(&["cost", "--write"]);
    let anew = fs::read_to_string(family.root.join("costs.json")).unwrap();
    assert_eq!(anew, written);
}
