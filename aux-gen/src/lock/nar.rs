//! The hash of a tree as Nix has it: that of its Nix archive, made from git's objects.

use std::collections::BTreeMap;
use std::io::Read;
use std::{fmt, io};

use aux_git::{GitError, Objects, TreeEntry, TreeEntryKind};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use sha2::digest::Update;
use sha2::{Digest, Sha256};

/// SHA-256 of a Nix archive, as `sha256-` and base64.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct NarHash(String);

impl TryFrom<String> for NarHash {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let hash = text
            .strip_prefix("sha256-")
            .map(|hash| STANDARD.decode(hash));
        match hash {
            Some(Ok(hash)) if hash.len() == Sha256::output_size() => Ok(Self(text)),
            _ => Err(format!("`{text}` is no hash of a Nix archive")),
        }
    }
}

impl From<NarHash> for String {
    fn from(hash: NarHash) -> Self {
        hash.0
    }
}

/// A tree cannot be hashed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TreeError {
    /// git does not have all of it.
    #[error(transparent)]
    Git(#[from] GitError),
    /// It has no end, for all that can be hashed: a few objects may be a tree that has others
    /// many times over.
    #[error("the tree `{0}` has over {ENTRIES} files, or over {DEPTH} directories in each other")]
    Endless(String),
}

/// Files and directories of a tree that is hashed: twenty times those of nixpkgs.
const ENTRIES: usize = 2_000_000;

