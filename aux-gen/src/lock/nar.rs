//! The hash of a tree as Nix has it: that of its Nix archive, made from git's objects.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use crate::git::{GitError, Objects, TreeEntry, TreeEntryKind};

/// SHA-256 of a Nix archive, as `sha256-` and base64.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct NarHash(String);

impl NarHash {
    /// The hash of a tree of a repository. A directory of which git has no files, a
    /// submodule, is an empty one, as `git archive` has it.
    ///
    /// # Errors
    /// When git does not have an object.
    pub fn of_tree(objects: &mut Objects, tree: &str) -> Result<Self, GitError> {
        let mut archive = Archive::default();
        archive.text(b"nix-archive-1");
        archive.directory(objects, Some(tree))?;
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

/// An archive that nobody keeps: the Nix manual, "Nix Archive (NAR) format".
#[derive(Default)]
struct Archive {
    hash: Sha256,
}

impl Archive {
    /// Length in eight bytes, the text, and zeros up to a multiple of eight.
    fn text(&mut self, text: &[u8]) {
        const BLOCK: usize = 8;
        self.hash.update((text.len() as u64).to_le_bytes());
        self.hash.update(text);
        let padding = text.len().next_multiple_of(BLOCK) - text.len();
        self.hash.update(&[0; BLOCK][..padding]);
    }

    fn texts(&mut self, texts: &[&[u8]]) {
        for text in texts {
            self.text(text);
        }
    }

    fn directory(&mut self, objects: &mut Objects, tree: Option<&str>) -> Result<(), GitError> {
        self.texts(&[b"(", b"type", b"directory"]);
        let mut entries = match tree {
            Some(tree) => objects.tree(tree)?,
            None => Vec::new(),
        };
        // git sorts a directory as if its name ended in `/`.
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        for entry in entries {
            self.texts(&[b"entry", b"(", b"name", &entry.name, b"node"]);
            self.node(objects, &entry)?;
            self.text(b")");
        }
        self.text(b")");
        Ok(())
    }

    fn node(&mut self, objects: &mut Objects, entry: &TreeEntry) -> Result<(), GitError> {
        match entry.kind {
            TreeEntryKind::Directory => return self.directory(objects, Some(&entry.object)),
            TreeEntryKind::Repository => return self.directory(objects, None),
            TreeEntryKind::Link => {
                let target = objects.blob(&entry.object)?;
                self.texts(&[b"(", b"type", b"symlink", b"target", &target]);
            }
            TreeEntryKind::File | TreeEntryKind::Executable => {
                self.texts(&[b"(", b"type", b"regular"]);
                if entry.kind == TreeEntryKind::Executable {
                    self.texts(&[b"executable", b""]);
                }
                let content = objects.blob(&entry.object)?;
                self.texts(&[b"contents", &content]);
            }
        }
        self.text(b")");
        Ok(())
    }
}
