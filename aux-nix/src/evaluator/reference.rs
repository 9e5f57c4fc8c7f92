//! Naming a directory to Nix as a flake.

use std::path::Path;

use aux_git::WorkTree;

use crate::evaluator::error::NixError;
use crate::evaluator::flake::Pin;
use crate::evaluator::installation::Nix;
use crate::evaluator::percent::encoded;

impl Nix {
    /// The flake reference of a directory, as a person working there would use it.
    ///
    /// Inside a git work tree that is `git+file:///…`, with `?dir=` below its top:
    /// Nix then sees what git tracks, committed or not, and nothing else. A directory
    /// of which git tracks nothing, or whose repository has no commit (2.8 cannot
    /// read those), is `path:/…`: all its files.
    ///
    /// # Errors
    /// When the directory does not exist, when git fails, or with
    /// [`NixError::OddPath`] when this Nix would misread the name.
    pub fn flake_reference(&self, directory: &Path) -> Result<String, NixError> {
        let directory = directory
            .canonicalize()
            .map_err(NixError::file("resolve", directory))?;
        let reference = match self.work_tree(&directory)? {
            Some(tree) => {
                let top = tree.root();
                let mut reference = format!("git+file://{}", encoded(top));
                let below = directory.strip_prefix(top).unwrap_or(Path::new(""));
                if !below.as_os_str().is_empty() {
                    reference.push_str("?dir=");
                    reference.push_str(&encoded(below));
                }
                reference
            }
            None => format!("path:{}", encoded(&directory)),
        };
        self.must_be_read(reference, &directory)
    }

    /// The flake reference of one commit of a repository on this machine.
    ///
    /// # Errors
    /// As [`Nix::flake_reference`].
    pub(super) fn pinned_reference(&self, pin: &Pin) -> Result<String, NixError> {
        let Pin { directory, rev } = pin;
        if let Some(tree) = WorkTree::at(directory) {
            self.vouch(&tree)?;
        }
        let reference = format!("git+file://{}?rev={rev}", encoded(directory));
        self.must_be_read(reference, directory)
    }

    /// Whether this Nix can be told of a directory as a flake.
    pub fn can_name(&self, directory: &Path) -> bool {
        self.must_be_read(encoded(directory), directory).is_ok()
    }

    /// Before 2.19 the path of a reference is used without decoding it.
    fn must_be_read(&self, reference: String, directory: &Path) -> Result<String, NixError> {
        if reference.contains('%') && !self.version().is_at_least(2, 19) {
            return Err(NixError::OddPath {
                path: directory.to_owned(),
                version: self.version().clone(),
            });
        }
        Ok(reference)
    }

    /// Files of a flake that Nix does not see, because git does not track them:
    /// paths relative to the directory. None outside of a git work tree.
    ///
    /// # Errors
    /// When the directory does not exist, or when git fails.
    pub fn untracked(&self, directory: &Path) -> Result<Vec<String>, NixError> {
        match self.work_tree(directory)? {
            Some(tree) => Ok(tree.others(directory)?),
            None => Ok(Vec::new()),
        }
    }

    /// The work tree that tracks `directory`, if one does.
    fn work_tree(&self, directory: &Path) -> Result<Option<WorkTree>, NixError> {
        let Some(tree) = WorkTree::of(directory) else {
            return Ok(None);
        };
        self.vouch(&tree)?;
        let is_tracked = tree.head().is_some() && tree.tracks(directory);
        Ok(is_tracked.then_some(tree))
    }
}
