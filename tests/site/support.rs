//! The program, and a family to make sites of.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// Where the tests of the site stand.
pub(crate) fn here() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/site")
}

/// A family of every kind of thing, with hostile texts.
pub(crate) fn family() -> PathBuf {
    here().join("family")
}

pub(crate) fn aux_gen(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_aux-gen"))
        .args(arguments)
        .current_dir(folder)
        .env("SOURCE_DATE_EPOCH", "1798761600")
        .output()
        .unwrap()
}

/// The result of a command that must go well.
pub(crate) fn result(folder: &Path, arguments: &[&str]) -> Value {
    let mut all = vec!["--format", "json"];
    all.extend(arguments);
    let output = aux_gen(folder, &all);
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    let mut answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    answer["result"].take()
}

/// Makes the site of a family.
pub(crate) fn site(family: &Path, out: &Path) -> Value {
    result(family, &["site", "--out", out.to_str().unwrap()])
}
