//! `generate --commit` on real git repositories: the generator's files, all of them
//! and nothing else.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::support::{Family, git};

fn manifest(description: &str) -> String {
    format!(
        r#"format = "1.0"
organization = {{ name = "x", forge = "github:x", description = "{description}" }}
tiers = [{{ name = "core" }}, {{ name = "sigs" }}, {{ name = "top-level" }}]
people.ada = {{}}
sigs.all.leads = ["ada"]
repos.core = {{ sig = "all", tier = "core", description = "{description}", packages = {{ hello = {{}} }} }}
repos.games = {{ sig = "all", tier = "sigs", description = "{description}", packages = {{ chess = {{}} }} }}
repos.top-level = {{ sig = "all", tier = "top-level" }}
ci.github = true
"#
    )
    .replace(&format!(", description = \"{description}\" }}\ntiers"), " }\ntiers")
}

/// A family whose repos and registry are git repositories of their own.
fn family() -> Family {
    let family = Family::of(&manifest("old"));
    family.write(".gitignore", "/repos/\n");
    for place in ["", "repos/core", "repos/games", "repos/top-level"] {
        let place = family.root.join(place);
        fs::create_dir_all(&place).unwrap();
        git(&place, &["init", "--quiet", "--initial-branch=main"]);
        git(&place, &["config", "user.name", "ada"]);
        git(&place, &["config", "user.email", "ada@example.org"]);
    }
    family.ok(&["generate", "--commit"]);
    family
}

fn lines(text: &str) -> BTreeSet<&str> {
    text.lines().collect()
}

/// The files of the last commit of a repository.
fn last(place: &Path) -> String {
    git(place, &["show", "--format=", "--name-only", "HEAD"])
}

#[test]
fn each_repository_gets_one_commit_with_all_that_is_generated() {
    let family = family();
    let games = family.repo("games");
    assert_eq!(git(&games, &["rev-list", "--count", "HEAD"]), "1\n");
    assert_eq!(git(&games, &["status", "--porcelain"]), "");
    let message = git(&games, &["log", "-1", "--format=%B"]);
    assert!(message.starts_with("Regenerate games\n\nadd "), "{message}");
    assert!(lines(&message).contains("add flake.nix"), "{message}");
    assert!(!message.contains("record"), "{message}");
    // The manifest is a person's.
    let registry = git(&family.root, &["status", "--porcelain"]);
    assert_eq!(lines(&registry), lines("?? .gitignore\n?? aux.toml\n"));
    assert!(last(&family.root).contains(".github/workflows/"));

    let again = family.ok(&["generate", "--commit"]);
    assert!(!again.stderr.contains("committed"), "{}", again.stderr);
    assert_eq!(git(&games, &["rev-list", "--count", "HEAD"]), "1\n");
}

#[test]
fn what_people_wrote_and_staged_stays_as_it_is() {
    let family = family();
    let games = family.repo("games");
    family.write("repos/games/notes.md", "mine\n");
    git(&games, &["add", "notes.md"]);
    family.write("repos/games/layer.nix", "# mine\n");
    family.write("repos/games/pkgs/by-name/ch/chess/package.nix", "{ }: 1\n");
    family.write("aux.toml", &manifest("new"));
    let (code, report) = family.json(&["generate", "--commit"]);
    assert_eq!(code, 0, "{report}");
    let of_games = report["commits"].as_array().unwrap().iter();
    let of_games: Vec<_> = of_games
        .filter(|of| of["repository"] == "repos/games")
        .collect();
    assert_eq!(of_games.len(), 1);
    assert_eq!(of_games[0]["files"]["README.md"], "update");
    assert_eq!(
        of_games[0]["commit"].as_str().unwrap(),
        git(&games, &["rev-parse", "HEAD"]).trim()
    );
    let committed = last(&games);
    let chess = "pkgs/by-name/ch/chess/package.nix";
    for file in ["notes.md", "layer.nix", chess] {
        assert!(!lines(&committed).contains(file), "{committed}");
    }
    let status = git(&games, &["status", "--porcelain"]);
    assert_eq!(
        lines(&status),
        lines("A  notes.md\n M layer.nix\n M pkgs/by-name/ch/chess/package.nix\n")
    );
}

