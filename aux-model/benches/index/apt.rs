//! The package lists that apt has downloaded.

use std::fs;
use std::path::{Path, PathBuf};

use super::Index;

const LISTS: &str = "/var/lib/apt/lists";

/// The largest list, unpacked by apt itself; none if there is none.
pub(super) fn largest_list() -> Option<Index> {
    let lists = fs::read_dir(LISTS).ok()?;
    let (_, path) = lists
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let name = entry.file_name();
            let is_list = name.to_str()?.contains("_main_binary-amd64_Packages");
            is_list.then_some((entry.metadata().ok()?.len(), entry.path()))
        })
        .max()?;
    unpacked(&path)
}

#[expect(
    clippy::disallowed_types,
    reason = "nothing else reads every compression that apt uses"
)]
fn unpacked(path: &PathBuf) -> Option<Index> {
    let output = std::process::Command::new("/usr/lib/apt/apt-helper")
        .arg("cat-file")
        .arg(path)
        .output()
        .ok()
        .filter(|output| output.status.success())?;
    let text = String::from_utf8(output.stdout).ok()?;
    let name = Path::file_name(path)?.to_string_lossy().into_owned();
    Some(Index { text, origin: name })
}
