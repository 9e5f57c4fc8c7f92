//! What ARCHITECTURE.md promises of crates and files, held against them.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_types,
    reason = "these are tests"
)]

mod crates;
mod files;
mod traits;

use std::path::{Path, PathBuf};

/// The top of the source tree.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every Rust file below a folder.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}
