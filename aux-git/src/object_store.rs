//! Where a repository keeps its objects: its own store, and those that it borrows from.

use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::directory::read_own;
use crate::error::GitError;
use crate::work_tree::WorkTree;

/// Where a repository has its objects.
#[derive(Debug)]
pub(crate) struct ObjectStore {
    /// What work trees of a repository share.
    pub(crate) common: PathBuf,
    /// The objects, and those that it borrows by paths that only git in this repository
    /// would follow.
    pub(crate) objects: Vec<PathBuf>,
}

/// An object store, and those that it and they borrow by relative paths, which git does not
/// follow in alternates of alternates (`gitrepository-layout`, "objects/info/alternates").
fn with_relative(objects: PathBuf) -> Vec<PathBuf> {
    /// As many as git follows.
    const MOST: usize = 5;
    let mut stores = vec![objects];
    let mut next = 0;
    while let Some(store) = stores.get(next).filter(|_| next < MOST) {
        let list = read_own(&store.join("info/alternates")).unwrap_or_default();
        let lines = list.lines().filter(|line| !line.starts_with(['#', '/']));
        let more: Vec<PathBuf> = lines
            .filter(|line| !line.is_empty())
            .map(|line| store.join(line))
            .filter(|more| more.is_dir())
            .collect();
        stores.extend(more);
        next += 1;
    }
    stores
}

/// A line of `objects/info/alternates`: a path, in quotes as in C if it has what would mean
/// something else there.
pub(crate) fn alternates_line(store: &Path) -> Vec<u8> {
    let bytes = store.as_os_str().as_bytes();
    let is_plain = !matches!(bytes.first(), Some(b'"' | b'#')) && !bytes.contains(&b'\n');
    if is_plain {
        return [bytes, b"\n"].concat();
    }
    let mut quoted = vec![b'"'];
    for byte in bytes {
        match byte {
            b'"' | b'\\' => quoted.extend([b'\\', *byte]),
            b'\n' => quoted.extend(b"\\n"),
            _ => quoted.push(*byte),
        }
    }
    quoted.extend(b"\"\n");
    quoted
}

impl WorkTree {
    /// Where the objects are, as files say it (`gitrepository-layout`): git itself would
    /// read the configuration of the repository first.
    pub(crate) fn object_store(&self) -> Result<ObjectStore, GitError> {
        let refused = |message: &str| self.failed("cat-file", message.to_owned(), None);
        let common = self
            .common_directory()
            .ok_or_else(|| refused("it is no git repository"))?;
        let config = read_own(&common.join("config")).unwrap_or_default();
        let config = config.to_lowercase();
        if config.contains("objectformat") && config.contains("sha256") {
            return Err(refused(
                "its objects have SHA-256 names, which no lock file can hold",
            ));
        }
        let objects = common.join("objects");
        if objects.is_dir() {
            Ok(ObjectStore {
                common,
                objects: with_relative(objects),
            })
        } else {
            Err(refused("it is a git repository without objects"))
        }
    }
}

/// Whether it is a clone that fetches objects when they are asked for
/// (`git-clone`, `--filter`).
pub(crate) fn is_partial(store: &ObjectStore) -> bool {
    let config = read_own(&store.common.join("config"));
    config.is_some_and(|config| config.to_lowercase().contains("promisor"))
}
