//! Shadows: repositories of our own, in a folder for this run, that have the objects of
//! others and nothing else of them.
//!
//! A repository brings along what its owner or the machine has set: filters, replace refs,
//! grafts, attributes beside the tree, hooks, an fsmonitor. In a shadow git sees none of it,
//! nor the user's and the system's configuration, so that what it says of a commit is the
//! same on every machine. A shadow never writes to the repositories whose objects it has.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{fs, io};

use aux_process::ScratchFolder;

use crate::call::{SHOWN, said, sealed};
use crate::directory::read_own;
use crate::error::GitError;
use crate::object_store::alternates_line;
use crate::objects::Objects;
use crate::work_tree::WorkTree;

/// Objects of some repositories, in a bare repository of our own.
#[derive(Debug)]
pub struct ShadowRepository {
    folder: ScratchFolder,
    /// The repository that messages name.
    shown: WorkTree,
}

/// An attribute that a tree gives one of its files (`gitattributes`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileAttribute {
    /// The path in the tree; what is no text in it is replaced.
    pub path: String,
    /// The attribute.
    pub name: String,
    /// `set`, or the value that it is set to.
    pub value: String,
}

impl ShadowRepository {
    /// A shadow of one repository. The history of a shallow clone ends where that ends.
    ///
    /// # Errors
    /// When the folder is no repository, its objects have SHA-256 names, or the shadow
    /// cannot be made.
    pub fn of(tree: &WorkTree) -> Result<Self, GitError> {
        let store = tree.object_store()?;
        let shadow = Self::over(tree, &store.objects)?;
        if let Some(shallow) = read_own(&store.common.join("shallow")) {
            shadow.put("shallow", shallow.as_bytes())?;
        }
        Ok(shadow)
    }

    /// A shadow of several object stores (`gitrepository-layout`, "objects"), none of a
    /// shallow clone: where one history ends says nothing of the others. Messages name
    /// `shown`.
    ///
    /// # Errors
    /// When the shadow cannot be made.
    pub fn over(shown: &WorkTree, stores: &[PathBuf]) -> Result<Self, GitError> {
        let failed = |error| shown.failed("init", String::new(), Some(error));
        let folder = ScratchFolder::new().map_err(failed)?;
        fs::create_dir_all(folder.path().join("objects/info")).map_err(failed)?;
        fs::create_dir_all(folder.path().join("refs/heads")).map_err(failed)?;
        let shadow = Self {
            folder,
            shown: shown.clone(),
        };
        let mut list = Vec::new();
        for store in stores {
            list.extend(alternates_line(store));
        }
        shadow.put("HEAD", b"ref: refs/heads/main\n")?;
        shadow.put("objects/info/alternates", &list)?;
        Ok(shadow)
    }

    /// The folder, which is a bare repository as long as this lives.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Starts to read objects.
    ///
    /// # Errors
    /// When git cannot be started.
    pub fn objects(&self) -> Result<Objects, GitError> {
        Objects::start(&self.shown, Some(self.path().to_owned()))
    }

    /// Gives the shadow a branch that names a commit, checks it out in name, and moves it
    /// there if the shadow has it already.
    ///
    /// # Errors
    /// When git refuses the name, or there is no such commit.
    pub fn branch(&self, name: &str, commit: &str) -> Result<(), GitError> {
        let reference = format!("refs/heads/{name}");
        let commit = format!("{commit}^{{commit}}");
        self.output(&["update-ref", "--end-of-options", &reference, &commit])?;
        self.output(&["symbolic-ref", "HEAD", &reference])?;
        Ok(())
    }

