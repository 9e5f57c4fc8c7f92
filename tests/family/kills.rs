//! A run that is ended at any moment leaves every file old or new, and the next
//! run finishes it.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use crate::support::{Family, every_file, state};

/// A family of fifty repos.
fn manifest(description: &str) -> String {
    let mut text = String::from(
        r#"format = "1.0"
organization = { name = "x", forge = "github:x" }
tiers = [{ name = "core" }, { name = "sigs" }, { name = "top-level" }]
people.ada = {}
sigs.all.leads = ["ada"]
repos.core = { sig = "all", tier = "core", builders = { stdenv = {} } }
repos.top-level = { sig = "all", tier = "top-level" }
"#,
    );
    for repo in 0..48 {
        let _ = writeln!(
            text,
            "repos.r{repo} = {{ sig = \"all\", tier = \"sigs\", description = \"{description} {repo}\", packages = {{ p{repo} = {{}} }} }}"
        );
    }
    text
}

/// Every file below a folder that is no business of a run under way.
fn files(root: &Path) -> BTreeMap<String, String> {
    every_file(root)
}

/// Whether anything is left of a run that was under way.
fn is_left(root: &Path) -> bool {
    ["journal.json", "staged"]
        .iter()
        .any(|name| state(root, name).exists())
}

/// Makes the files that differ between two states as they are in the first.
fn restore(root: &Path, old: &BTreeMap<String, String>, now: &BTreeMap<String, String>) {
    let _none_yet = fs::remove_file(state(root, "journal.json"));
    let _none_yet = fs::remove_dir_all(state(root, "staged"));
    for name in now.keys().filter(|name| !old.contains_key(*name)) {
        fs::remove_file(root.join(name)).unwrap();
    }
    for (name, text) in old
        .iter()
        .filter(|(name, text)| now.get(*name) != Some(*text))
    {
        let path = root.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

/// As many families are worked on at once, each ended at every so many-th step.
const AT_ONCE: usize = 4;

/// How the runs after those that were ended went on.
#[derive(Default)]
struct Healed {
    finished: usize,
    rolled_back: usize,
}

#[test]
fn a_run_ended_at_any_write_is_finished_by_the_next() {
    let healed: Vec<Healed> = std::thread::scope(|scope| {
        let all: Vec<_> = (0..AT_ONCE)
            .map(|first| scope.spawn(move || end_at_every(first)))
            .collect();
        all.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let finished: usize = healed.iter().map(|healed| healed.finished).sum();
    let rolled_back: usize = healed.iter().map(|healed| healed.rolled_back).sum();
    assert!(
        finished > 100 && rolled_back > 100,
        "{finished} finished, {rolled_back} rolled back: too few to tell"
    );
}

/// Ends runs of a family at the steps on the disk from the first on, in strides: one
/// for each text that is staged, one for the journal, one for each rename, one for
/// the end.
fn end_at_every(first: usize) -> Healed {
    let family = Family::of(&manifest("old"));
    family.ok(&["generate"]);
    // Somebody's own words, which every run has to carry along.
    let readme = "repos/r7/README.md";
    let mine = |text: &str| format!("{text}my last words\n");
    let text = fs::read_to_string(family.root.join(readme)).unwrap();
    family.write(readme, &mine(&text));
    family.write("aux.toml", &manifest("new"));
    let old = files(&family.root);
    family.ok(&["generate"]);
    let new = files(&family.root);
    assert!(new[readme].ends_with("my last words\n"));
    let changed = new
        .iter()
        .filter(|(name, text)| old.get(*name) != Some(*text));
    assert!(changed.count() >= 48 * 3, "README, flake and the record");
    let mut healed = Healed::default();
    let mut now = new.clone();
    for at in (first..).step_by(AT_ONCE) {
        restore(&family.root, &old, &now);
        let ended = family.run_with_end(&["generate"], at);
        let torn = files(&family.root);
        for (name, text) in &torn {
            let (before, after) = (old.get(name), new.get(name));
            assert!(
                Some(text) == before || Some(text) == after,
                "end {at}: {name} is neither old nor new"
            );
        }
        assert!(
            old.keys().all(|name| torn.contains_key(name)),
            "end {at}: a file is gone"
        );
        if ended {
            let next = family.ok(&["generate"]);
            if next.stderr.contains("finished") {
                healed.finished += 1;
            } else {
                healed.rolled_back += 1;
            }
        }
        now = files(&family.root);
        assert!(now == new, "end {at}: the next run heals it");
        assert!(!is_left(&family.root), "end {at}: nothing is left behind");
        if !ended {
            break;
        }
    }
    healed
}

#[test]
fn a_move_ended_at_any_moment_is_made_or_not() {
    let family = Family::of(&manifest("old"));
    family.ok(&["generate"]);
    family.write(
        "repos/r1/pkgs/by-name/p1/p1/package.nix",
        "{ }: \"by hand\"\n",
    );
    let old = files(&family.root);
    let arguments = ["move", "p1", "r2", "--no-alias"];
    let mut at = 0;
    loop {
        restore(&family.root, &old, &files(&family.root));
        let _none_yet = fs::remove_dir_all(family.root.join("repos/r2/pkgs/by-name/p1/p1"));
        let ended = family.run_with_end(&arguments, at);
        let by_hand = || {
            let files = files(&family.root);
            let mut places = files.iter().filter(|(_, text)| text.contains("by hand"));
            (places.next().map(|(name, _)| name.clone()), places.count())
        };
        assert_eq!(by_hand().1, 0, "end {at}: there is one of it");
        assert!(
            by_hand().0.is_some(),
            "end {at}: hand-written work is never lost"
        );
        if !ended {
            break;
        }
        family.ok(&["generate"]);
        let manifest = fs::read_to_string(family.root.join("aux.toml")).unwrap();
        let place = by_hand().0.unwrap();
        let moved = manifest.contains("p2 = {}, p1 = {");
        let repo = if moved { "repos/r2/" } else { "repos/r1/" };
        assert!(place.starts_with(repo), "end {at}: {place}\n{manifest}");
        at += 1;
    }
    assert!(at > 10, "{at}: too few to tell");
}

/// A family whose run was ended when its journal was there.
fn half_done() -> Family {
    let family = Family::of(&manifest("old"));
    family.ok(&["generate"]);
    family.write("aux.toml", &manifest("new"));
    let mut at = 150;
    // Far enough for the journal to be there.
    while family.run_with_end(&["generate"], at) && !state(&family.root, "journal.json").exists() {
        at += 20;
    }
    family
}

#[test]
fn a_run_that_was_ended_is_finished_where_the_registry_is_now() {
    let family = half_done();
    let elsewhere = tempfile::tempdir().unwrap();
    let moved = elsewhere.path().canonicalize().unwrap().join("moved");
    fs::rename(&family.root, &moved).unwrap();
    let moved = Family::at(&moved);
    let next = moved.ok(&["generate"]);
    assert!(next.stderr.contains("finished"), "{}", next.stderr);
    assert_eq!(moved.run(&["generate", "--check"]).code, 0);
    assert!(!is_left(&moved.root));
}

#[test]
fn a_journal_that_was_copied_is_nobodys_and_the_copy_is_generated_all_the_same() {
    let family = half_done();
    let old = files(&family.root);
    let copy = Family::empty();
    let everything = format!("{}/.", family.root.display());
    let copied = std::process::Command::new("cp")
        .args(["-R", &everything])
        .arg(&copy.root)
        .status();
    assert!(copied.unwrap().success());
    let next = copy.ok(&["generate"]);
    assert!(!next.stderr.contains("finished"), "{}", next.stderr);
    assert!(files(&family.root) == old, "the first one is not touched");
    assert_eq!(copy.run(&["generate", "--check"]).code, 0);
}

#[test]
fn every_command_says_that_a_run_was_not_finished_and_it_can_be_given_up() {
    let family = half_done();
    for command in [
        &["check"][..],
        &["status"],
        &["where", "p1"],
        &["why", "p1", "stdenv"],
        &["generate", "--check"],
        &["cycles"],
        &["holds"],
    ] {
        let ran = family.run(command);
        assert!(
            ran.stderr.contains("unfinished"),
            "{command:?}\n{}",
            ran.stderr
        );
    }
    let given_up = family.ok(&["recover", "--abandon"]);
    assert!(given_up.stderr.contains("given up"), "{}", given_up.stderr);
    assert!(!is_left(&family.root));
    let again = family.ok(&["generate"]);
    assert!(!again.stderr.contains("unfinished"), "{}", again.stderr);
    assert_eq!(family.run(&["generate", "--check"]).code, 0);
}
