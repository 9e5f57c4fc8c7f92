//! The one place that starts git for the user's repositories.
//!
//! Unless a commit is asked for, or a branch is to move, git only ever stages what was just
//! moved. Nothing is stashed or reset. Outside of its repositories all of it does nothing.

mod branches;
mod directory;
mod export;
mod folders;
mod history;
mod names;
mod objects;
mod pool;
mod quiet;
mod remotes;
mod shadow;

pub use branches::Prepared;
pub use directory::git_directory;
use directory::odd_file;
pub use history::Ignored;
pub use names::{blob_name, is_branch_name, is_object_name};
pub use objects::{
    BlobReader, Commit, CommitObject, LONGEST_TEXT, Objects, TreeEntry, TreeEntryKind,
};
pub use pool::ObjectPool;
pub use remotes::Absence;
pub use shadow::{FileAttribute, ShadowRepository};

pub use quiet::{Setting, inherited, quiet, variables};
use quiet::{unusable, users_ssh};

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Files named in one call.
const AT_ONCE: usize = 500;

/// The name of no object.
const NO_OBJECT: &str = "0000000000000000000000000000000000000000";

/// The name of the empty file, which is what git notes of a file that is announced.
const EMPTY: &str = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391";

/// Variables that name a repository or change what is read of one: `git rev-parse
/// --local-env-vars`, but for settings, which are the user's, and those that `git --...-pathspecs`
/// leaves to what it starts.
const LOCAL: [&str; 17] = [
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_CONFIG",
    "GIT_DIR",
    "GIT_GLOB_PATHSPECS",
    "GIT_GRAFT_FILE",
    "GIT_ICASE_PATHSPECS",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_LITERAL_PATHSPECS",
    "GIT_NAMESPACE",
    "GIT_NOGLOB_PATHSPECS",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_QUARANTINE_PATH",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
];

/// What differs in a work tree: two letters, of the index and of the folder, a space and the
/// path of each file.
const STATUS: [&str; 6] = [
    "status",
    "--porcelain=v1",
    "-z",
    "--no-renames",
    "--untracked-files=all",
    // In a submodule git would start another git, with what that is set to.
    "--ignore-submodules=dirty",
];

/// How a remote is reached through ssh: nobody is there to answer.
const SSH: &str = "ssh -o BatchMode=yes -o ConnectTimeout=15";

/// Words of a call that are shown when it fails.
const SHOWN: usize = 6;

/// A git work tree.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct WorkTree {
    root: PathBuf,
}

/// How a file differs from the last commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FileChange {
    /// The last commit has no such file.
    Add,
    /// It holds something else.
    Update,
    /// It is gone.
    Remove,
    /// What is staged of it is neither what the last commit has nor what the folder has.
    Split,
}

impl FileChange {
    /// The word for it in messages.
    #[must_use]
    pub fn verb(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Update => "update",
            Self::Remove => "remove",
            Self::Split => "stage in part",
        }
    }
}

/// git refused.
#[derive(Debug, thiserror::Error)]
#[error("`git {command}` failed in `{}`: {message}", .directory.display())]
pub struct GitError {
    command: String,
    directory: PathBuf,
    message: String,
    source: Option<io::Error>,
}

impl GitError {
    /// What git says, in one line: its first line, without `fatal:`.
    #[must_use]
    pub fn reason(&self) -> String {
        let mut lines = self.message.lines().map(str::trim);
        let first = lines.find(|line| !line.is_empty());
        match (first, &self.source) {
            (Some(line), _) => {
                let line = line.strip_prefix("fatal: ").unwrap_or(line);
                line.strip_prefix("error: ").unwrap_or(line).to_owned()
            }
            (None, Some(source)) => source.to_string(),
            (None, None) => format!("`git {}` failed", self.command),
        }
    }
}

impl WorkTree {
    /// Whether git works with the repository at all: not if it belongs to somebody else, or
    /// its files are damaged.
    ///
    /// # Errors
    /// What git says of it.
    pub fn must_work(&self) -> Result<(), GitError> {
        let prefix = self.output(&["rev-parse", "--show-prefix"], b"")?;
        if !prefix.trim_ascii().is_empty() {
            let message = "it is part of another repository".to_owned();
            return Err(self.failed("rev-parse", message, None));
        }
        match unusable(&self.root) {
            Some(message) => Err(self.failed("config", message, None)),
            None => Ok(()),
        }
    }