/// Files and directories that a tree may have many times over. Each is hashed each time.
const REPEATED: usize = 100_000;

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
        Self::of_listing(&TreeListing::read(objects, tree)?, objects)
    }

    pub(super) fn of_listing(
        listing: &TreeListing,
        objects: &mut Objects,
    ) -> Result<Self, TreeError> {
        let mut archive = Archive::<Sha256>::new();
        archive.directory(listing, objects, Some(&listing.root))?;
        Ok(archive.hash())
    }

    /// The hash of an archive in the format of `tar`, as `git archive` makes it.
    ///
    /// # Errors
    /// When it is none, has other things than files, directories and links, or more than a
    /// gibibyte.
    pub(crate) fn of_tar(tar: impl Read) -> io::Result<Self> {
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
        let mut archive = Archive::<Sha256>::new();
        archive.unpacked(&Unpacked::Directory(root));
        Ok(archive.hash())
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

/// Bytes of the Nix archive of a tree of a repository: what `nix path-info --size` says of it in the store.
/// Attributes that change what git puts into an archive are not heeded.
///
/// # Errors
/// As [`NarHash::of_tree`].
pub fn nar_size(objects: &mut Objects, tree: &str) -> Result<u64, TreeError> {
    let mut archive = Archive::<Length>::new();
    archive.directory(&TreeListing::read(objects, tree)?, objects, Some(tree))?;
    Ok(archive.out.0)
}

/// Counts the bytes of an archive.
#[derive(Default)]
struct Length(u64);

impl Update for Length {
    fn update(&mut self, bytes: &[u8]) {
        self.0 += bytes.len() as u64;
    }
}

/// The directories of a tree, each of which is read once however often it is there.
#[derive(Debug)]
pub(super) struct TreeListing {
    root: String,
    /// The entries of each, in the order of a Nix archive, and its extent.
    directories: BTreeMap<String, (Vec<TreeEntry>, Extent)>,
    /// Entries of all of them.
    entries: usize,
}

/// How much is below a directory.
#[derive(Debug, Clone, Copy, Default)]
struct Extent {
    /// Paths below it.
    paths: usize,
    /// Directories in each other below it.
    depth: usize,
}

/// Whether a tree has an end: a few objects can name each other so often that they are more
/// files than any disk holds.
///
/// # Errors
/// When it has none, or git does not have all of it.
pub fn must_have_an_end(objects: &mut Objects, tree: &str) -> Result<(), TreeError> {
    TreeListing::read(objects, tree).map(drop)
}

impl TreeListing {
    /// Reads the directories of a tree.
    ///
    /// # Errors
    /// When git does not have one, or the tree has no end.
    pub(super) fn read(objects: &mut Objects, root: &str) -> Result<Self, TreeError> {
        let mut listing = Self {
            root: root.to_owned(),
            directories: BTreeMap::new(),
            entries: 0,
        };
        let extent = listing.add(objects, root, 0)?;
        let is_repeated = extent.paths > REPEATED && extent.paths / 2 > listing.entries;
        if is_repeated {
            Err(TreeError::Endless(root.to_owned()))
        } else {
            Ok(listing)
        }
    }

    fn add(
        &mut self,
        objects: &mut Objects,
        tree: &str,
        above: usize,
    ) -> Result<Extent, TreeError> {
        let endless = || TreeError::Endless(tree.to_owned());
        let mut extent = Extent::default();
        if let Some((_, known)) = self.directories.get(tree) {
            extent = *known;
        } else {
            if above > DEPTH {
                return Err(endless());
            }
            let mut entries = objects.tree(tree)?;
            // git sorts a directory as if its name ended in `/`.
            entries.sort_by(|a, b| a.name.cmp(&b.name));
            self.entries += entries.len();
            for entry in &entries {
                let mut below = Extent::default();
                if entry.kind == TreeEntryKind::Directory {
                    below = self.add(objects, &entry.object, above + 1)?;
                    below.depth += 1;
                }
                extent.paths = extent.paths.saturating_add(below.paths).saturating_add(1);
                extent.depth = extent.depth.max(below.depth);
            }
            self.directories.insert(tree.to_owned(), (entries, extent));
        }
        // One that is known may be deeper here than where it was read.
        if extent.paths > ENTRIES || above + extent.depth > DEPTH {
            Err(endless())
        } else {
            Ok(extent)
        }
    }

    /// Whether it says what git is to make of its files (`gitattributes`).
    pub(super) fn has_attributes(&self) -> bool {
        let mut entries = self.directories.values().flat_map(|(entries, _)| entries);
        entries
            .any(|entry| entry.kind != TreeEntryKind::Directory && entry.name == b".gitattributes")
    }

    fn entries(&self, tree: &str) -> &[TreeEntry] {
        self.directories
            .get(tree)
            .map_or(&[], |(entries, _)| entries)
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
struct Archive<Out> {
    out: Out,
}

impl Archive<Sha256> {
    fn hash(self) -> NarHash {
        let hash = self.out.finalize();
        NarHash(format!("sha256-{}", STANDARD.encode(hash)))
    }
}

impl<Out: Update + Default> Archive<Out> {
    fn new() -> Self {
        let mut archive = Self {
            out: Out::default(),
        };
        archive.text(b"nix-archive-1");
        archive
    }

    /// Length in eight bytes, the text, and zeros up to a multiple of eight.
    fn text(&mut self, text: &[u8]) {
        let length = text.len() as u64;
        self.out.update(&length.to_le_bytes());
        self.out.update(text);
        self.pad(length);
    }

    fn pad(&mut self, length: u64) {
        const BLOCK: u64 = 8;
        let zeros = length.next_multiple_of(BLOCK) - length;
        for _ in 0..zeros {
            self.out.update(&[0]);
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

    /// A directory; one without files if there is no tree.
    fn directory(
        &mut self,
        listing: &TreeListing,
        objects: &mut Objects,
        tree: Option<&str>,
    ) -> Result<(), TreeError> {
        self.texts(&[b"(", b"type", b"directory"]);
        for entry in tree.map(|tree| listing.entries(tree)).unwrap_or_default() {
            self.texts(&[b"entry", b"(", b"name", &entry.name, b"node"]);
            self.node(listing, objects, entry)?;
            self.text(b")");
        }
        self.text(b")");
        Ok(())
    }

    fn node(
        &mut self,
        listing: &TreeListing,
        objects: &mut Objects,
        entry: &TreeEntry,
    ) -> Result<(), TreeError> {
        match entry.kind {
            TreeEntryKind::Directory => {
                return self.directory(listing, objects, Some(&entry.object));
            }
            TreeEntryKind::Repository => return self.directory(listing, objects, None),
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
                self.out.update(&size.to_le_bytes());
                content.each(|piece| self.out.update(piece))?;
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
