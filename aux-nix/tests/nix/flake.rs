//! Flakes, resolved and built by the real Nix and the real git.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use aux_nix::{FailureKind, Limits, Nix, NixError};
use aux_test_support::git::git;
use serde_json::json;
use tempfile::TempDir;

const CORE: &str = r#"{
  outputs = { self }: { lib.name = "core"; lib.path = "${self}"; };
}"#;

const GAMES: &str = r#"{
  inputs.core.url = "github:example/core";
  outputs =
    { self, core }:
    {
      name = "games on ${core.lib.name}";
      thrown = throw "no games";
      nested."odd name"."a.b" = 7;
      slow = builtins.foldl' (a: b: builtins.foldl' (c: d: c + d) a
        (builtins.genList (x: x) 10000)) 0 (builtins.genList (x: x) 1000000);
      impure = builtins.readFile /etc/passwd;
      imported = import (derivation { name = "x"; system = "x86_64-linux"; builder = "/bin/sh"; });
      home = builtins.getEnv "HOME";
      packages.x86_64-linux.hello = derivation {
        name = "hello";
        system = "x86_64-linux";
        builder = "/bin/sh";
        args = [ "-c" "echo ${core.lib.name} > $out" ];
      };
      packages.x86_64-linux.broken = derivation {
        name = "broken";
        system = "x86_64-linux";
        builder = "/bin/sh";
        args = [ "-c" "echo cannot >&2; exit 3" ];
      };
    };
}"#;

const ABOVE: &str = r#"{
  inputs.games.url = "github:example/games";
  outputs = { self, games }: { name = "above ${games.name}"; };
}"#;

fn nix() -> Nix {
    Nix::find().unwrap_or_else(|error| panic!("{error}; {}", error.hint().unwrap_or_default()))
}

fn write(file: PathBuf, text: &str) {
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, text).unwrap();
}

/// `core`, `games` and `above`, none of them in git.
fn family() -> (TempDir, BTreeMap<String, PathBuf>) {
    let directory = tempfile::tempdir().unwrap();
    for (name, text) in [("core", CORE), ("games", GAMES), ("above", ABOVE)] {
        write(directory.path().join(name).join("flake.nix"), text);
    }
    let overrides = BTreeMap::from([("core".to_owned(), directory.path().join("core"))]);
    (directory, overrides)
}

#[test]
fn inputs_are_overridden_and_no_lock_is_written() {
    let (family, overrides) = family();
    let games = family.path().join("games");
    let ask = |attr: &str, apply| {
        nix()
            .flake_json(&games, attr, apply, &overrides, &Limits::default())
            .unwrap()
    };
    assert_eq!(ask("name", None).unwrap(), json!("games on core"));
    assert_eq!(
        ask("name", Some("name: [ name \"\\\"\" ]")).unwrap(),
        json!(["games on core", "\""])
    );
    assert_eq!(ask("nested.\"odd name\".\"a.b\"", None).unwrap(), json!(7));
    let entries: Vec<_> = fs::read_dir(&games)
        .unwrap()
        .map(|e| e.unwrap().file_name())
        .collect();
    assert_eq!(entries, ["flake.nix"]);
}

#[test]
fn inputs_of_inputs_are_overridden() {
    let (family, _) = family();
    let at = |name: &str| family.path().join(name);
    let overrides = BTreeMap::from([
        ("games".to_owned(), at("games")),
        ("games/core".to_owned(), at("core")),
    ]);
    let answer = nix()
        .flake_json(&at("above"), "name", None, &overrides, &Limits::default())
        .unwrap();
    assert_eq!(answer.unwrap(), json!("above games on core"));
}

#[test]
fn failures_have_kinds() {
    let (family, overrides) = family();
    let games = family.path().join("games");
    let failure = |attr: &str, overrides| {
        let limits = Limits {
            total: Duration::from_secs(5),
            ..Limits::default()
        };
        nix()
            .flake_json(&games, attr, None, overrides, &limits)
            .unwrap()
            .unwrap_err()
    };
    let thrown = failure("thrown", &overrides);
    assert_eq!(thrown.reason, "no games");
    assert!(matches!(
        thrown.kind,
        FailureKind::Thrown | FailureKind::Other
    ));
    assert_eq!(
        failure("nope", &overrides).kind,
        FailureKind::MissingAttribute
    );
    assert_eq!(failure("impure", &overrides).kind, FailureKind::NotAllowed);
    assert_eq!(
        failure("imported", &overrides).kind,
        FailureKind::NotAllowed
    );
    assert_eq!(failure("slow", &overrides).kind, FailureKind::TimedOut);
    // The input is neither overridden nor locked, and nothing may be fetched.
    failure("name", &BTreeMap::new());
}

