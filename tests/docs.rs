//! Documentation that is made from the program is what the program says.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "tests run the program as users do"
)]

use std::fmt::Write;
use std::path::Path;
use std::process::Command;

/// Set to write the documentation anew instead of comparing it.
const BLESS: &str = "AUX_GEN_BLESS";

#[test]
fn every_problem_has_an_entry() {
    let output = Command::new(env!("CARGO_BIN_EXE_aux-gen"))
        .args(["explain", "--format", "json"])
        .output()
        .unwrap();
    let codes: Vec<serde_json::Value> = serde_json::from_slice(&output.stdout).unwrap();
    let mut text = String::from(
        "# Problems\n\nWhat `aux-gen check` can find. `aux-gen explain CODE` prints an entry. The codes are stable.\n",
    );
    for code in &codes {
        let part = |key: &str| code[key].as_str().unwrap();
        write!(
            text,
            "\n## `{}`\n\n{}\n\n{}\n",
            part("code"),
            part("summary"),
            part("explanation")
        )
        .unwrap();
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/problems.md");
    if std::env::var_os(BLESS).is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == text,
        "docs/problems.md is stale: run this test with {BLESS}=1"
    );
}

#[test]
fn the_library_example_of_the_readme_is_one_that_is_built() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let lines = |path: &str| -> Vec<String> {
        let text = std::fs::read_to_string(root.join(path)).unwrap();
        text.lines().map(|line| line.trim().to_owned()).collect()
    };
    let readme = lines("README.md");
    let start = readme.iter().position(|line| line == "```rust").unwrap() + 1;
    let length = readme[start..].iter().position(|line| line == "```");
    let shown = &readme[start..start + length.unwrap()];
    assert!(shown.len() > 5, "{shown:?}");
    let built = lines("aux-gen/examples/family.rs");
    assert!(
        built.windows(shown.len()).any(|part| part == shown),
        "README.md shows {shown:#?}"
    );
}
