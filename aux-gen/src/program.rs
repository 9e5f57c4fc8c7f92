//! The program itself, as caches know it.

use std::fs;
use std::os::unix::fs::MetadataExt;

/// The program that runs: two builds of one version may differ.
pub(crate) fn program() -> String {
    let file = std::env::current_exe().and_then(fs::metadata);
    let build = file.map(|found| (found.size(), found.mtime(), found.mtime_nsec()));
    format!(
        "{} {:?}",
        env!("CARGO_PKG_VERSION"),
        build.unwrap_or_default()
    )
}