    /// The files below a directory that git does not follow and is not told to ignore, by
    /// path relative to the directory.
    ///
    /// # Errors
    /// When git refuses.
    pub fn others(&self, directory: &Path) -> Result<Vec<String>, GitError> {
        let place = directory.to_string_lossy();
        let list = [
            "ls-files",
            "-z",
            "--others",
            "--exclude-standard",
            "--full-name",
            "--",
        ];
        let listed = self.output(&[&list[..], &[&place]].concat(), b"")?;
        let prefix = match self.relative(directory) {
            Some(prefix) if !prefix.is_empty() => format!("{prefix}/"),
            _ => String::new(),
        };
        Ok(listed
            .split(|byte| *byte == 0)
            .map(|file| String::from_utf8_lossy(file).into_owned())
            .filter(|file| !file.is_empty())
            .map(|file| file.strip_prefix(&prefix).unwrap_or(&file).to_owned())
            .collect())
    }

    /// The work tree that holds a directory, or will hold one of that path; none
    /// if there is none.
    #[must_use]
    pub fn of(directory: &Path) -> Option<Self> {
        // A link may lead into another repository than the one it is in.
        let there = directory
            .ancestors()
            .find_map(|folder| folder.canonicalize().ok())?;
        let mut folders = there.ancestors();
        let root = folders.find(|folder| folder.join(".git").exists())?;
        Some(Self {
            root: root.to_owned(),
        })
    }

    /// The work tree of a folder that is a repository of its own; none if it is not.
    #[must_use]
    pub fn at(folder: &Path) -> Option<Self> {
        Self::of(folder).filter(|tree| tree.root == folder)
    }

    /// The folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// A path relative to the folder; none if it is not in it, or no text. Links on
    /// the way to what is there are followed.
    #[must_use]
    pub fn relative(&self, path: &Path) -> Option<String> {
        let there = path.ancestors().find(|folder| folder.exists())?;
        let below = path.strip_prefix(there).ok()?;
        let real = there.canonicalize().ok()?.join(below);
        let relative = real.strip_prefix(&self.root).ok()?.to_str()?;
        Some(relative.trim_end_matches('/').to_owned())
    }

    /// The files that differ from the last commit, or that it does not have and git
    /// is not told to ignore; by path relative to the folder. What is staged makes no
    /// difference. A path that is no text is left out.
    ///
    /// # Errors
    /// When git refuses.
    pub fn changed(&self) -> Result<BTreeMap<String, FileChange>, GitError> {
        let output = self.output(&STATUS, b"")?;
        let entries = output.split(|byte| *byte == 0);
        let text = entries.filter_map(|entry| std::str::from_utf8(entry).ok());
        // Two letters, of the index and of the folder, and the path.
        let parts = text.filter_map(|entry| entry.get(..2).zip(entry.get(3..)));
        Ok(parts
            .map(|(letters, path)| {
                let change = match letters.as_bytes() {
                    [b'M' | b'A' | b'D' | b'U', b'M' | b'D' | b'A' | b'U'] => FileChange::Split,
                    [_, b'D'] | [b'D', _] => FileChange::Remove,
                    [b'?', _] | [b'A', _] | [_, b'A'] => FileChange::Add,
                    _ => FileChange::Update,
                };
                (path.to_owned(), change)
            })
            .collect())
    }

    /// Every file that git follows in the folder, by path relative to it; one that is
    /// not there any more is left out. What is no text in a path is replaced, so that
    /// there is no file of that name.
    ///
    /// # Errors
    /// When git refuses.
    pub fn files(&self) -> Result<BTreeSet<String>, GitError> {
        let output = self.output(&["ls-files", "-z"], b"")?;
        let paths = output
            .split(|byte| *byte == 0)
            .filter(|path| !path.is_empty());
        Ok(paths
            .filter(|path| match std::str::from_utf8(path) {
                Ok(path) => self.root.join(path).symlink_metadata().is_ok(),
                Err(_) => true,
            })
            .map(|path| String::from_utf8_lossy(path).into_owned())
            .collect())
    }

    /// The files below a directory that git has in its index and leaves out of the folder,
    /// as sparse checkouts do (`git-update-index`, "Skip-worktree bit"); by path relative to
    /// the directory.
    ///
    /// # Errors
    /// When git refuses.
    pub fn skipped(&self, directory: &Path) -> Result<BTreeSet<String>, GitError> {
        let Some(prefix) = self.relative(directory) else {
            return Ok(BTreeSet::new());
        };
        let output = self.output(&["ls-files", "-t", "-z"], b"")?;
        let entries = output.split(|byte| *byte == 0);
        let text = entries.filter_map(|entry| std::str::from_utf8(entry).ok());
        let skipped = text.filter_map(|entry| entry.strip_prefix("S "));
        Ok(skipped
            .filter_map(|path| match prefix.as_str() {
                "" => Some(path),
                prefix => path.strip_prefix(prefix)?.strip_prefix('/'),
            })
            .map(str::to_owned)
            .collect())
    }

