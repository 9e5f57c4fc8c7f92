//! Objects of many repositories through few processes: git reads what other repositories
//! have as alternates of its own.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::error::GitError;
use crate::object_store::is_partial;
use crate::objects::Objects;
use crate::shadow::ShadowRepository;
use crate::work_tree::WorkTree;

/// Repositories that share a process. For each object that is in no pack git looks into
/// every one of them, so that more are not faster.
const TOGETHER: usize = 32;

/// Objects of many repositories.
#[derive(Debug, Default)]
pub struct ObjectPool {
    /// In which group the objects of a repository are, by its folder.
    groups: BTreeMap<PathBuf, usize>,
    readers: Vec<Reader>,
}

/// The objects of some repositories.
#[derive(Debug)]
struct Reader {
    stores: Vec<PathBuf>,
    started: Option<Started>,
}

#[derive(Debug)]
struct Started {
    objects: Objects,
    shadow: ShadowRepository,
}

impl ObjectPool {
    /// A pool for the repositories in some folders. Nothing is started before it is asked.
    #[must_use]
    pub fn new<'p>(folders: impl IntoIterator<Item = &'p Path>) -> Self {
        let mut pool = Self::default();
        let mut stores = Vec::new();
        for folder in folders {
            if let Some(own) = shared(folder) {
                stores.push((folder.to_owned(), own));
            }
        }
        for some in stores.chunks(TOGETHER) {
            for (folder, _) in some {
                pool.groups.insert(folder.clone(), pool.readers.len());
            }
            pool.readers.push(Reader {
                stores: some.iter().flat_map(|(_, stores)| stores.clone()).collect(),
                started: None,
            });
        }
        pool
    }

    /// The objects of one repository, and maybe of further ones.
    ///
    /// # Errors
    /// When git cannot be started, or the objects have SHA-256 names.
    pub fn of(&mut self, tree: &WorkTree) -> Result<&mut Objects, GitError> {
        Ok(self.started(tree)?.objects.about(tree))
    }

    /// A shadow that has the objects of one repository, and maybe of further ones.
    ///
    /// # Errors
    /// When it cannot be made, or the objects have SHA-256 names.
    pub fn shadow(&mut self, tree: &WorkTree) -> Result<&ShadowRepository, GitError> {
        Ok(&self.started(tree)?.shadow)
    }

    /// [`Self::shadow`] and [`Self::of`].
    ///
    /// # Errors
    /// As those.
    pub fn both(&mut self, tree: &WorkTree) -> Result<(&ShadowRepository, &mut Objects), GitError> {
        let started = self.started(tree)?;
        Ok((&started.shadow, started.objects.about(tree)))
    }

    fn started(&mut self, tree: &WorkTree) -> Result<&mut Started, GitError> {
        let number = match self.groups.get(tree.root()) {
            Some(number) => *number,
            None => {
                let number = self.readers.len();
                self.readers.push(Reader {
                    stores: Vec::new(),
                    started: None,
                });
                self.groups.insert(tree.root().to_owned(), number);
                number
            }
        };
        let reader = &mut self.readers[number];
        if reader.started.is_none() {
            reader.started = Some(reader.start(tree)?);
        }
        Ok(reader.started.as_mut().expect("it was just started"))
    }
}

impl Reader {
    fn start(&self, tree: &WorkTree) -> Result<Started, GitError> {
        if !self.stores.is_empty() {
            let shadow = ShadowRepository::over(tree, &self.stores)?;
            let objects = shadow.objects()?;
            return Ok(Started { objects, shadow });
        }
        let shadow = ShadowRepository::of(tree)?;
        let is_partial = tree.object_store().is_ok_and(|store| is_partial(&store));
        let objects = if is_partial {
            tree.objects()?
        } else {
            shadow.objects()?
        };
        Ok(Started { objects, shadow })
    }
}

/// Where the objects of a repository are that can share a process; none if it must have
/// one of its own, as one of which not all is here.
fn shared(folder: &Path) -> Option<Vec<PathBuf>> {
    let tree = WorkTree::at(folder)?;
    let store = tree.object_store().ok()?;
    let is_whole = !store.common.join("shallow").exists() && !is_partial(&store);
    is_whole.then_some(store.objects)
}
