//! A release as one archive, as channels of Nix have it: `nixexprs.tar.xz`, with every repo of the family in it, so
//! that nobody needs flakes, or a forge.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use aux_gen::disk::{DiskError, checkout, replace};
use aux_gen::lock::LOCK;
use aux_git::{Objects, TreeEntryKind, WorkTree};
use aux_model::{Catalog, RepoName};
use lzma_rust2::{XzOptions, XzWriter};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use tar::{Builder, EntryType, Header};

use crate::release::file::{Release, ReleaseError};

/// What `nix-channel` looks for behind the address of a channel.
pub const TARBALL: &str = "nixexprs.tar.xz";

/// How much the archive is compressed: as `xz` does it unless asked otherwise.
const LEVEL: u32 = 6;

/// An archive that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tarball {
    /// Where it is.
    pub path: PathBuf,
    /// Its bytes.
    pub bytes: u64,
    /// How many files it has.
    pub files: usize,
    /// The SHA-256 of it, as hexadecimal digits.
    pub sha256: String,
    /// Inputs that are not in it, and are fetched when somebody evaluates it.
    pub fetched: Vec<String>,
}

/// Makes the archive of a release in a folder. The same release is the same bytes, whoever makes it.
///
/// # Errors
/// When a commit is not here, git refuses, or another file of that name is there.
pub fn tarball(
    root: &Path,
    catalog: &Catalog,
    release: &Release,
    folder: &Path,
) -> Result<Tarball, ReleaseError> {
    let path = folder.join(TARBALL);
    let top = &catalog.top_level().name;
    let name = format!("{}-{}", catalog.organization().name, release.name);
    let mut archive = Archive::new();
    archive.file(
        &format!("{name}/default.nix"),
        format!("# {name}: every repo of the family, as released.\nimport ./repos/{top}\n")
            .as_bytes(),
        false,
    )?;
    let mut missing = Vec::new();
    let mut fetched = Vec::new();
    for (repo, frozen) in &release.repos {
        let tree = checkout(root, &frozen.path).and_then(|path| WorkTree::at(&path));
        let Some(tree) = tree.filter(|tree| tree.commit_named(&frozen.commit).is_some()) else {
            missing.push(repo.clone());
            continue;
        };
        tree.complete(&frozen.commit)?;
        let mut objects = tree.objects()?;
        let start = objects.commit(&frozen.commit)?.tree;
        let below = format!("{name}/repos/{repo}");
        archive.tree(&mut objects, &start, &below, &mut |path, content| {
            if path != LOCK {
                return content;
            }
            // What is in the archive is not fetched.
            let (text, others) = beside(&content, release, repo);
            if repo == top {
                fetched = others;
            }
            text
        })?;
    }
    if !missing.is_empty() {
        return Err(ReleaseError::Missing(missing));
    }
    let files = archive.files;
    let bytes = archive.finish()?;
    match std::fs::read(&path) {
        Ok(there) if there == bytes => {}
        Ok(_) => return Err(ReleaseError::Other(path.display().to_string())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => replace(&path, &bytes)?,
        Err(error) => return Err(DiskError::read(&path, error).into()),
    }
    Ok(Tarball {
        bytes: bytes.len() as u64,
        sha256: hex::encode(Sha256::digest(&bytes)),
        path,
        files,
        fetched,
    })
}

/// A lock in which repos of a release are those beside it, and the inputs that are not.
fn beside(lock: &[u8], release: &Release, repo: &RepoName) -> (Vec<u8>, Vec<String>) {
    let Ok(mut value) = serde_json::from_slice::<Value>(lock) else {
        return (lock.to_vec(), Vec::new());
    };
    let commits: BTreeMap<&str, &RepoName> = release
        .repos
        .iter()
        .map(|(name, frozen)| (frozen.commit.as_str(), name))
        .collect();
    let mut others = Vec::new();
    let nodes = value.get_mut("nodes").and_then(Value::as_object_mut);
    for (name, node) in nodes.into_iter().flatten() {
        let Some(locked) = node.get_mut("locked") else {
            continue;
        };
        let rev = locked.get("rev").and_then(Value::as_str);
        match rev.and_then(|rev| commits.get(rev)) {
            Some(other) if *other != repo => {
                let mut there =
                    serde_json::json!({ "type": "path", "path": format!("../{other}") });
                if let Some(dir) = locked.get("dir") {
                    there["dir"] = dir.clone();
                }
                *locked = there;
            }
            _ => others.push(name.clone()),
        }
    }
    let text = serde_json::to_string_pretty(&value).map(|text| text + "\n");
    (
        text.map_or_else(|_| lock.to_vec(), String::into_bytes),
        others,
    )
}

/// An archive in the making: entries in the order of their names, without owners, and of one day.
struct Archive {
    tar: Builder<XzWriter<Vec<u8>>>,
    files: usize,
}

impl Archive {
    fn new() -> Self {
        let out = XzWriter::new(Vec::new(), XzOptions::with_preset(LEVEL));
        let out = out.expect("it writes to memory");
        Self {
            tar: Builder::new(out),
            files: 0,
        }
    }

    /// The files of a tree below a folder; `change` has the last word on what each says.
    fn tree(
        &mut self,
        objects: &mut Objects,
        tree: &str,
        below: &str,
        change: &mut dyn FnMut(&str, Vec<u8>) -> Vec<u8>,
    ) -> Result<(), ReleaseError> {
        for entry in objects.files_below(tree)? {
            let Ok(path) = std::str::from_utf8(&entry.name) else {
                let path = String::from_utf8_lossy(&entry.name);
                let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
                return Err(ReleaseError::Name(format!("{below}/{folder}")));
            };
            let place = format!("{below}/{path}");
            match entry.kind {
                // As in an archive of git: a folder without files.
                TreeEntryKind::Directory | TreeEntryKind::Repository => {}
                TreeEntryKind::Link => {
                    let to = objects.blob(&entry.object)?;
                    self.link(&place, &to)?;
                }
                TreeEntryKind::File | TreeEntryKind::Executable => {
                    let content = change(path, objects.blob(&entry.object)?);
                    let is_executable = entry.kind == TreeEntryKind::Executable;
                    self.file(&place, &content, is_executable)?;
                }
            }
        }
        Ok(())
    }

    fn file(
        &mut self,
        path: &str,
        content: &[u8],
        is_executable: bool,
    ) -> Result<(), ReleaseError> {
        let mut header = header(
            EntryType::Regular,
            if is_executable { 0o755 } else { 0o644 },
        );
        header.set_size(content.len() as u64);
        self.files += 1;
        let added = self.tar.append_data(&mut header, path, content);
        added.map_err(|error| ReleaseError::Archive(path.to_owned(), error))
    }

    fn link(&mut self, path: &str, to: &[u8]) -> Result<(), ReleaseError> {
        let mut header = header(EntryType::Symlink, 0o777);
        header.set_size(0);
        self.files += 1;
        let to = String::from_utf8_lossy(to).into_owned();
        let added = self.tar.append_link(&mut header, path, to);
        added.map_err(|error| ReleaseError::Archive(path.to_owned(), error))
    }

    fn finish(self) -> Result<Vec<u8>, ReleaseError> {
        let out = self.tar.into_inner();
        let bytes = out.and_then(XzWriter::finish);
        bytes.map_err(|error| ReleaseError::Archive(TARBALL.to_owned(), error))
    }
}

/// The header of an entry that is the same on every machine.
fn header(kind: EntryType, mode: u32) -> Header {
    let mut header = Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_mtime(1);
    header
}
