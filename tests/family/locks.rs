//! `lock`: the whole family in one run, byte for byte as Nix does it repo by repo.

use std::fs;
use std::process::Command;

use serde_json::Value;

use crate::support::{Family, commit_all, git, init, listed, repo};

/// Core, python, and web which uses python, as git repositories whose URLs are where
/// they are.
fn family() -> Family {
    let family = Family::empty();
    let forge = format!("git+file://{}/repos", family.root.display());
    of_forge(family, &forge)
}

/// As [`family`], on a forge.
fn of_forge(family: Family, forge: &str) -> Family {
    family.ok(&["init", ".", "--name", "x", "--forge", forge]);
    family.ok(&["new-sig", "python", "--lead", "grace"]);
    family.ok(&["new-sig", "web", "--lead", "grace", "--uses", "python"]);
    for name in ["core", "python", "web", "top-level"] {
        init(&family.repo(name));
        commit(&family, name);
    }
    family
}

fn commit(family: &Family, name: &str) {
    commit_all(&family.repo(name), "x");
}

/// The lock that Nix makes of a repo, which is as it was afterwards.
fn by_nix(family: &Family, name: &str) -> String {
    let place = family.repo(name);
    let file = place.join("flake.lock");
    let ours = fs::read(&file).unwrap();
    fs::remove_file(&file).unwrap();
    let output = Command::new("nix")
        .args(["--extra-experimental-features", "nix-command flakes"])
        .args(["flake", "lock", "--offline"])
        .arg(format!("git+file://{}", place.display()))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name}: {said}");
    let theirs = fs::read_to_string(&file).unwrap();
    fs::write(&file, ours).unwrap();
    theirs
}

#[test]
fn a_family_is_locked_in_one_run_as_nix_would_lock_it() {
    let family = family();
    let (code, report) = family.json(&["lock", "--check"]);
    assert_eq!(code, 4, "{report:#}");
    assert_eq!(repo(&report, "web")["state"], "new");
    assert_eq!(repo(&report, "core")["state"], "without");
    assert!(!family.repo("web").join("flake.lock").exists());

    family.ok(&["lock", "--commit"]);
    for name in ["python", "web", "top-level"] {
        let ours = fs::read_to_string(family.repo(name).join("flake.lock")).unwrap();
        assert_eq!(ours, by_nix(&family, name), "{name}");
        assert_eq!(git(&family.repo(name), &["status", "--porcelain"]), "");
    }
    let (code, report) = family.json(&["lock", "--check"]);
    assert_eq!(code, 0, "{report:#}");
    family.ok(&["eval", "--flakes"]);

    // Core moves: everybody is behind, and each is told by how much.
    fs::write(family.repo("core").join("news"), "x").unwrap();
    commit(&family, "core");
    let head = git(&family.repo("core"), &["rev-parse", "HEAD"]);
    let (code, report) = family.json(&["lock", "--check"]);
    assert_eq!(code, 4);
    let web = repo(&report, "web");
    assert_eq!(web["state"], "stale");
    let core = &web["inputs"][0];
    assert_eq!(core["repo"], "core");
    assert_eq!(core["now"], head.trim());
    assert_ne!(core["locked"], core["now"]);
    family.ok(&["lock", "--repo", "python"]);
    assert_eq!(git(&family.repo("web"), &["status", "--porcelain"]), "");
    family.ok(&["lock", "--commit"]);
    assert_eq!(family.json(&["lock", "--check"]).0, 0);
}

#[test]
fn what_cannot_be_locked_is_named_and_stops_nobody_else() {
    let family = family();
    family.ok(&["lock", "--commit"]);
    let flake = family.repo("python").join("flake.nix");
    let text = fs::read_to_string(&flake).unwrap();
    let more = "inputs = {\n    other.url = \"github:far/away\";";
    fs::write(&flake, text.replacen("inputs = {", more, 1)).unwrap();
    commit(&family, "python");
    family.ok(&["new-sig", "games", "--lead", "grace"]);
    git(
        &family.repo("games"),
        &["init", "--quiet", "--initial-branch", "main"],
    );
    commit(&family, "games");

    let before = fs::read_to_string(family.repo("python").join("flake.lock")).unwrap();
    let (code, report) = family.json(&["lock"]);
    assert_eq!(code, 3, "{report:#}");
    // Whoever uses it would need what it wants.
    for name in ["python", "web", "top-level"] {
        let reason = listed(&report, "failed", "repo", name)["reason"]
            .as_str()
            .unwrap();
        assert!(reason.contains("(github:far/away)"), "{name}: {reason}");
        assert_eq!(repo(&report, name)["state"], "failed");
    }
    let now = fs::read_to_string(family.repo("python").join("flake.lock")).unwrap();
    assert_eq!(now, before);
    // It was locked before its first commit.
    assert_eq!(repo(&report, "games")["state"], "fresh");
    assert!(family.repo("games").join("flake.lock").exists());
}

