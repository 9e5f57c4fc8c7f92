//! Finding Nix, and saying what to do when there is none.

use std::{
    error::Error,
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use aux_nix::{Nix, NixError};

fn script(directory: &Path, text: &str) -> PathBuf {
    let file = directory.join("nix");
    fs::write(&file, format!("#!/bin/sh\n{text}\n")).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    file
}

#[test]
fn the_installed_nix_is_found() {
    let nix = Nix::find().unwrap();
    assert!(nix.program().is_absolute());
    assert!(nix.version().is_at_least(2, 8));
}

#[test]
fn a_missing_nix_says_how_to_get_one() {
    let error = Nix::at("/nowhere/nix").unwrap_err();
    assert_eq!(
        error.to_string(),
        "`nix` is not installed: looked for `/nowhere/nix`"
    );
    assert!(error.hint().unwrap().contains("apt-get install nix-bin"));
}

#[test]
fn an_old_nix_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let program = script(directory.path(), "echo 'nix (Nix) 2.3.16'");
    let error = Nix::at(&program).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "`{}` is nix 2.3.16, but at least 2.8.0 is needed",
            program.display()
        )
    );
    assert!(error.hint().is_some());
}

#[test]
fn another_program_is_not_nix() {
    let directory = tempfile::tempdir().unwrap();
    let error = Nix::at(script(directory.path(), "echo hello")).unwrap_err();
    assert!(matches!(error, NixError::NotNix { .. }));
    assert_eq!(
        error.source().unwrap().to_string(),
        "`hello` is not what `nix --version` answers"
    );
}

#[test]
fn a_nix_that_breaks_at_once_is_no_failure_of_a_question() {
    let directory = tempfile::tempdir().unwrap();
    let program = script(
        directory.path(),
        "[ \"$1\" = --version ] && echo 'nix (Nix) 2.8.0' && exit\necho 'error: no store' >&2\nexit 1",
    );
    let nix = Nix::at(program).unwrap();
    let questions = [aux_nix::Question::new("a", "1")];
    let error = nix
        .ask("{ }", &questions, &aux_nix::Limits::default())
        .unwrap_err();
    assert!(matches!(error, NixError::Unusable { .. }), "{error}");
    assert!(
        error.to_string().ends_with("does not work here: no store"),
        "{error}"
    );
}

#[test]
fn the_environment_is_made_from_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let dump = directory.path().join("environment");
    let program = script(
        directory.path(),
        &format!("env > '{}'\necho 'nix (Nix) 2.8.0'", dump.display()),
    );
    let nix = Nix::at(program).unwrap();
    let text = fs::read_to_string(dump).unwrap();
    let home = text
        .lines()
        .find_map(|line| line.strip_prefix("HOME="))
        .unwrap();
    assert!(home.contains("aux-gen-tmp-"), "{home}");
    for line in text.lines() {
        let name = line.split('=').next().unwrap();
        assert!(
            !name.starts_with("CARGO") && !name.starts_with("RUST"),
            "{line}"
        );
        assert!(!name.starts_with("XDG_") || line.contains(home), "{line}");
    }
    for expected in ["LC_ALL=C", "GIT_CONFIG_COUNT=0", "GIT_NO_REPLACE_OBJECTS=1"] {
        assert!(
            text.lines().any(|line| line == expected),
            "{expected}: {text}"
        );
    }
    // No repository is safe that the user's own git has not accepted.
    assert!(!text.contains("safe.directory"), "{text}");
    drop(nix);
    assert!(!Path::new(home).exists(), "removed with the last clone");
}
