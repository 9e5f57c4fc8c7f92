//! What an earlier run remembers of a registry is never another answer than reading it anew.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]
#![allow(
    clippy::disallowed_methods,
    reason = "the test edits files as people do"
)]

use std::fs;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use aux_gen::disk::{Registry, State};
use aux_model::{Family, Repo, Source};
use aux_test_support::git::{git, init};

const MANIFEST: &str = r#"format = "1.0"
include = ["sigs/*.toml"]
organization = { name = "x", forge = "github:x" }
tiers = [{ name = "core" }, { name = "sigs" }, { name = "top-level" }]
people.ada = {}
sigs.all.leads = ["ada"]
repos.core = { sig = "all", tier = "core" }
repos.top-level = { sig = "all", tier = "top-level" }
"#;

const GAMES: &str = r#"[repos.games]
sig = "all"
tier = "sigs"
kind = "external"
discover = true
layout = { "more" = "flat" }
"#;

/// A registry with two packages, in a git repository.
fn family() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    init(root);
    put(root, "aux.toml", MANIFEST);
    put(root, "sigs/games.toml", GAMES);
    put(root, "repos/games/.gitignore", "/result\n");
    put(root, "repos/games/more/go/default.nix", "{ }: { }\n");
    for name in ["chess", "checkers"] {
        put(root, &package(name), "{ }: { }\n");
    }
    git(root, &["add", "--all"]);
    folder
}

fn package(name: &str) -> String {
    format!("repos/games/pkgs/by-name/ch/{name}/package.nix")
}

