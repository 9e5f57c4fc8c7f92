//! The hash of a tree as Nix has it: that of its Nix archive, made from git's objects.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Read};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::git::{GitError, Objects, TreeEntry, TreeEntryKind};

/// SHA-256 of a Nix archive, as `sha256-` and base64.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NarHash(String);

/// A tree cannot be hashed.
#[derive(Debug, thiserror::Error)]
pub enum TreeError {
    /// git does not have all of it.
    #[error(transparent)]
    Git(#[from] GitError),
    /// Its directories are in each other without end, for all that can be hashed: a tree
    /// may have itself many times over in few objects.
    #[error("the tree `{0}` has over {ENTRIES} files, or over {DEPTH} directories in each other")]
    Endless(String),
}

/// Files and directories of a tree that is hashed: twenty times those of nixpkgs.
const ENTRIES: usize = 2_000_000;

/// Directories in each other. No path of Linux has more than half of 4096 bytes.
const DEPTH: usize = 512;

/// Bytes of the files of an archive that are held until their place is known: `tar` has
/// them in git's order, a Nix archive in that of their names.
const HELD: u64 = 1 << 30;

impl NarHash {
    /// The hash of a tree of a repository, read piece by piece. A directory of which git has
    /// no files, a submodule, is an empty one, as `git archive` has it.
    ///
    /// # Errors
    /// When git does not have an object, or the tree has no end.
    pub fn of_tree(objects: &mut Objects, tree: &str) -> Result<Self, TreeError> {
        let mut archive = Archive::default();
        archive.text(b"nix-archive-1");
        archive.directory(objects, Some(tree), 0)?;
        let hash = archive.hash.finalize();
        Ok(Self(format!("sha256-{}", STANDARD.encode(hash))))
    }

    /// The hash of an archive in the format of `tar`, as `git archive` makes it.
    ///
    /// # Errors
    /// When it is none, has other things than files, directories and links, or more than a
    /// gibibyte.
    pub fn of_tar(tar: impl Read) -> io::Result<Self> {
        Self::of_tar_within(tar, HELD)
    }

    fn of_tar_within(tar: impl Read, limit: u64) -> io::Result<Self> {
        let mut root = BTreeMap::new();
        let (mut held, mut entries) = (0_u64, 0);
        for entry in tar::Archive::new(tar).entries()? {
            let mut entry = entry?;
            let kind = entry.header().entry_type();
            if kind.is_pax_global_extensions() {
                continue;
            }
            let path = entry.path_bytes().into_owned();
            entries += 1;
            let parts: Vec<Vec<u8>> = path
                .split(|byte| *byte == b'/')
                .filter(|part| !part.is_empty())
                .map(<[u8]>::to_vec)
                .collect();
            if parts.len() > DEPTH || entries > ENTRIES {
                return Err(io::Error::other("the archive has no end"));
            }
            let unpacked = if kind.is_dir() {
                Unpacked::Directory(BTreeMap::new())
            } else if kind.is_symlink() {
                let target = entry.link_name_bytes();
                Unpacked::Link(target.map(std::borrow::Cow::into_owned).unwrap_or_default())
            } else if kind.is_file() {
                held = held.saturating_add(entry.size());
                if held > limit {
                    return Err(io::Error::other(format!(
                        "files of more than {limit} bytes, whose archive is not held in memory"
                    )));
                }
                let mut content = Vec::new();
                entry.read_to_end(&mut content)?;
                Unpacked::File {
                    is_executable: entry.header().mode()? & EXECUTABLE != 0,
                    content,
                }
            } else {
                return Err(io::Error::other(
                    "an entry of the archive is of no known kind",
                ));
            };
            put(&mut root, &parts, unpacked);
        }
        let mut archive = Archive::default();
        archive.text(b"nix-archive-1");
        archive.unpacked(&Unpacked::Directory(root));
        let hash = archive.hash.finalize();
        Ok(Self(format!("sha256-{}", STANDARD.encode(hash))))
    }

