//! What Nix takes for one package of one repo, and for all of top-level, in families of more and more repos, beside one
//! tree with the same packages. Thunks count, which are the same on every machine, and the clock beside them.
//!
//! The budget: one package of a repo alone takes the same however many repos there are.
//!
//! `cargo bench -p aux-cli --bench budget [-- REPOS]`: up to so many repos; 48 if absent.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a benchmark lays out its own files, runs programs and prints"
)]

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// How many packages each repo has.
const PACKAGES: usize = 10;

fn main() {
    let most: usize = std::env::args()
        .filter_map(|argument| argument.parse().ok())
        .next()
        .unwrap_or(48);
    let most = most.max(4);
    let mut alone = Vec::new();
    for count in [most / 4, most / 2, most] {
        let place = tempfile::tempdir().unwrap();
        lay_out(place.path(), count);
        let report = cost(place.path());
        let repos = report["result"]["repos"].as_array().unwrap();
        let of = |name: &str| repos.iter().find(|repo| repo["repo"] == name).unwrap();
        let (one, all) = (&of("r000")["one"], &of("top-level")["all"]);
        let thunks = |side: &Value| side["thunks"].as_u64().unwrap();
        let seconds = |side: &Value| side["warm"].as_f64().unwrap();
        alone.push(thunks(&one["alone"]));
        println!(
            "{count} repos of {PACKAGES} packages: one package alone {} thunks, {:.0} ms; all of top-level {} thunks, {:.0} ms; in one tree {} thunks, {:.0} ms; ratio of times {:.2}",
            thunks(&one["alone"]),
            seconds(&one["alone"]) * 1000.0,
            thunks(&all["top_level"]),
            seconds(&all["top_level"]) * 1000.0,
            thunks(&all["tree"]),
            seconds(&all["tree"]) * 1000.0,
            seconds(&all["top_level"]) / seconds(&all["tree"]),
        );
    }
    let is_same = alone.windows(2).all(|two| two[0] == two[1]);
    println!(
        "one package alone takes {} in families of all sizes",
        if is_same { "the same" } else { "more and more" }
    );
    assert!(is_same, "the budget does not hold: {alone:?}");
}

/// A family of so many repos, and a tree with all of their packages, read as nixpkgs reads its by-name directories.
fn lay_out(root: &Path, count: usize) {
    let mut manifest = String::from(
        "format = \"1.0\"\norganization = { name = \"x\", forge = \"github:x\", systems = [\"x86_64-linux\"] }\ntiers = [{ name = \"core\" }, { name = \"sigs\" }, { name = \"top-level\" }]\npeople.ada = {}\nsigs.all.leads = [\"ada\"]\nrepos.top-level = { sig = \"all\", tier = \"top-level\" }\nrepos.core = { sig = \"all\", tier = \"core\", builders = { stdenv = {} }, packages = { tool = {} } }\n",
    );
    for repo in 0..count {
        let _ = writeln!(
            manifest,
            "[repos.r{repo:03}]\nsig = \"all\"\ntier = \"sigs\"\n[repos.r{repo:03}.packages]"
        );
        for package in 0..PACKAGES {
            let _ = writeln!(
                manifest,
                "{} = {{ build = [\"core/tool\"] }}",
                name(repo, package)
            );
        }
    }
    fs::write(root.join("aux.toml"), manifest).unwrap();
    run(root, &["generate"]);
    run(root, &["generate"]);
    let tree = root.join("tree");
    for repo in 0..count {
        for package in 0..PACKAGES {
            let name = name(repo, package);
            let text = format!(
                "{{ stdenv, tool }}: stdenv.mkDerivation {{ name = \"{name}\"; inherit tool; }}\n"
            );
            let path = format!("pkgs/by-name/{}/{name}", &name[..2]);
            let of_repo = root.join(format!("repos/r{repo:03}")).join(&path);
            for place in [of_repo, tree.join(&path)] {
                fs::create_dir_all(&place).unwrap();
                fs::write(place.join("package.nix"), &text).unwrap();
            }
        }
    }
    fs::write(tree.join("default.nix"), TREE).unwrap();
}

/// A set of all by-name directories below it.
const TREE: &str = r#"{ system, ... }:
let
  call = scope: path: let f = import path; in f (builtins.intersectAttrs (builtins.functionArgs f) scope);
  folders = path: builtins.attrNames (builtins.readDir path);
  base = ./pkgs/by-name;
  found = builtins.listToAttrs (
    builtins.concatMap (
      shard:
      map (name: {
        inherit name;
        value = call packages (base + "/${shard}/${name}/package.nix");
      }) (folders (base + "/${shard}"))
    ) (folders base)
  );
  packages = found // {
    stdenv.mkDerivation =
      attributes:
      derivation ({ inherit system; builder = "/bin/sh"; } // attributes) // { meta = { }; };
    tool = packages.stdenv.mkDerivation { name = "tool"; };
  };
in
packages
"#;

fn name(repo: usize, package: usize) -> String {
    format!("p{repo:03}x{package}")
}

fn cost(root: &Path) -> Value {
    let output = program(root)
        .args([
            "--format",
            "json",
            "cost",
            "r000",
            "top-level",
            "--against",
            "tree",
        ])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn run(root: &Path, arguments: &[&str]) {
    let output = program(root).args(arguments).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
}

fn program(root: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_aux-gen"));
    command.current_dir(root);
    command
}
