//! git as people use it, with an author of the tests' own.

use std::path::Path;
use std::process::Command;

/// Who commits: name and address.
pub const ADA: (&str, &str) = ("Ada", "ada@example.org");

/// What git prints in a folder, for Ada.
#[track_caller]
pub fn git(folder: &Path, arguments: &[&str]) -> String {
    git_by(ADA, folder, arguments)
}

/// What git prints in a folder, for somebody.
#[track_caller]
pub fn git_by((name, email): (&str, &str), folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(["-c", &format!("user.name={name}")])
        .args(["-c", &format!("user.email={email}")])
        .args(arguments)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "git {arguments:?}\n{said}");
    String::from_utf8(output.stdout).unwrap()
}

/// A new repository with the branch `main`, and Ada as whose it is.
#[track_caller]
pub fn init(folder: &Path) {
    git(folder, &["init", "--quiet", "--initial-branch", "main"]);
    git(folder, &["config", "user.name", ADA.0]);
    git(folder, &["config", "user.email", ADA.1]);
}

/// Commits everything in a folder, even if nothing changed.
#[track_caller]
pub fn commit_all(folder: &Path, message: &str) {
    git(folder, &["add", "--all"]);
    let commit = ["commit", "--quiet", "--allow-empty", "-m", message];
    git(folder, &commit);
}

/// Where a branch of a repository is; nothing if it is nowhere.
#[track_caller]
#[must_use]
pub fn tip(repository: &Path, branch: &str) -> String {
    let branch = format!("refs/heads/{branch}");
    let shown = git(
        repository,
        &["for-each-ref", "--format=%(objectname)", &branch],
    );
    shown.trim().to_owned()
}