#[test]
fn nothing_of_the_environment_is_seen() {
    let (family, overrides) = family();
    let games = family.path().join("games");
    let home = nix()
        .flake_json(&games, "home", None, &overrides, &Limits::default())
        .unwrap();
    assert_eq!(home.unwrap(), json!(""));
}

#[test]
fn git_decides_which_files_a_flake_has() {
    let (family, overrides) = family();
    let nix = nix();
    let top = family.path().canonicalize().unwrap();
    let games = top.join("games");
    let reference = |directory: &Path| nix.flake_reference(directory).unwrap();
    assert_eq!(reference(&games), format!("path:{}", games.display()));

    git(&top, &["init", "--quiet"]);
    git(&top, &["add", "games"]);
    assert_eq!(
        reference(&games),
        format!("path:{}", games.display()),
        "no commit yet"
    );
    git(&top, &["commit", "--quiet", "-m", "x"]);
    assert_eq!(reference(&top), format!("git+file://{}", top.display()));
    assert_eq!(
        reference(&games),
        format!("git+file://{}?dir=games", top.display())
    );
    let core = top.join("core");
    assert_eq!(
        reference(&core),
        format!("path:{}", core.display()),
        "not tracked"
    );

    let ask = |attr: &str| {
        nix.flake_json(&games, attr, None, &overrides, &Limits::default())
            .unwrap()
    };
    assert_eq!(ask("name").unwrap(), json!("games on core"));
    // An edit that is not committed counts; a file git does not know is not there.
    write(
        games.join("flake.nix"),
        &GAMES.replace("\"games on", "\"edited games on"),
    );
    assert_eq!(ask("name").unwrap(), json!("edited games on core"));
    write(
        games.join("flake.nix"),
        &GAMES.replace("/etc/passwd", "./untracked"),
    );
    write(games.join("untracked"), "x");
    assert_eq!(ask("impure").unwrap_err().kind, FailureKind::MissingFile);
    git(&top, &["add", "."]);
    assert_eq!(ask("impure").unwrap(), json!("x"));
    assert!(!games.join("flake.lock").exists() && !top.join("flake.lock").exists());
}

#[test]
fn odd_names_work_or_are_refused() {
    let (family, overrides) = family();
    let nix = nix();
    for (name, encoded) in [("it's+a=b,c;@(d)!", false), ("sp ace é#?%", true)] {
        let odd = family.path().join(name);
        write(odd.join("flake.nix"), GAMES);
        match nix.flake_json(&odd, "name", None, &overrides, &Limits::default()) {
            Ok(answer) => assert_eq!(answer.unwrap(), json!("games on core")),
            Err(NixError::OddPath { path, .. }) => {
                assert!(
                    encoded && !nix.version().is_at_least(2, 19),
                    "{}",
                    path.display()
                );
            }
            Err(error) => panic!("{error}"),
        }
    }
}

#[test]
fn packages_are_built() {
    let (family, overrides) = family();
    let games = family.path().join("games");
    let build = |attr: &str| {
        nix()
            .flake_build(&games, attr, &overrides, &Limits::default())
            .unwrap()
    };
    let built = build("packages.x86_64-linux.hello").unwrap();
    assert_eq!(built.len(), 1);
    assert!(built[0].drv_path.to_string_lossy().ends_with("-hello.drv"));
    assert_eq!(
        fs::read_to_string(&built[0].outputs["out"]).unwrap(),
        "core\n"
    );
    let failure = build("packages.x86_64-linux.broken").unwrap_err();
    assert!(failure.reason.contains("broken.drv"), "{failure:?}");
    assert!(failure.detail.contains("exit code 3"), "{failure:?}");
    assert!(!games.join("result").exists());
}
