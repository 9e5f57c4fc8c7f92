//! Folders, as a whole.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Copies a folder with all that is in it; links are followed.
#[track_caller]
pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Writes a file and the folders that lead to it.
#[track_caller]
pub fn write(file: &Path, text: &str) {
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, text).unwrap();
}

/// The text of every file below a folder, by its path from there; but for what `skipped` names.
#[track_caller]
#[must_use]
pub fn every_file(root: &Path, skipped: &str) -> BTreeMap<String, String> {
    fn walk(root: &Path, folder: &Path, skipped: &str, files: &mut BTreeMap<String, String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(root).unwrap().display().to_string();
            // What is for one machine only: caches, as git's own index is one.
            if name == skipped || path.ends_with(".git/aux-gen") {
                continue;
            }
            if path.is_dir() {
                walk(root, &path, skipped, files);
            } else {
                let bytes = fs::read(&path).unwrap();
                files.insert(name, String::from_utf8_lossy(&bytes).into_owned());
            }
        }
    }
    let mut files = BTreeMap::new();
    walk(root, root, skipped, &mut files);
    files
}