    /// As it stands in a lock file.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for NarHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// The bit of a mode that lets an owner run a file.
const EXECUTABLE: u32 = 0o100;

/// What an archive has at a path.
enum Unpacked {
    Directory(BTreeMap<Vec<u8>, Unpacked>),
    File {
        is_executable: bool,
        content: Vec<u8>,
    },
    Link(Vec<u8>),
}

/// Puts an entry where its path says; what is there already stays.
fn put(folder: &mut BTreeMap<Vec<u8>, Unpacked>, path: &[Vec<u8>], entry: Unpacked) {
    let Some((first, rest)) = path.split_first() else {
        return;
    };
    if rest.is_empty() {
        folder.entry(first.clone()).or_insert(entry);
        return;
    }
    let below = folder.entry(first.clone());
    if let Unpacked::Directory(below) =
        below.or_insert_with(|| Unpacked::Directory(BTreeMap::new()))
    {
        put(below, rest, entry);
    }
}

/// An archive that nobody keeps: the Nix manual, "Nix Archive (NAR) format".
#[derive(Default)]
struct Archive {
    hash: Sha256,
    /// Entries so far.
    entries: usize,
}

impl Archive {
    /// Length in eight bytes, the text, and zeros up to a multiple of eight.
    fn text(&mut self, text: &[u8]) {
        let length = text.len() as u64;
        self.hash.update(length.to_le_bytes());
        self.hash.update(text);
        self.pad(length);
    }

    fn pad(&mut self, length: u64) {
        const BLOCK: u64 = 8;
        let zeros = length.next_multiple_of(BLOCK) - length;
        for _ in 0..zeros {
            self.hash.update([0]);
        }
    }

    fn texts(&mut self, texts: &[&[u8]]) {
        for text in texts {
            self.text(text);
        }
    }

    fn unpacked(&mut self, entry: &Unpacked) {
        match entry {
            Unpacked::Directory(entries) => {
                self.texts(&[b"(", b"type", b"directory"]);
                for (name, entry) in entries {
                    self.texts(&[b"entry", b"(", b"name", name, b"node"]);
                    self.unpacked(entry);
                    self.text(b")");
                }
                self.text(b")");
            }
            Unpacked::Link(target) => self.link(target),
            Unpacked::File {
                is_executable,
                content,
            } => self.file(*is_executable, content),
        }
    }

    fn link(&mut self, target: &[u8]) {
        self.texts(&[b"(", b"type", b"symlink", b"target", target, b")"]);
    }

    fn file(&mut self, is_executable: bool, content: &[u8]) {
        self.texts(&[b"(", b"type", b"regular"]);
        if is_executable {
            self.texts(&[b"executable", b""]);
        }
        self.texts(&[b"contents", content, b")"]);
    }

    fn directory(
        &mut self,
        objects: &mut Objects,
        tree: Option<&str>,
        depth: usize,
    ) -> Result<(), TreeError> {
        self.texts(&[b"(", b"type", b"directory"]);
        let mut entries = match tree {
            Some(tree) => objects.tree(tree)?,
            None => Vec::new(),
        };
        self.entries += entries.len();
        if depth > DEPTH || self.entries > ENTRIES {
            return Err(TreeError::Endless(tree.unwrap_or_default().to_owned()));
        }
        // git sorts a directory as if its name ended in `/`.
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        for entry in entries {
            self.texts(&[b"entry", b"(", b"name", &entry.name, b"node"]);
            self.node(objects, &entry, depth)?;
            self.text(b")");
        }
        self.text(b")");
        Ok(())
    }

    fn node(
        &mut self,
        objects: &mut Objects,
        entry: &TreeEntry,
        depth: usize,
    ) -> Result<(), TreeError> {
        match entry.kind {
            TreeEntryKind::Directory => {
                return self.directory(objects, Some(&entry.object), depth + 1);
            }
            TreeEntryKind::Repository => return self.directory(objects, None, depth + 1),
            TreeEntryKind::Link => {
                let target = objects.blob(&entry.object)?;
                self.link(&target);
            }
            TreeEntryKind::File | TreeEntryKind::Executable => {
                self.texts(&[b"(", b"type", b"regular"]);
                if entry.kind == TreeEntryKind::Executable {
                    self.texts(&[b"executable", b""]);
                }
                self.text(b"contents");
                let content = objects.blob_reader(&entry.object)?;
                let size = content.size();
                self.hash.update(size.to_le_bytes());
                content.each(|piece| self.hash.update(piece))?;
                self.pad(size);
                self.text(b")");
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_archive_is_not_held_beyond_a_limit() {
        let mut tar = tar::Builder::new(Vec::new());
        for name in ["a", "b"] {
            let mut header = tar::Header::new_gnu();
            header.set_size(600);
            header.set_mode(0o644);
            header.set_cksum();
            tar.append_data(&mut header, name, &[0; 600][..]).unwrap();
        }
        let tar = tar.into_inner().unwrap();
        assert!(NarHash::of_tar_within(&tar[..], 1200).is_ok());
        let refused = NarHash::of_tar_within(&tar[..], 1199).unwrap_err();
        assert!(refused.to_string().contains("1199"), "{refused}");
    }
}