#[test]
fn a_merge_with_what_is_not_committed_is_refused_before_anything_is_written() {
    let family = family();
    let readme = family.repo("games").join("README.md");
    let mine = fs::read_to_string(&readme).unwrap() + "my last words\n";
    fs::write(&readme, &mine).unwrap();
    family.write("aux.toml", &manifest("new"));
    let refused = family.run(&["generate", "--commit"]);
    assert_eq!(refused.code, 1);
    assert!(
        refused
            .stderr
            .contains("`repos/games/README.md` has changes of yours")
    );
    assert_eq!(fs::read_to_string(&readme).unwrap(), mine);
    assert_eq!(
        family.run(&["generate", "--check"]).code,
        4,
        "nothing was written"
    );

    git(
        &family.repo("games"),
        &["commit", "--quiet", "-am", "My last words"],
    );
    family.ok(&["generate", "--commit"]);
    let merged = fs::read_to_string(&readme).unwrap();
    assert!(merged.contains("new") && merged.ends_with("my last words\n"));
    assert_eq!(git(&family.repo("games"), &["status", "--porcelain"]), "");
}

#[test]
fn a_repository_that_refuses_stops_no_other_and_is_committed_by_a_later_run() {
    let family = family();
    let hook = family.repo("core").join(".git/hooks/pre-commit");
    fs::create_dir_all(hook.parent().unwrap()).unwrap();
    fs::write(&hook, "#!/bin/sh\necho not on a Sunday >&2\nexit 1\n").unwrap();
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).unwrap();
    family.write("aux.toml", &manifest("new"));
    let ran = family.run(&["generate", "--commit"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(
        ran.stderr.contains("not committed in repos/core"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("not on a Sunday"), "{}", ran.stderr);
    assert_eq!(git(&family.repo("games"), &["status", "--porcelain"]), "");
    assert_ne!(git(&family.repo("core"), &["status", "--porcelain"]), "");

    fs::remove_file(&hook).unwrap();
    family.ok(&["generate", "--commit"]);
    assert_eq!(git(&family.repo("core"), &["status", "--porcelain"]), "");
}

#[test]
fn a_family_in_one_repository_gets_one_commit() {
    let family = Family::of(&manifest("old"));
    git(&family.root, &["init", "--quiet"]);
    git(&family.root, &["config", "user.name", "ada"]);
    git(&family.root, &["config", "user.email", "ada@example.org"]);
    family.ok(&["generate", "--commit"]);
    assert_eq!(git(&family.root, &["rev-list", "--count", "HEAD"]), "1\n");
    assert_eq!(
        git(&family.root, &["status", "--porcelain"]),
        "?? aux.toml\n"
    );
    // What goes, goes from the repository too.
    let without = manifest("old").replace("github = true", "github = false");
    family.write("aux.toml", &without);
    family.ok(&["generate", "--commit", "--allow-removals"]);
    assert!(last(&family.root).contains(".github/workflows/family.yml"));
    assert_eq!(
        git(&family.root, &["status", "--porcelain"]),
        "?? aux.toml\n"
    );
    assert!(!family.root.join(".github/workflows").exists());
}

#[test]
fn folders_without_git_are_named() {
    let family = Family::of(&manifest("old"));
    let ran = family.ok(&["generate", "--commit"]);
    assert!(
        ran.stderr.contains("4 folders are in no git repository"),
        "{}",
        ran.stderr
    );
}

#[test]
fn the_record_is_never_committed_ahead_of_a_file_it_speaks_of() {
    let family = family();
    let games = family.repo("games");
    let readme = games.join("README.md");
    let mine = fs::read_to_string(&readme).unwrap() + "my last words\n";
    fs::write(&readme, mine).unwrap();
    git(&games, &["commit", "--quiet", "-am", "My last words"]);
    family.write("aux.toml", &manifest("new"));
    // Merged by a run that does not commit: the merge is a person's to look at.
    family.ok(&["generate"]);
    let refused = family.run(&["generate", "--commit"]);
    assert_eq!(refused.code, 1);
    let why = "`README.md` has changes of yours that are not committed";
    assert!(refused.stderr.contains(why), "{}", refused.stderr);
    let clone = family.root.join("clone");
    git(&family.root, &["clone", "--quiet", "repos/games", "clone"]);
    let of = |name: &str| fs::read_to_string(clone.join(name)).unwrap();
    let old = git(&clone, &["rev-parse", "HEAD~1:README.md"]);
    let noted = of(".aux-gen/record");
    let noted = noted.lines().find(|line| line.ends_with(" README.md"));
    assert!(of("README.md").contains("old") && noted.unwrap().contains(old.trim()));

    git(&games, &["commit", "--quiet", "-m", "Merged", "README.md"]);
    family.ok(&["generate", "--commit"]);
    assert_eq!(git(&games, &["status", "--porcelain"]), "");
}

#[test]
fn what_is_staged_of_a_generated_file_is_not_taken_away() {
    let family = family();
    let games = family.repo("games");
    let readme = games.join("README.md");
    let text = fs::read_to_string(&readme).unwrap();
    fs::write(&readme, format!("{text}staged\n")).unwrap();
    git(&games, &["add", "README.md"]);
    fs::write(&readme, text).unwrap();
    family.write("aux.toml", &manifest("new"));
    let refused = family.run(&["generate", "--commit"]);
    assert_eq!(refused.code, 1);
    assert!(
        refused.stderr.contains("`README.md` is staged in part"),
        "{}",
        refused.stderr
    );
    assert!(git(&games, &["show", ":README.md"]).ends_with("staged\n"));
}

#[test]
fn names_that_look_like_the_records_are_not_the_generators() {
    let family = family();
    family.write("repos/games/.aux-generous.md", "mine\n");
    family.write("repos/games/.aux-gen/mine/note", "mine\n");
    family.write("aux.toml", &manifest("new"));
    family.ok(&["generate", "--commit"]);
    let status = git(&family.repo("games"), &["status", "--porcelain"]);
    assert_eq!(
        lines(&status),
        lines("?? .aux-gen/mine/\n?? .aux-generous.md\n")
    );
}

#[test]
fn a_repo_behind_a_link_is_committed_where_it_lies() {
    let family = family();
    let elsewhere = tempfile::tempdir().unwrap();
    let real = elsewhere.path().join("games");
    fs::rename(family.root.join("repos/games"), &real).unwrap();
    std::os::unix::fs::symlink(&real, family.root.join("repos/games")).unwrap();
    family.write("aux.toml", &manifest("new"));
    family.ok(&["generate", "--commit"]);
    assert_eq!(git(&real, &["rev-list", "--count", "HEAD"]), "2\n");
    assert_eq!(git(&real, &["status", "--porcelain"]), "");
}

#[test]
fn what_people_have_not_committed_yet_is_named() {
    let family = family();
    git(&family.root, &["add", "aux.toml", ".gitignore"]);
    git(&family.root, &["commit", "--quiet", "-m", "The manifest"]);
    // A package with files by hand, a repo that is in no git, and a changed manifest.
    let text = manifest("old").replace("chess = {}", "chess = {}, go = {}");
    let text = text.replace(
        "repos.top-level",
        "repos.new = { sig = \"all\", tier = \"sigs\" }\nrepos.top-level",
    );
    family.write("aux.toml", &text);
    family.write("repos/games/pkgs/by-name/go/go/package.nix", "{ }: 1\n");
    family.write("repos/games/pkgs/by-name/go/go/fix.patch", "mine\n");
    let ran = family.ok(&["generate", "--commit"]);
    for expected in [
        "left in repos/games: pkgs/by-name/go/go/fix.patch, pkgs/by-name/go/go/package.nix are yours",
        "left in the registry: aux.toml is yours",
        "this folder is in no git repository: repos/new",
    ] {
        assert!(ran.stderr.contains(expected), "{expected}\n{}", ran.stderr);
    }
}
