//! How fast locks are made, next to `nix flake lock` doing the same in the same run:
//!
//! - top-level with 50 inputs;
//! - a family of 1,000 repos after core moved: `nix flake lock` is timed on some of
//!   them, one process for each, and multiplied.
//!
//! `cargo bench -p aux-cli --bench locking [-- INPUTS REPOS]`.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a benchmark lays out its own files, runs programs and prints"
)]

mod timing;

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use aux_test_support::git::{commit_all, git};
use timing::{aux_gen, compare, done, nix, rounds, timed};

/// Repos of the large family that Nix is timed on.
const SOME: usize = 20;

fn main() {
    let numbers: Vec<usize> = std::env::args()
        .filter_map(|argument| argument.parse().ok())
        .collect();
    let (inputs, repos) = match numbers[..] {
        [inputs, repos] => (inputs, repos),
        _ => (50, 1_000),
    };
    top_level(inputs);
    after_core_moved(repos);
}

/// All inputs of one flake.
fn top_level(inputs: usize) {
    let place = tempfile::tempdir().unwrap();
    let root = family(place.path(), inputs);
    let top = root.join("repos/top-level");
    let ours = rounds(|| {
        let _none_yet = fs::remove_file(top.join("flake.lock"));
        timed(aux_gen(&root).args(["lock", "--repo", "top-level"]))
    });
    let lock = fs::read(top.join("flake.lock")).unwrap();
    let theirs = rounds(|| {
        fs::remove_file(top.join("flake.lock")).unwrap();
        timed(&mut flake_lock(&top))
    });
    assert_eq!(
        fs::read(top.join("flake.lock")).unwrap(),
        lock,
        "byte for byte"
    );
    let what = format!("locking top-level with {} inputs", inputs + 1);
    compare(&what, &ours, "nix flake lock", &theirs);
}

/// Every lock of a family has another core.
fn after_core_moved(repos: usize) {
    let place = tempfile::tempdir().unwrap();
    let root = family(place.path(), repos);
    done(aux_gen(&root).arg("lock"));
    let mut moved = 0;
    let ours = rounds(|| {
        moved += 1;
        fs::write(root.join("repos/core/news"), moved.to_string()).unwrap();
        commit_all(&root.join("repos/core"), "x");
        timed(aux_gen(&root).arg("lock"))
    });
    let theirs = rounds(|| {
        (0..SOME.min(repos))
            .map(|number| {
                let repo = root.join(format!("repos/r{number}"));
                let _none_yet = fs::remove_file(repo.join("flake.lock"));
                timed(&mut flake_lock(&repo))
            })
            .sum()
    });
    let (all, some) = (repos, SOME.min(repos));
    let (all, some) = (u32::try_from(all).unwrap(), u32::try_from(some).unwrap());
    let all: Vec<Duration> = theirs.iter().map(|time| *time * all / some).collect();
    let what = format!("relocking {repos} repos and top-level after core moved");
    let peer = format!(
        "nix flake lock, {SOME} of them, times {}",
        repos / SOME.min(repos)
    );
    compare(&what, &ours, &peer, &all);
}

/// A family of git repositories, without locks.
fn family(place: &Path, repos: usize) -> std::path::PathBuf {
    let root = place.canonicalize().unwrap();
    let mut text = format!(
        r#"format = "1.0"
organization = {{ name = "x", forge = "git+file://{}/repos" }}
tiers = [{{ name = "core" }}, {{ name = "sigs" }}, {{ name = "top-level" }}]
people.ada = {{}}
sigs.all.leads = ["ada"]
repos.core = {{ sig = "all", tier = "core" }}
repos.top-level = {{ sig = "all", tier = "top-level" }}
"#,
        root.display()
    );
    for number in 0..repos {
        let _ = writeln!(
            text,
            "repos.r{number} = {{ sig = \"all\", tier = \"sigs\" }}"
        );
    }
    fs::write(root.join("aux.toml"), text).unwrap();
    done(aux_gen(&root).arg("generate"));
    for repo in fs::read_dir(root.join("repos")).unwrap() {
        let repo = repo.unwrap().path();
        git(&repo, &["init", "--quiet", "--initial-branch", "main"]);
        commit_all(&repo, "x");
    }
    root
}

fn flake_lock(repo: &Path) -> Command {
    let mut command = nix(&["flake", "lock", "--offline"]);
    command.arg(format!("git+file://{}", repo.display()));
    command
}
