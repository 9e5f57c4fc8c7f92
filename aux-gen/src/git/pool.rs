//! Objects of many repositories through few processes: git reads what other repositories
//! have as alternates of its own.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::objects::Objects;
use super::{GitError, WorkTree};

/// Repositories that share a process. For each object that is in no pack git looks into
/// every one of them, so that more are not faster.
const TOGETHER: usize = 32;

/// Objects of many repositories.
#[derive(Debug, Default)]
pub struct ObjectPool {
    /// In which group the objects of a repository are, by its folder.
    groups: BTreeMap<PathBuf, usize>,
    readers: Vec<Reader>,
    /// Processes for repositories that are unlike others.
    alone: BTreeMap<PathBuf, Objects>,
}

/// The objects of some repositories.
#[derive(Debug)]
struct Reader {
    stores: Vec<PathBuf>,
    started: Option<(Objects, TempDir)>,
}

impl ObjectPool {
    /// A pool for the repositories in some folders. Nothing is started before it is asked.
    #[must_use]
    pub fn new<'p>(folders: impl IntoIterator<Item = &'p Path>) -> Self {
        let mut pool = Self::default();
        let mut stores = Vec::new();
        for folder in folders {
            if let Some(store) = store(folder) {
                stores.push((folder.to_owned(), store));
            }
        }
        for some in stores.chunks(TOGETHER) {
            for (folder, _) in some {
                pool.groups.insert(folder.clone(), pool.readers.len());
            }
            pool.readers.push(Reader {
                stores: some.iter().map(|(_, store)| store.clone()).collect(),
                started: None,
            });
        }
        pool
    }

    /// The objects of one repository, and maybe of others.
    ///
    /// # Errors
    /// When git cannot be started.
    pub fn of(&mut self, tree: &WorkTree) -> Result<&mut Objects, GitError> {
        let group = self.groups.get(tree.root()).copied();
        match group.and_then(|group| self.readers.get_mut(group)) {
            Some(reader) => reader.objects(tree),
            None => {
                if !self.alone.contains_key(tree.root()) {
                    let objects = tree.objects()?;
                    self.alone.insert(tree.root().to_owned(), objects);
                }
                let objects = self.alone.get_mut(tree.root());
                Ok(objects.expect("it was just put there"))
            }
        }
    }
}

impl Reader {
    fn objects(&mut self, tree: &WorkTree) -> Result<&mut Objects, GitError> {
        if self.started.is_none() {
            let failed = |error| tree.failed("cat-file", String::new(), Some(error));
            let folder = tempfile::tempdir().map_err(failed)?;
            // A repository with nothing of its own.
            std::fs::create_dir_all(folder.path().join("objects/info")).map_err(failed)?;
            std::fs::create_dir(folder.path().join("refs")).map_err(failed)?;
            let list: Vec<String> = self
                .stores
                .iter()
                .map(|store| format!("{}\n", store.display()))
                .collect();
            for (file, text) in [
                ("HEAD", "ref: refs/heads/main\n".to_owned()),
                ("objects/info/alternates", list.concat()),
            ] {
                let path = folder.path().join(file);
                crate::disk::create(&path, &text)
                    .map_err(|error| failed(std::io::Error::other(error)))?;
            }
            let objects = tree.objects_in(folder.path())?;
            self.started = Some((objects, folder));
        }
        let (objects, _) = self.started.as_mut().expect("it was just started");
        Ok(objects)
    }
}

/// Where the objects of an ordinary repository are; none if it is not one: a work tree of
/// another, one of which not all is here, or one that says things about its objects.
fn store(folder: &Path) -> Option<PathBuf> {
    let own = folder.join(".git");
    let store = own.join("objects");
    let is_odd = ["commondir", "refs/replace", "info/grafts"]
        .iter()
        .any(|file| own.join(file).exists());
    let text = store.to_str()?;
    // A line for each, and a quote begins one that is quoted.
    let can_be_listed = !text.contains('\n') && !text.starts_with('"') && !text.starts_with('#');
    let is_partial = std::fs::read_to_string(own.join("config"))
        .is_ok_and(|config| config.contains("promisor") || config.contains("objectformat"));
    (store.is_dir() && !is_odd && can_be_listed && !is_partial).then_some(store)
}
