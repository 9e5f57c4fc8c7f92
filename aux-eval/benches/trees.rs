//! How long trees that are not generated take, next to the least that anybody needs for them: each
//! line is a ratio of two medians of one run on one machine.
//!
//! - vetting a by-name tree of 50,000 packages: reading and parsing the same files, in
//!   one thread, and `nixpkgs-vet` if it is on the path;
//! - a snapshot of a set of which half the attributes fail in ways that `tryEval` does not
//!   catch: one bare Nix process that evaluates only the good ones.
//!
//! `cargo bench -p aux-eval --bench trees [-- PACKAGES ATTRIBUTES]`

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a benchmark lays out its own files, runs programs and prints"
)]

use std::fmt::Write;
use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use aux_eval::snapshot::{Look, Nested, PackageSet, snapshot};
use aux_eval::vet::{TreeDescription, vet};
use aux_nix::{Limits, Nix};

/// Runs of each, of which the median counts.
const ROUNDS: usize = 5;

fn main() {
    let numbers: Vec<usize> = std::env::args()
        .filter_map(|argument| argument.parse().ok())
        .collect();
    let (packages, attributes) = match numbers[..] {
        [packages, attributes] => (packages, attributes),
        _ => (50_000, 1_000),
    };
    let place = tempfile::tempdir().unwrap();
    vetting(place.path(), packages);
    counting(place.path(), attributes);
}

fn vetting(place: &Path, packages: usize) {
    let files = tree(place, packages);
    let ours = median(|| {
        let vetted = vet(place, "", &TreeDescription::default()).unwrap();
        assert_eq!((vetted.packages, vetted.problems.len()), (packages, 0));
    });
    let bare = median(|| {
        for file in &files {
            let text = fs::read_to_string(file).unwrap();
            black_box(rnix::Root::parse(&text));
        }
    });
    let what = format!("vetting {packages} packages");
    compare(
        &what,
        ours,
        "reading and parsing their files in one thread",
        bare,
    );
    let version = Command::new("nixpkgs-vet").arg("--version").output();
    if version.is_ok() {
        let theirs = median(|| {
            let _status = Command::new("nixpkgs-vet").arg(place).output().unwrap();
        });
        compare(&what, ours, "nixpkgs-vet", theirs);
    } else {
        println!("nixpkgs-vet: not compared: it is not on the path");
    }
}

/// A by-name tree; returns its Nix files.
fn tree(root: &Path, packages: usize) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for number in 0..packages {
        let name = format!("p{}x{number}", number % 997);
        let folder = root.join("pkgs/by-name").join(&name[..2]).join(&name);
        fs::create_dir_all(&folder).unwrap();
        let text = format!(
            "{{\n  lib,\n  stdenv,\n  fetchurl,\n  openssl,\n}}:\n\nstdenv.mkDerivation rec {{\n  pname = \"{name}\";\n  version = \"1.{number}\";\n\n  src = fetchurl {{\n    url = \"https://example.org/${{pname}}-${{version}}.tar.gz\";\n    hash = \"sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\";\n  }};\n\n  patches = [ ./fix.patch ];\n  buildInputs = [ openssl ];\n\n  meta = {{\n    description = \"Package {number}\";\n    license = lib.licenses.mit;\n  }};\n}}\n"
        );
        let file = folder.join("package.nix");
        fs::write(&file, text).unwrap();
        fs::write(folder.join("fix.patch"), "").unwrap();
        files.push(file);
    }
    files
}

fn counting(place: &Path, attributes: usize) {
    let root = place.join("set");
    fs::create_dir(&root).unwrap();
    let mut set = String::from(
        "{ system, ... }:\nlet\n  drv = name: derivation { inherit name system; builder = \"/bin/sh\"; };\n  f = { needed }: needed;\n  scope = { inherit drv f; };\nin\n{\n",
    );
    // A file for each, as packages have: to show where something failed, Nix reads its
    // file up to there, byte by byte.
    let bad = ["abort \"no\"", "import ./gone.nix", "f { }", "{ }.x"];
    for number in 0..attributes / 2 {
        for (name, value) in [
            (format!("good{number}"), format!("drv \"good{number}\"")),
            (format!("bad{number}"), bad[number % bad.len()].to_owned()),
        ] {
            let _ = writeln!(set, "  {name} = import ./{name}.nix scope;");
            let text = format!("{{ drv, f }}:\n{value}\n");
            fs::write(root.join(format!("{name}.nix")), text).unwrap();
        }
    }
    set.push_str("}\n");
    fs::write(root.join("default.nix"), set).unwrap();
    let nix = Nix::find().unwrap();
    let system = "x86_64-linux".parse().unwrap();
    let look = Look {
        jobs: 1,
        nested: Nested::Named,
    };
    let ours = median(|| {
        let set = PackageSet::of_tree(&root, &system, "", &nix, &Limits::default()).unwrap();
        let found = snapshot(&nix, &set, &system, look, &|_, _| {})
            .unwrap()
            .unwrap();
        assert_eq!(found.derivations(), attributes / 2);
        assert_eq!(found.failed().count(), attributes / 2);
    });
    let expression = "set: map (name: set.${name}.drvPath) (builtins.filter (name: builtins.substring 0 4 name == \"good\") (builtins.attrNames set))";
    let expression = format!(
        "({expression}) (import {} {{ system = \"x86_64-linux\"; }})",
        root.display()
    );
    let run = |arguments: &[&str]| {
        let output = Command::new("nix-instantiate")
            .args(["--eval", "--strict", "--json"])
            .args(arguments)
            .args(["--expr", &expression])
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
    };
    let what = format!("a snapshot of {attributes} attributes, half of them failing");
    // What a snapshot does too: a real set reads back what it copied to a store.
    let bare = median(|| {
        let store = tempfile::tempdir().unwrap();
        let store = store.path().join("store");
        run(&[
            "--read-write-mode",
            "--option",
            "fsync-metadata",
            "false",
            "--store",
            &store.to_string_lossy(),
        ]);
    });
    let peer = "one Nix that evaluates the good half, with a new store";
    compare(&what, ours, peer, bare);
    let bare = median(|| run(&["--readonly-mode", "--store", "dummy://"]));
    let peer = "the same without any store, which few sets can do";
    compare(&what, ours, peer, bare);
}

fn median(mut run: impl FnMut()) -> Duration {
    let mut times: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            run();
            start.elapsed()
        })
        .collect();
    times.sort();
    times[ROUNDS / 2]
}

fn compare(what: &str, ours: Duration, peer: &str, theirs: Duration) {
    println!(
        "{what}: {:.2} s; {peer}: {:.2} s; ratio {:.2}",
        ours.as_secs_f64(),
        theirs.as_secs_f64(),
        ours.as_secs_f64() / theirs.as_secs_f64()
    );
}