#[test]
fn an_input_that_a_registry_would_know_and_a_filter_cost_only_those_who_use_them() {
    let family = family();
    family.ok(&["new-sig", "games", "--lead", "grace"]);
    family.ok(&["new-sig", "data", "--lead", "grace"]);
    for name in ["games", "data"] {
        git(
            &family.repo(name),
            &["init", "--quiet", "--initial-branch", "main"],
        );
        commit(&family, name);
    }
    let flake = family.repo("python").join("flake.nix");
    let core = format!("git+file://{}", family.repo("core").display());
    let text = format!(
        "{{\n  inputs.core.url = \"{core}\";\n  outputs = {{ self, core, nixpkgs, ... }}@inputs: {{ }};\n}}\n"
    );
    fs::write(&flake, text).unwrap();
    commit(&family, "python");
    let attributes = family.repo("data").join(".gitattributes");
    fs::write(attributes, "*.nix filter=lfs\n").unwrap();
    commit(&family, "data");

    let (code, report) = family.json(&["lock", "--dialect", "2.8"]);
    assert_eq!(code, 3, "{report:#}");
    let reason = |name: &str| {
        listed(&report, "failed", "repo", name)["reason"]
            .as_str()
            .unwrap_or_default()
    };
    assert!(reason("python").contains("`nixpkgs`"), "{report:#}");
    assert!(reason("python").contains("flake registry"), "{report:#}");
    assert!(reason("top-level").contains("`filter=lfs`"), "{report:#}");
    for name in ["games", "data"] {
        assert_ne!(repo(&report, name)["state"], "failed", "{report:#}");
    }
}

/// Git LFS is configured for the user by `git lfs install`, and other filters and attributes
/// are too; none of that is a property of what is locked.
#[test]
fn what_the_user_has_configured_changes_no_lock() {
    // Objects are read, or archived.
    for (family, dialect) in [
        (family(), "2.26"),
        (of_forge(Family::empty(), "github:x"), "2.8"),
        (of_forge(Family::empty(), "github:x"), "2.26"),
    ] {
        unchanged(&family, dialect);
    }
    // Nix up to 2.25 would ask that filter.
    let family = family();
    let attributes = family.repo("core").join(".gitattributes");
    fs::write(attributes, "*.nix filter=big\n").unwrap();
    commit(&family, "core");
    let (code, report) = family.json(&["lock", "--check", "--dialect", "2.8"]);
    assert_eq!(code, 3, "{report:#}");
    let reason = listed(&report, "failed", "repo", "web")["reason"]
        .as_str()
        .unwrap();
    assert!(reason.contains("`filter=big`"), "{reason}");
}

fn unchanged(family: &Family, dialect: &str) {
    let attributes = family.repo("core").join(".gitattributes");
    fs::write(attributes, "*.nix filter=big\n*.md text eol=crlf\n").unwrap();
    commit(family, "core");
    // Hashes are remembered in the registry, so that each run starts with nothing.
    let locked = |variables: &[(&str, &std::path::Path)]| {
        let _none = fs::remove_dir_all(family.root.join(".aux-gen/cache"));
        for name in ["python", "web", "top-level"] {
            let _none = fs::remove_file(family.repo(name).join("flake.lock"));
        }
        let ran = family.run_with(&["lock", "--dialect", dialect], variables);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        fs::read_to_string(family.repo("top-level").join("flake.lock")).unwrap()
    };
    let before = locked(&[]);
    let home = family.root.join("home");
    fs::create_dir_all(home.join(".config/git")).unwrap();
    let configuration =
        "[filter \"big\"]\n smudge = tr a-z A-Z\n required = true\n[core]\n autocrlf = true\n";
    fs::write(home.join(".gitconfig"), configuration).unwrap();
    fs::write(home.join(".config/git/attributes"), "* export-ignore\n").unwrap();
    let file = home.join(".gitconfig");
    let count = std::path::Path::new("1");
    for variables in [
        &[("HOME", home.as_path())][..],
        &[
            ("GIT_CONFIG_GLOBAL", file.as_path()),
            ("GIT_CONFIG_SYSTEM", &file),
        ],
        &[
            ("GIT_CONFIG_COUNT", count),
            (
                "GIT_CONFIG_KEY_0",
                std::path::Path::new("filter.big.smudge"),
            ),
            ("GIT_CONFIG_VALUE_0", std::path::Path::new("tr a-z A-Z")),
        ],
    ] {
        assert_eq!(locked(variables), before, "{variables:?}");
    }
}

