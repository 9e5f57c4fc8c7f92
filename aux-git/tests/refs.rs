//! Branches: what git says of them, and moves with a lease.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

use std::path::Path;

use aux_git::WorkTree;
use aux_test_support::folders::write;
use aux_test_support::git::{commit_all, git, init, tip};

/// A repository with two commits on `main`: the folder, both commits, the first one first.
fn repository() -> (tempfile::TempDir, WorkTree, [String; 2]) {
    let folder = tempfile::tempdir().unwrap();
    init(folder.path());
    let commits = ["one", "two"].map(|text| {
        write(&folder.path().join("file"), text);
        commit_all(folder.path(), text);
        tip(folder.path(), "main")
    });
    let tree = WorkTree::of(folder.path()).unwrap();
    (folder, tree, commits)
}

fn at(folder: &Path, branch: &str) -> String {
    tip(folder, branch)
}

#[test]
fn references_that_are_not_there_are_left_out() {
    let (_folder, tree, [_, second]) = repository();
    let found = tree
        .resolve_refs(&["refs/heads/main", "refs/heads/gone", "refs/heads"])
        .unwrap();
    let found: Vec<(&str, &str)> = found.iter().map(|(name, at)| (&**name, &**at)).collect();
    assert_eq!(found, [("refs/heads/main", &*second)]);
    assert_eq!(tree.resolve_ref("refs/heads/gone").unwrap(), None);
}

#[test]
fn a_commit_is_an_ancestor_of_itself_and_of_what_follows() {
    let (_folder, tree, [first, second]) = repository();
    assert!(tree.is_ancestor(&first, &second).unwrap());
    assert!(tree.is_ancestor(&first, &first).unwrap());
    assert!(!tree.is_ancestor(&second, &first).unwrap());
    assert!(tree.is_ancestor(&first, "no-commit").is_err());
}

#[test]
fn a_reference_moves_only_from_where_it_was_seen() {
    let (folder, tree, [first, second]) = repository();
    let branch = "refs/heads/staging";
    tree.update_ref(branch, None, Some(&first)).unwrap();
    assert_eq!(at(folder.path(), "staging"), first);
    // It was seen nowhere, or somewhere else: somebody was faster.
    assert!(tree.update_ref(branch, None, Some(&second)).is_err());
    assert!(
        tree.update_ref(branch, Some(&second), Some(&second))
            .is_ok()
    );
    assert!(tree.update_ref(branch, Some(&second), None).is_err());
    assert_eq!(at(folder.path(), "staging"), first);
    tree.update_ref(branch, Some(&first), None).unwrap();
    assert_eq!(at(folder.path(), "staging"), "");
}

#[test]
fn a_prepared_reference_is_nobody_elses_to_move() {
    let (folder, tree, [first, second]) = repository();
    let branch = "refs/heads/staging";
    tree.update_ref(branch, None, Some(&first)).unwrap();
    let prepared = tree.prepare(branch, Some(&first), &second).unwrap();
    assert!(tree.lock_of(branch).unwrap().is_file());
    assert!(tree.update_ref(branch, Some(&first), None).is_err());
    drop(prepared);
    assert_eq!(at(folder.path(), "staging"), first);
    assert!(!tree.lock_of(branch).unwrap().exists());
    let prepared = tree.prepare(branch, Some(&first), &second).unwrap();
    prepared.commit().unwrap();
    assert_eq!(at(folder.path(), "staging"), second);
    assert!(tree.prepare(branch, Some(&first), &second).is_err());
}

#[test]
fn a_branch_and_a_folder_of_branches_exclude_each_other() {
    let (folder, tree, _) = repository();
    git(folder.path(), &["branch", "changes/one"]);
    let excluded = |branch: &str| tree.excludes(branch).unwrap();
    assert_eq!(excluded("changes").as_deref(), Some("changes/one"));
    assert_eq!(excluded("changes/one/more").as_deref(), Some("changes/one"));
    assert_eq!(excluded("changes/two"), None);
    assert_eq!(excluded("change"), None);
}

#[test]
fn an_empty_file_of_a_reference_is_broken_and_a_missing_one_is_not() {
    let (folder, tree, _) = repository();
    let file = folder.path().join(".git/refs/heads/empty");
    write(&file, "");
    assert!(tree.is_broken("refs/heads/empty").unwrap());
    assert!(!tree.is_broken("refs/heads/gone").unwrap());
    assert!(!tree.is_broken("refs/heads/main").unwrap());
}

#[test]
fn a_commit_with_a_file_replaced_is_the_same_each_time_and_moves_nothing() {
    let (folder, tree, [_, second]) = repository();
    let make = || {
        tree.with_files(&[&second], &[("flake.lock", "{}")], "Locks\n", 1_000_000)
            .unwrap()
    };
    let made = make();
    assert_eq!(made, make());
    assert_eq!(at(folder.path(), "main"), second);
    assert!(!folder.path().join("flake.lock").exists());
    assert!(tree.changes_only(&made, &["flake.lock"], "Locks").unwrap());
    assert!(!tree.changes_only(&made, &["flake.lock"], "Other").unwrap());
    assert!(!tree.changes_only(&made, &["file"], "Locks").unwrap());
    let names = git(folder.path(), &["ls-tree", "--name-only", &made]);
    assert_eq!(names, "file\nflake.lock\n");
    assert_eq!(tree.only_in(&made, &[&second]).unwrap(), [made.to_string()]);
    let between = tree.commits_between(&second.parse().unwrap(), &made);
    assert_eq!(between.unwrap(), [(made, "Locks".to_owned())]);
}

#[test]
fn a_symbolic_reference_says_what_it_names() {
    let (folder, tree, [first, _]) = repository();
    assert_eq!(tree.symbolic("HEAD").as_deref(), Some("refs/heads/main"));
    git(folder.path(), &["checkout", "--quiet", "--detach", &first]);
    assert_eq!(tree.symbolic("HEAD"), None);
    assert!(tree.is_named().unwrap());
}