    /// Commits some files as they are in the folder, and no others, whatever is
    /// staged. Returns the name of the commit.
    ///
    /// # Errors
    /// When git or one of its hooks refuses; nothing is committed then.
    pub fn commit(
        &self,
        files: &BTreeMap<String, FileChange>,
        message: &str,
    ) -> Result<String, GitError> {
        let of_ours = |error| self.failed("commit", String::new(), Some(error));
        let mut text = tempfile::NamedTempFile::new().map_err(of_ours)?;
        text.write_all(message.as_bytes()).map_err(of_ours)?;
        let text = text.path().to_string_lossy();
        let new = files
            .iter()
            .filter(|(_, change)| **change == FileChange::Add);
        let named = ["--pathspec-from-file=-", "--pathspec-file-nul"];
        let add = ["add", "--intent-to-add"];
        self.output(
            &[&add[..], &named].concat(),
            &pathspecs(new.map(|(file, _)| file)),
        )?;
        let commit = ["commit", "--quiet", "--only", "--file", &text];
        self.output(&[&commit[..], &named].concat(), &pathspecs(files.keys()))?;
        let name = self.output(&["rev-parse", "HEAD"], b"")?;
        Ok(String::from_utf8_lossy(&name).trim().to_owned())
    }

    /// Whether git is told to ignore a path.
    #[must_use]
    pub fn ignores(&self, path: &Path) -> bool {
        let path = path.to_string_lossy();
        let arguments = ["check-ignore", "--quiet", "--", &path];
        git(&self.root, &arguments, b"", &[]).is_ok_and(|output| output.status.success())
    }

    /// Whether git follows any file below a path.
    #[must_use]
    pub fn tracks(&self, path: &Path) -> bool {
        let path = path.to_string_lossy();
        git(&self.root, &["ls-files", "--", &path], b"", &[])
            .is_ok_and(|output| output.status.success() && !output.stdout.is_empty())
    }

    /// Whether git has something of that very path, be it a link, in its index.
    ///
    /// # Errors
    /// When git refuses.
    pub fn is_committed(&self, path: &Path) -> Result<bool, GitError> {
        let folder = path.parent().and_then(|folder| self.relative(folder));
        let (Some(folder), Some(name)) = (folder, path.file_name().and_then(OsStr::to_str)) else {
            return Ok(true);
        };
        let literal = match folder.as_str() {
            "" => format!(":(top,literal){name}"),
            folder => format!(":(top,literal){folder}/{name}"),
        };
        let listed = self.output(&["ls-files", "-z", "--", &literal], b"")?;
        Ok(!listed.is_empty())
    }

    /// Renames in the index what is below a path, as `git mv` does: what is staged stays
    /// staged, what is not stays so.
    ///
    /// # Errors
    /// When git refuses.
    pub fn rename(&self, from: &Path, to: &Path) -> Result<(), GitError> {
        let (from, to) = (self.relative(from), self.relative(to));
        let (Some(from), Some(to)) = (from, to) else {
            return Ok(());
        };
        let literal = format!(":(top,literal){from}");
        let entries = self.output(&["ls-files", "--stage", "-z", "--", &literal], b"")?;
        let mut changes = Vec::new();
        let mut has_announced = false;
        for entry in entries.split(|byte| *byte == 0) {
            let Some((head, path)) = std::str::from_utf8(entry)
                .ok()
                .and_then(|entry| entry.split_once('\t'))
            else {
                continue;
            };
            let Some(rest) = path.strip_prefix(&from) else {
                continue;
            };
            changes.extend_from_slice(format!("0 {NO_OBJECT}\t{path}\0").as_bytes());
            // A file that is only announced has no content yet.
            if head.contains(EMPTY) {
                has_announced = true;
            } else {
                changes.extend_from_slice(format!("{head}\t{to}{rest}\0").as_bytes());
            }
        }
        self.output(&["update-index", "-z", "--index-info"], &changes)?;
        if has_announced {
            self.run(&[
                "add",
                "--intent-to-add",
                "--",
                &format!(":(top,literal){to}"),
            ])?;
        }
        Ok(())
    }

    /// Takes back what is staged below a path, so that it is as in the last commit;
    /// what was only announced is forgotten.
    ///
    /// # Errors
    /// When git refuses.
    pub fn unstage(&self, path: &Path) -> Result<(), GitError> {
        let path = path.to_string_lossy();
        self.run(&["reset", "-q", "--", &path])
    }

    /// Makes new files below a path visible to flakes, which see only what git
    /// knows; their content is not staged.
    ///
    /// # Errors
    /// When git refuses.
    pub fn announce(&self, path: &Path) -> Result<(), GitError> {
        self.run(&["add", "--intent-to-add", "--", &path.to_string_lossy()])
    }