#[test]
fn two_copies_of_one_repo_are_named() {
    let family = family();
    let web = family.repo("web").join("flake.nix");
    let text = fs::read_to_string(&web).unwrap();
    let again = format!(
        "inputs = {{\n    second.url = \"git+file://{}/repos/core\";",
        family.root.display()
    );
    fs::write(&web, text.replacen("inputs = {", &again, 1)).unwrap();
    commit(&family, "web");
    family.ok(&["lock", "--commit"]);
    let (code, report) = family.json(&["lock", "--check"]);
    assert_eq!(code, 4, "{report:#}");
    let copies = &repo(&report, "web")["copies"];
    assert_eq!(copies[0]["repo"], "core");
    assert_eq!(copies[0]["nodes"], serde_json::json!(["core", "second"]));
    assert_eq!(repo(&report, "python")["copies"], serde_json::json!([]));
}

#[test]
fn who_locks_a_version_without_a_fix_is_told() {
    let family = family();
    family.ok(&["lock", "--commit"]);
    let head = |name: &str| {
        git(&family.repo(name), &["rev-parse", "HEAD"])
            .trim()
            .to_owned()
    };
    for text in ["one", "two"] {
        fs::write(family.repo("core").join("news"), text).unwrap();
        commit(&family, "core");
    }
    let fix = head("core");
    let report = family.json(&["who-locks", "core"]).1;
    let versions = report["versions"].as_array().unwrap();
    let holders: Vec<&str> = versions
        .iter()
        .map(|version| version["repo"].as_str().unwrap())
        .collect();
    assert_eq!(holders, ["python", "top-level", "web"]);
    assert!(
        versions.iter().all(|version| version["behind"] == 2),
        "{report:#}"
    );

    // Python takes the fix; the others have an old core, and an old python.
    family.ok(&["lock", "--repo", "python", "--commit"]);
    let (code, report) = family.json(&["who-locks", "core", "--older-than", &fix[..10]]);
    assert_eq!(code, 3);
    let holders: Vec<&Value> = report["versions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|version| &version["repo"])
        .collect();
    assert_eq!(holders, ["top-level", "web"]);
    family.ok(&["lock", "--commit"]);
    let ran = family.ok(&["who-locks", "core", "--older-than", &fix]);
    assert!(
        ran.stderr.contains("nobody locks a core without"),
        "{}",
        ran.stderr
    );
    let refused = family.run(&["who-locks", "core", "--older-than", "nothing"]);
    assert_eq!(refused.code, 1);
    assert!(
        refused.stderr.contains("`nothing` is no commit"),
        "{}",
        refused.stderr
    );
}

/// Each lock of an allowed cycle is a commit, which the other would have to lock in turn.
#[test]
fn locks_of_an_allowed_cycle_come_to_rest() {
    let manifest = r#"
repos.a = { sig = "all", tier = "sigs", uses = { b = "*" }, packages = { pa = { build = ["b/pb"] }, qa = {} } }
repos.b = { sig = "all", tier = "sigs", uses = { a = "*" }, packages = { pb = {}, qb = { build = ["a/qa"] } } }
policy.allow = [{ repos = ["a", "b"], reason = "both", owner = "all", review = "2030-01-01" }]
"#;
    let forge = crate::support::Forge::new(&["a", "b"], manifest);
    let tips = || ["core", "a", "b", "top-level"].map(|name| forge.tip(name, "main"));
    for news in ["a", "b", "core"] {
        forge.change(news, "news", news);
        forge.family.ok(&["lock", "--commit"]);
        let before = tips();
        forge.family.ok(&["lock", "--commit"]);
        assert_eq!(tips(), before, "{news}");
        forge.family.ok(&["lock", "--check"]);
        // Nix takes them as they are, each alone.
        for name in ["a", "b"] {
            let lock = std::fs::read_to_string(forge.repo(name).join("flake.lock")).unwrap();
            let lock: serde_json::Value = serde_json::from_str(&lock).unwrap();
            let core = &lock["nodes"]["core"]["locked"]["rev"];
            assert_eq!(
                *core,
                serde_json::json!(forge.tip("core", "main")),
                "{name}"
            );
        }
    }
}
