//! The files one `ask` puts before Nix, and the call that evaluates them.
//!
//! Questions travel as files, not as lines typed to Nix: an expression may span
//! lines and hold any character, a syntax error stays inside its own file, and the
//! line editor of `nix repl` sees nothing but plain ASCII.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::evaluator::call::Call;
use crate::evaluator::error::NixError;
use crate::evaluator::installation::Nix;
use crate::evaluator::limits::Limits;
use crate::evaluator::reach::Network;

/// The Nix side of the protocol, a function of the nonce.
///
/// `scopedImport` evaluates a file with `scope` bound and nothing else added, and
/// unlike `import` keeps no copy. The nonce is held where no question can reach it,
/// so no question can fake a mark.
const PROTOCOL: &str = r#"nonce:
let
  scope = import ./scope.nix;
  mark = text: builtins.trace "@@${nonce} ${text}" null;
in
{
  ready = mark "ready";
  intact = name: mark "intact ${name}";
  done = name: mark "done ${name}";
  ask =
    name:
    let
      file = ./. + "/question-${name}.nix";
      json = builtins.toJSON (builtins.scopedImport { inherit scope; } file);
      attempt = builtins.tryEval json;
    in
    if attempt.success then
      mark "value ${name} ${attempt.value}"
    else
      builtins.seq (mark "caught ${name}") json;
}
"#;

/// What may be fetched where the network is allowed: whatever is no path.
const FETCHED: &str = "https:// http:// ssh:// git:// file:// git+https:// git+http:// git+ssh:// git+file:// github: gitlab: sourcehut: tarball+https://";

/// The name under which the scope itself is asked for; questions have numbers.
pub(super) const SCOPE: &str = "scope";

/// A directory with the protocol, the scope and the questions in flight.
#[derive(Debug)]
pub(super) struct Workspace<'a> {
    nix: &'a Nix,
    memory: Option<u64>,
    /// All that may be read, each both as given and with links resolved.
    readable: Vec<PathBuf>,
    directory: TempDir,
}

impl<'a> Workspace<'a> {
    pub(super) fn new(nix: &'a Nix, scope: &str, limits: &Limits) -> Result<Self, NixError> {
        let directory = tempfile::Builder::new()
            .prefix("ask-")
            .tempdir_in(nix.scratch().path())
            .map_err(NixError::file("make a directory in", nix.scratch().path()))?;
        let mut readable = vec![directory.path().to_owned(), nix.scratch().store()];
        let named = nix.reach().search_path.values();
        for allowed in limits.allowed_paths.iter().chain(named) {
            let given = std::path::absolute(allowed).map_err(NixError::file("resolve", allowed))?;
            let resolved = given
                .canonicalize()
                .map_err(NixError::file("resolve", allowed))?;
            if resolved != given {
                readable.push(given);
            }
            readable.push(resolved);
        }
        let workspace = Self {
            nix,
            memory: limits.memory,
            readable,
            directory,
        };
        workspace.write("protocol", PROTOCOL)?;
        workspace.write("scope", scope)?;
        workspace.put(SCOPE, "builtins.seq scope null")?;
        Ok(workspace)
    }

    /// Held while a process starts; see [`Scratch::opening`](super::scratch::Scratch::opening).
    pub(super) fn opening(&self) -> std::sync::MutexGuard<'_, ()> {
        self.nix.scratch().opening()
    }

    pub(super) fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Writes the question Nix will know as `name`.
    pub(super) fn put(&self, name: &str, expression: &str) -> Result<(), NixError> {
        self.write(&format!("question-{name}"), expression)
    }

    /// Writes a file of our own beside the questions.
    pub(super) fn add(&self, name: &str, text: &str) -> Result<(), NixError> {
        self.write(name, text)
    }

    pub(super) fn remove(&self, name: &str) -> Result<(), NixError> {
        let file = self.file(&format!("question-{name}"));
        fs::remove_file(&file).map_err(NixError::file("remove", file))
    }

    /// A `nix` command in this directory that may read what is allowed, and nothing else.
    ///
    /// The store is a real one in the temporary directory: a `dummy://` store
    /// refuses every `drvPath` and every copied path unless evaluation is read-only,
    /// which `nix repl` cannot be; and read-only evaluation cannot read back what it
    /// did not copy. Without flakes, because `fetchTree` and `getFlake` with a
    /// `path:` ignore the restriction in 2.8.
    pub(super) fn call(&self, command: &str) -> Call {
        let reach = self.nix.reach();
        let mut call = self
            .nix
            .call()
            .inside(self.path())
            .memory(self.memory)
            .arg(command);
        call = match reach.network {
            Network::Offline => call
                .without_flakes()
                .arg("--offline")
                .option("allowed-uris", ""),
            // What the machine's store has by its hash is not fetched again.
            Network::Allowed => call
                .option("allowed-uris", FETCHED)
                .option("substituters", "auto"),
        };
        call = call
            .arg("--store")
            .arg(self.nix.scratch().store())
            .option("restrict-eval", "true")
            .option("allow-import-from-derivation", "false")
            .option("fsync-metadata", "false");
        for (name, path) in &reach.search_path {
            let mut entry = std::ffi::OsString::from(format!("{name}="));
            entry.push(path);
            call = call.arg("-I").arg(entry);
        }
        for (number, path) in self.readable.iter().enumerate() {
            // With a name in front, a `=` in the path is not taken for the end of one.
            let mut entry = std::ffi::OsString::from(format!("readable{number}="));
            entry.push(path);
            call = call.arg("-I").arg(entry);
        }
        call
    }

    /// `text` without the places where we happened to put things.
    pub(super) fn without_places(&self, text: &str) -> String {
        let scratch = self.nix.scratch();
        text.replace(&*scratch.store_files().to_string_lossy(), "/nix/store")
            .replace(&*scratch.store().to_string_lossy(), "")
            .replace(&format!("{}/", self.path().display()), "")
            .replace(&*scratch.path().to_string_lossy(), "")
    }

    fn file(&self, name: &str) -> PathBuf {
        self.path().join(format!("{name}.nix"))
    }

    fn write(&self, name: &str, text: &str) -> Result<(), NixError> {
        let file = self.file(name);
        #[expect(clippy::disallowed_methods, reason = "a temporary folder of our own")]
        fs::write(&file, text).map_err(NixError::file("write", file))
    }
}