fn put(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// All that reading a registry gives, or what is wrong.
fn read(root: &Path) -> String {
    let loaded = match Registry::open(root).unwrap().load() {
        Ok(loaded) => loaded,
        Err(error) => return error.to_string(),
    };
    match loaded.catalog {
        Ok(catalog) => format!("{} {:?}", told(&catalog, &loaded.sources), loaded.includes),
        Err(problems) => problems.to_string(),
    }
}

/// All that a family tells.
fn told(family: &Family, sources: &[Source]) -> String {
    let repos: Vec<&Repo> = family.repos().collect();
    let packages = repos.iter().flat_map(|repo| repo.packages.values());
    let attributes = packages.flat_map(|package| package.attributes().into_keys());
    let attributes = attributes.map(|name| family.attribute(name.as_str()));
    let layers: Vec<_> = family.layers().map(|repo| &repo.name).collect();
    let places = repos.iter().map(|repo| family.location_of_repo(repo));
    let texts = sources.iter().map(|source| (source.path(), source.text()));
    format!(
        "{:#?}\n{:?}\n{layers:?}\n{:?}\n{:?}\n{:?}",
        (repos.clone(), family.organization(), family.policy()),
        (
            family.warnings(),
            family.prices(),
            family.core(),
            family.top_level()
        ),
        attributes.collect::<Vec<_>>(),
        places.collect::<Vec<_>>(),
        texts.collect::<Vec<_>>(),
    )
}

/// What is written down; a file that is written anew is another one.
fn remembered(root: &Path) -> Vec<u64> {
    let state = State::of(root).unwrap();
    let files = ["cache/trees.bin", "cache/catalog.bin"];
    let files = files.map(|file| fs::metadata(state.path(file)));
    files.into_iter().flatten().map(|file| file.ino()).collect()
}

/// Reads until nothing is written down any more: what is as young as the reading is in doubt.
fn settle(root: &Path) {
    for _ in 0..100 {
        read(root);
        let before = remembered(root);
        read(root);
        if remembered(root) == before && before.len() == 2 {
            return;
        }
        sleep(Duration::from_millis(10));
    }
    panic!("it is never remembered");
}

/// What reading the registry gives if nothing is remembered of it.
fn anew(root: &Path) -> String {
    let (caches, aside) = (root.join(".git/aux-gen"), root.join(".git/aside"));
    fs::rename(&caches, &aside).unwrap();
    let anew = read(root);
    let _none = fs::remove_dir_all(&caches);
    fs::rename(&aside, &caches).unwrap();
    anew
}

#[test]
fn what_is_as_it_was_is_not_read_again() {
    let family = family();
    let root = family.path();
    let first = read(root);
    assert!(
        first.contains("chess") && first.contains("\"go\""),
        "{first}"
    );
    settle(root);
    let before = remembered(root);
    assert_eq!(read(root), first);
    assert_eq!(remembered(root), before);
}

#[test]
fn a_survey_is_remembered_as_a_catalog_is() {
    let family = family();
    let root = family.path();
    settle(root);
    let survey = || {
        let (survey, _) = Registry::open(root).unwrap().survey().unwrap();
        let survey = survey.unwrap();
        format!("{} {:?}", told(&survey.family, &[]), survey.problems)
    };
    let known = survey();
    let caches = root.join(".git/aux-gen");
    fs::remove_dir_all(caches).unwrap();
    assert_eq!(survey(), known);
    assert_eq!(survey(), known);
}

#[test]
fn whatever_changes_is_seen() {
    type Change = fn(&Path);
    let changes: &[(&str, Change)] = &[
        ("a package comes", |root| {
            put(root, &package("chain"), "{ }: { }\n");
        }),
        ("a package goes", |root| {
            fs::remove_dir_all(root.join(package("chess")).parent().unwrap()).unwrap();
        }),
        ("a function goes", |root| {
            fs::remove_file(root.join(package("chess"))).unwrap();
        }),
        ("a package becomes a set", |root| {
            let file = root.join(package("chess"));
            fs::rename(&file, file.with_file_name("packages.nix")).unwrap();
        }),
        ("a function becomes a link that leads nowhere", |root| {
            let file = root.join(package("chess"));
            fs::remove_file(&file).unwrap();
            symlink("nothing.nix", &file).unwrap();
        }),
        ("a folder becomes a file", |root| {
            let folder = root.join(package("chess")).parent().unwrap().to_owned();
            fs::remove_dir_all(&folder).unwrap();
            fs::write(&folder, "").unwrap();
        }),
        ("a shard comes", |root| {
            put(root, "repos/games/pkgs/by-name/go/go-2/package.nix", "");
        }),
        ("a folder without a shard comes", |root| {
            put(root, "repos/games/pkgs/by-name/tetris/package.nix", "");
        }),
        ("a package of a layout comes", |root| {
            put(root, "repos/games/more/tetris/default.nix", "");
        }),
        ("the folder of a layout goes", |root| {
            fs::remove_dir_all(root.join("repos/games/more")).unwrap();
        }),
        ("a package is ignored", |root| {
            git(root, &["rm", "--cached", "--quiet", "-r", "repos/games"]);
            put(root, "repos/games/.gitignore", "chess\n");
        }),
        ("a package is ignored by its shard", |root| {
            git(root, &["rm", "--cached", "--quiet", "-r", "repos/games"]);
            put(root, "repos/games/pkgs/by-name/ch/.gitignore", "chess\n");
        }),
        ("a package is ignored on this machine", |root| {
            git(root, &["rm", "--cached", "--quiet", "-r", "repos/games"]);
            put(root, ".git/info/exclude", "chess\n");
        }),
        ("a checkout goes", |root| {
            fs::remove_dir_all(root.join("repos/games")).unwrap();
        }),
        ("a checkout is a repository of its own", |root| {
            put(root, "repos/games/pkgs/by-name/ch/.gitignore", "chess\n");
            init(&root.join("repos/games"));
        }),
        ("another checkout is there", |root| {
            fs::rename(root.join("repos/games"), root.join("repos/old")).unwrap();
            put(root, &package("chalk"), "");
        }),
        ("a text says something else", |root| {
            // As long as it was, and as old.
            let file = root.join("sigs/games.toml");
            let before = fs::metadata(&file).unwrap().modified().unwrap();
            fs::write(&file, GAMES.replace("more", "pkgs")).unwrap();
            let file = fs::File::options().write(true).open(&file).unwrap();
            file.set_modified(before).unwrap();
        }),
        ("a file of the manifest comes", |root| {
            put(root, "sigs/more.toml", "people.bob = {}\n");
        }),
        ("a file of the manifest goes", |root| {
            fs::remove_file(root.join("sigs/games.toml")).unwrap();
        }),
        ("the manifest includes another file", |root| {
            put(root, "more/bob.toml", "people.bob = {}\n");
            let more = MANIFEST.replace("\"sigs/*.toml\"", "\"sigs/*.toml\", \"more/*.toml\"");
            put(root, "aux.toml", &more);
        }),
        ("somebody says what repos cost", |root| {
            put(root, "costs.json", "{}");
        }),
    ];
    for (what, change) in changes {
        let family = family();
        let root = family.path();
        settle(root);
        let before = read(root);
        change(root);
        let now = read(root);
        assert!(now != before, "{what}");
        assert!(now == anew(root), "{what}");
        assert!(read(root) == now, "{what}, again");
    }
}

#[test]
fn what_a_link_leads_to_is_looked_at() {
    let family = family();
    let root = family.path();
    let file = root.join(package("chess"));
    put(root, "elsewhere/chess.nix", "{ }: { }\n");
    fs::remove_file(&file).unwrap();
    symlink(root.join("elsewhere/chess.nix"), &file).unwrap();
    settle(root);
    let before = read(root);
    fs::remove_file(root.join("elsewhere/chess.nix")).unwrap();
    assert_ne!(read(root), before);
}

#[test]
fn a_link_to_a_checkout_is_looked_at_each_time() {
    let family = family();
    let root = family.path();
    let other = tempfile::tempdir().unwrap();
    let games = root.join("repos/games");
    git(root, &["rm", "--cached", "--quiet", "-r", "repos/games"]);
    fs::rename(&games, other.path().join("games")).unwrap();
    symlink(other.path().join("games"), &games).unwrap();
    let first = read(root);
    assert!(first.contains("chess"), "{first}");
    read(root);
    // Now it is committed, and could lead anywhere.
    git(root, &["add", "repos/games"]);
    git(root, &["commit", "--quiet", "--message", "link"]);
    assert_ne!(read(root), first);
}

#[test]
fn what_is_damaged_is_read_anew() {
    let family = family();
    let root = family.path();
    settle(root);
    let known = read(root);
    let state = State::of(root).unwrap();
    let files: Vec<PathBuf> = ["cache/trees.bin", "cache/catalog.bin"]
        .map(|file| state.path(file))
        .into();
    for file in &files {
        let whole = fs::read(file).unwrap();
        for length in [0, 1, whole.len() / 2, whole.len() - 1] {
            fs::write(file, &whole[..length]).unwrap();
            assert_eq!(read(root), known, "{} at {length}", file.display());
        }
        for place in (0..whole.len()).step_by(7) {
            let mut damaged = whole.clone();
            damaged[place] ^= 0x55;
            fs::write(file, damaged).unwrap();
            assert_eq!(read(root), known, "{} at {place}", file.display());
        }
    }
}

#[test]
fn nothing_is_made_for_it_where_people_look() {
    let folder = tempfile::tempdir().unwrap();
    put(
        folder.path(),
        "aux.toml",
        &MANIFEST.replace("include = [\"sigs/*.toml\"]\n", ""),
    );
    let before = read(folder.path());
    assert_eq!(read(folder.path()), before);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}