    /// Makes those of the files visible to flakes that git does not know yet and is
    /// not told to ignore. Returns how many.
    ///
    /// # Errors
    /// When git refuses.
    pub fn announce_new(&self, files: &[PathBuf]) -> Result<usize, GitError> {
        let others = git(
            &self.root,
            &["ls-files", "-z", "--others", "--exclude-standard"],
            b"",
            &[],
        )
        .map_err(|error| self.failed("ls-files", String::new(), Some(error)))?;
        let others = String::from_utf8_lossy(&others.stdout).into_owned();
        let others: BTreeSet<&str> = others.split('\0').collect();
        let new: Vec<String> = files
            .iter()
            .filter_map(|file| self.relative(file))
            .filter(|file| others.contains(file.as_str()))
            .collect();
        // A command line holds only so much.
        for some in new.chunks(AT_ONCE) {
            let mut arguments = vec!["add", "--intent-to-add", "--"];
            arguments.extend(some.iter().map(String::as_str));
            self.run(&arguments)?;
        }
        Ok(new.len())
    }

    fn failed(&self, command: &str, message: String, source: Option<io::Error>) -> GitError {
        GitError {
            command: command.to_owned(),
            directory: self.root.clone(),
            message,
            source,
        }
    }

    fn run(&self, arguments: &[&str]) -> Result<(), GitError> {
        self.output(arguments, b"").map(drop)
    }

    /// What git prints when it is given an input.
    fn output(&self, arguments: &[&str], input: &[u8]) -> Result<Vec<u8>, GitError> {
        self.heard(arguments, git(&self.root, arguments, input, &[]))
    }

    fn heard(&self, arguments: &[&str], answer: io::Result<Output>) -> Result<Vec<u8>, GitError> {
        let command = arguments
            .iter()
            .take(SHOWN)
            .copied()
            .collect::<Vec<_>>()
            .join(" ");
        let output = answer.map_err(|error| {
            self.failed(&command, "it cannot be started".to_owned(), Some(error))
        })?;
        if output.status.success() {
            return Ok(output.stdout);
        }
        let message = String::from_utf8_lossy(&output.stderr);
        Err(self.failed(&command, message.trim_end().to_owned(), None))
    }
}

/// Names as names, even those that git would read as patterns.
fn pathspecs<'p>(files: impl Iterator<Item = &'p String>) -> Vec<u8> {
    files
        .flat_map(|file| [":(top,literal)", file, "\0"])
        .flat_map(str::bytes)
        .collect()
}

/// Runs git in a directory, with some variables.
fn git(
    directory: &Path,
    arguments: &[&str],
    input: &[u8],
    variables: &[(&str, &OsStr)],
) -> io::Result<Output> {
    let mut command = command(directory, arguments);
    command.envs(variables.iter().copied());
    let mut git = command.spawn()?;
    if let Some(mut stdin) = git.stdin.take() {
        // It reads all of it before it says anything; if it does not, its answer says why.
        let _refused = stdin.write_all(input);
    }
    git.wait_with_output()
}

/// Lets git look for a repository in a directory and nowhere else: not where the variables of
/// a hook lead, and not in the folders above, where it would go from one whose `.git` is none.
fn only_in(command: &mut Command, directory: &Path) {
    for variable in LOCAL {
        command.env_remove(variable);
    }
    let there = directory.canonicalize().ok();
    if let Some(above) = there.as_deref().and_then(Path::parent) {
        command.env("GIT_CEILING_DIRECTORIES", above);
    }
}

/// A call of git in a directory, with pipes to all its ends.
fn command(directory: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new("git");
    only_in(&mut command, directory);
    // A commit is the user's own act: their hooks and filters are asked.
    if arguments.first() != Some(&"commit") {
        command.envs(variables(&quiet(directory), inherited()));
    }
    // The environment counts more than any configuration, that of the repository too.
    if std::env::var_os("GIT_SSH_COMMAND").is_none() {
        command.env("GIT_SSH_COMMAND", users_ssh().unwrap_or(SSH));
    }
    if let Some(odd) = odd_file(directory) {
        // git says that this is no repository.
        let named = format!("--git-dir={} is no regular file", odd.display());
        command.arg(named);
    }
    command
        .arg("-C")
        .arg(directory)
        .args(arguments)
        .env("LC_ALL", "C")
        // As with ssh, but the first setting of that name counts and not the last.
        .env(
            "GIT_PROXY_COMMAND",
            std::env::var_os("GIT_PROXY_COMMAND").unwrap_or_default(),
        )
        // What a commit is does not depend on what somebody here replaces it by.
        .env("GIT_NO_REPLACE_OBJECTS", "1")
        .env("GIT_TERMINAL_PROMPT", "0")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}