    /// Hands on the files of a commit as `git archive` gives them, in the format of `tar`,
    /// as they come.
    ///
    /// No filter is run: a file that is kept elsewhere, as with Git LFS, is the pointer that
    /// was committed. The attributes `export-ignore`, `export-subst`, `eol` and the like are
    /// those of the tree.
    ///
    /// # Errors
    /// When git does not have all of it, or `read` fails.
    pub fn archive<T>(
        &self,
        commit: &str,
        read: impl FnOnce(&mut dyn Read) -> io::Result<T>,
    ) -> Result<T, GitError> {
        self.shown.complete(commit)?;
        let words = ["archive", "--format=tar", commit];
        let failed = |message, error| self.shown.failed(&words.join(" "), message, error);
        let started = |error| failed("it cannot be started".to_owned(), Some(error));
        let mut errors = tempfile::tempfile().map_err(started)?;
        let stderr = errors.try_clone().map_err(started)?;
        let mut git = self
            .command(&words)
            .stdin(Stdio::null())
            .stderr(stderr)
            .spawn()
            .map_err(started)?;
        let answer = match git.stdout.take() {
            Some(mut stdout) => {
                let answer = read(&mut stdout);
                // Git's own end matters: an archive that breaks off looks whole if it
                // breaks off between files.
                let rest = answer
                    .is_ok()
                    .then(|| io::copy(&mut stdout, &mut io::sink()));
                answer.and_then(|answer| rest.transpose().map(|_| answer))
            }
            None => Err(io::ErrorKind::BrokenPipe.into()),
        };
        if answer.is_err() {
            // It may still have gigabytes to say.
            let _ended = git.kill();
        }
        let status = git.wait().map_err(started)?;
        let words = said(&mut errors);
        match answer {
            // What git says is the cause if it says anything.
            Err(_) if !words.is_empty() => Err(failed(words, None)),
            Err(error) => Err(failed(error.to_string(), Some(error))),
            Ok(_) if !status.success() => Err(failed(words, None)),
            Ok(answer) => Ok(answer),
        }
    }

    /// How many commits one and those before it are. Replace refs and grafts, which are one
    /// repository's own, change nothing.
    ///
    /// # Errors
    /// When git does not have all of them.
    pub fn count(&self, commit: &str) -> Result<u64, GitError> {
        let said = self.output(&["rev-list", "--count", "--end-of-options", commit])?;
        let said = String::from_utf8_lossy(&said).trim().to_owned();
        said.parse().map_err(|_| {
            let message = format!("it said `{said}`");
            self.shown.failed("rev-list --count", message, None)
        })
    }

    /// Where the files of a tree have these attributes by its own `.gitattributes`; a file
    /// for which one is unset or not mentioned is left out.
    ///
    /// # Errors
    /// When git does not have the tree, or refuses one of its paths.
    pub fn attributes(&self, tree: &str, names: &[&str]) -> Result<Vec<FileAttribute>, GitError> {
        /// Path, attribute and value, each with a 0 behind it.
        const FIELDS: usize = 3;
        self.output(&["read-tree", "--end-of-options", tree])?;
        let failed = |error| self.shown.failed("check-attr", String::new(), Some(error));
        let mut paths = tempfile::tempfile().map_err(failed)?;
        let listed = self.output(&["ls-files", "-z"])?;
        paths.write_all(&listed).map_err(failed)?;
        paths.rewind().map_err(failed)?;
        let words = [&["check-attr", "--cached", "-z", "--stdin"], names].concat();
        // From a file: it answers before it has read everything, so that two pipes would
        // wait for each other.
        let output = self.command(&words).stdin(paths).output();
        let answer = self.shown.heard(&words, output)?;
        let text = |field: &[u8]| String::from_utf8_lossy(field).into_owned();
        let fields: Vec<&[u8]> = answer.split(|byte| *byte == 0).collect();
        let found = fields.chunks_exact(FIELDS).filter_map(|fields| {
            let value = text(fields[2]);
            let is_there = !matches!(value.as_str(), "unspecified" | "unset");
            is_there.then(|| FileAttribute {
                path: text(fields[0]),
                name: text(fields[1]),
                value,
            })
        });
        Ok(found.collect())
    }

    fn output(&self, arguments: &[&str]) -> Result<Vec<u8>, GitError> {
        let output = self.command(arguments).stdin(Stdio::null()).output();
        let shown = &arguments[..arguments.len().min(SHOWN)];
        self.shown.heard(shown, output)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        sealed(self.path(), arguments)
    }

    /// Writes one of the files that make a folder a repository. The folder is new and ours.
    fn put(&self, file: &str, content: &[u8]) -> Result<(), GitError> {
        let path = self.path().join(file);
        let made: io::Result<File> = OpenOptions::new().write(true).create_new(true).open(path);
        made.and_then(|mut made| made.write_all(content))
            .map_err(|error| self.shown.failed("init", String::new(), Some(error)))
    }
}
