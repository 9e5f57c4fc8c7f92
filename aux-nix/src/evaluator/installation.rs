//! The `nix` on this machine.

use std::collections::BTreeMap;
use std::env;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aux_git::{Setting, WorkTree, quiet};

use crate::evaluator::call::Call;
use crate::evaluator::error::NixError;
use crate::evaluator::reach::Reach;
use crate::evaluator::scratch::Scratch;
use crate::evaluator::version::NixVersion;

/// How long `nix --version` may take; it reads nothing but its configuration.
const VERSION_TIME: Duration = Duration::from_secs(30);

/// A `nix` that exists, is new enough and can be asked.
///
/// Clones share one temporary home and one throwaway store, which live as long as
/// the last of them: what one `ask` put into the store, the next finds there.
#[derive(Clone, Debug)]
pub struct Nix {
    program: PathBuf,
    version: NixVersion,
    scratch: Arc<Scratch>,
    /// The repositories that git itself, as its user has set it, works with.
    vouched: Arc<Mutex<BTreeMap<PathBuf, Vec<Setting>>>>,
    reach: Reach,
    /// Where flakes that were fetched are remembered, if longer than the program runs.
    fetches: Option<PathBuf>,
}

impl Nix {
    /// The binary named in `AUX_GEN_NIX`, or else the first `nix` in `PATH`.
    ///
    /// # Errors
    /// [`NixError::Missing`] when there is none, [`NixError::TooOld`] and
    /// [`NixError::NotNix`] when it will not do, [`NixError::Run`] when it cannot
    /// be started.
    pub fn find() -> Result<Self, NixError> {
        let candidates = match env::var_os("AUX_GEN_NIX").filter(|named| !named.is_empty()) {
            Some(named) => vec![PathBuf::from(named)],
            None => env::split_paths(&env::var_os("PATH").unwrap_or_default())
                .filter(|directory| directory.is_absolute())
                .map(|directory| directory.join("nix"))
                .collect(),
        };
        Self::first_of(candidates)
    }

    /// Uses the binary at `program`.
    ///
    /// # Errors
    /// As [`Nix::find`].
    pub fn at(program: impl Into<PathBuf>) -> Result<Self, NixError> {
        Self::first_of(vec![program.into()])
    }

    fn first_of(candidates: Vec<PathBuf>) -> Result<Self, NixError> {
        let Some(found) = candidates.iter().find(|path| is_executable(path)) else {
            return Err(NixError::Missing { looked: candidates });
        };
        // Processes are started in directories of their own, where a relative name is another file.
        let program = std::path::absolute(found).map_err(NixError::file("resolve", found))?;
        let scratch = Arc::new(Scratch::new()?);
        let output = Call::new(&scratch, &program)
            .arg("--version")
            .run(VERSION_TIME)?;
        let text = String::from_utf8_lossy(&output.stdout);
        let version: NixVersion = text.parse().map_err(|source| NixError::NotNix {
            program: program.clone(),
            source,
        })?;
        if !version.is_supported() {
            return Err(NixError::TooOld {
                program,
                found: version,
            });
        }
        Ok(Self {
            program,
            version,
            scratch,
            vouched: Arc::default(),
            reach: Reach::default(),
            fetches: None,
        })
    }

    /// The binary used.
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// The version it said it is when it was found.
    pub fn version(&self) -> &NixVersion {
        &self.version
    }

    /// The same Nix, with what it may get from outside of the folders that it is asked about.
    #[must_use]
    pub fn reaching(self, reach: Reach) -> Self {
        Self { reach, ..self }
    }

    /// The same Nix, which remembers in a folder what it fetched for flakes: which commit is
    /// which path of the store. Nothing else is remembered there, and no answer.
    #[must_use]
    pub fn remembering_fetches(self, folder: PathBuf) -> Self {
        Self {
            fetches: Some(folder),
            ..self
        }
    }

    pub(super) fn fetches(&self) -> Option<&PathBuf> {
        self.fetches.as_ref()
    }

    /// What it may get from outside of the folders that it is asked about.
    #[must_use]
    pub fn reach(&self) -> &Reach {
        &self.reach
    }

    pub(super) fn scratch(&self) -> &Scratch {
        &self.scratch
    }

    /// A call of this `nix`, not yet started.
    pub(super) fn call(&self) -> Call {
        let vouched = self.vouched.lock().unwrap_or_else(PoisonError::into_inner);
        let safe = vouched
            .keys()
            .map(|root| ("safe.directory".into(), root.clone().into_os_string()));
        let own = vouched.values().flatten().cloned();
        Call::new(&self.scratch, &self.program).with_git(own.chain(safe).collect())
    }

    /// Lets the git that Nix starts work with a repository, if git as its user has set it
    /// does: that one has the user's configuration, which says whose repositories are safe.
    /// What the repository itself configures runs nothing.
    ///
    /// # Errors
    /// When git refuses: [`NixError::Git`] has its words.
    pub fn vouch(&self, tree: &WorkTree) -> Result<(), NixError> {
        let known = || self.vouched.lock().unwrap_or_else(PoisonError::into_inner);
        if known().contains_key(tree.root()) {
            return Ok(());
        }
        tree.must_work()?;
        let mut vouched = known();
        vouched.insert(tree.root().to_owned(), quiet(tree.root()));
        // Newer ones read it through a library, which knows no such variables.
        self.scratch.trust(vouched.keys())
    }
}

fn is_executable(path: &Path) -> bool {
    path.metadata()
        .is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
}
