//! How long a train takes, next to real Nix in the same run:
//!
//! - nothing is new: next to `nix flake update` of top-level, which only locks, and to one
//!   `nix eval` of everything;
//! - one package of one SIG has changed, which nobody else needs, and one of core that all need.
//!
//! `cargo bench -p aux-cli --bench trains [-- REPOS PACKAGES]`.

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
use std::path::{Path, PathBuf};
use std::process::Command;

use aux_test_support::git::{commit_all, git};
use timing::{aux_gen, compare, done, nix, rounds, timed};

fn main() {
    let numbers: Vec<usize> = std::env::args()
        .filter_map(|argument| argument.parse().ok())
        .collect();
    let (repos, packages) = match numbers[..] {
        [repos, packages] => (repos, packages),
        _ => (50, 5_000),
    };
    let place = tempfile::tempdir().unwrap();
    let root = family(place.path(), repos, packages);
    done(aux_gen(&root).args(["lock", "--commit"]));
    println!(
        "the first train of {repos} repos with {packages} packages: {:.1} s",
        timed(&mut update(&root)).as_secs_f64()
    );
    done(aux_gen(&root).arg("promote"));

    let nothing = rounds(|| timed(&mut update(&root)));
    let top = root.join("repos/top-level");
    let locks = rounds(|| timed(nix(&["flake", "update"]).current_dir(&top)));
    git(&top, &["checkout", "--quiet", "."]);
    let evaluates = rounds(|| timed(everything(&mut nix(&["eval"]), &top)));
    compare("a train, nothing new", &nothing, "nix flake update", &locks);
    compare("the same", &nothing, "nix eval of everything", &evaluates);

    let mut number = 0;
    let mut change = |repo: &str, package: &str| {
        number += 1;
        let shard: String = package.chars().take(2).collect();
        let repo = root.join("repos").join(repo);
        let file = repo.join(format!("pkgs/by-name/{shard}/{package}/package.nix"));
        let text =
            format!("{{ stdenv }}: stdenv.mkDerivation {{ name = \"changed-{number}\"; }}\n");
        fs::write(file, text).unwrap();
        commit_all(&repo, "x");
    };
    for (what, repo, package) in [
        ("a train, one package of a SIG has changed", "r0", "p0"),
        ("a train, one package of core has changed", "core", "tool"),
    ] {
        let ours = rounds(|| {
            change(repo, package);
            let took = timed(&mut update(&root));
            done(aux_gen(&root).arg("promote"));
            took
        });
        let theirs = rounds(|| timed(everything(&mut nix(&["eval"]), &top)));
        compare(what, &ours, "nix eval of everything", &theirs);
    }
}

fn update(root: &Path) -> Command {
    let mut command = aux_gen(root);
    command.args(["update", "--offline"]);
    command
}

/// The path of every derivation of top-level.
fn everything<'c>(command: &'c mut Command, top: &Path) -> &'c mut Command {
    let apply = "packages: builtins.mapAttrs (_: package: package.drvPath or null) packages";
    command
        .args(["--offline", "--option", "eval-cache", "false"])
        .arg(format!(
            "git+file://{}#packages.x86_64-linux",
            top.display()
        ))
        .args(["--json", "--apply", apply])
}

/// A family of git repositories, each with as many packages.
fn family(place: &Path, repos: usize, packages: usize) -> PathBuf {
    let root = place.canonicalize().unwrap();
    let mut text = format!(
        r#"format = "1.0"
organization = {{ name = "x", forge = "git+file://{}/repos", systems = ["x86_64-linux"] }}
tiers = [{{ name = "core" }}, {{ name = "sigs" }}, {{ name = "top-level" }}]
people.ada = {{}}
sigs.all.leads = ["ada"]
repos.core = {{ sig = "all", tier = "core", builders = {{ stdenv = {{}} }}, packages = {{ tool = {{}} }} }}
repos.top-level = {{ sig = "all", tier = "top-level" }}
"#,
        root.display()
    );
    for repo in 0..repos {
        let _ = write!(
            text,
            "[repos.r{repo}]\nsig = \"all\"\ntier = \"sigs\"\n[repos.r{repo}.packages]\n"
        );
        for package in (repo..packages).step_by(repos) {
            let _ = writeln!(text, "p{package} = {{}}");
        }
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
