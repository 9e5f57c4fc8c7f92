//! Objects of a repository: commits, trees and files, without a checkout.

use std::fs::File;
use std::io;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout};

use aux_model::Rev;

use crate::call::{command, said, sealed};
use crate::directory::read_own;
use crate::error::GitError;
use crate::work_tree::WorkTree;

/// Bytes of a file that is read as a whole, as text: longer than any that a person wrote.
/// What may be longer is read as it comes, by [`Objects::blob_reader`].
pub(crate) const LONGEST_TEXT: u64 = 16 << 20;

/// Bytes of a tree or a commit that is read: a directory of over a million files.
const LONGEST_OBJECT: u64 = 64 << 20;

/// One process of git that is asked for object after object.
///
/// It is started again when it ended over an object, as git does where one is damaged, so
/// that one object costs nothing but itself.
#[derive(Debug)]
pub struct Objects {
    process: BatchProcess,
    /// The process cannot be asked any more.
    is_over: bool,
    /// The repository of our own that has the objects; that of `tree` if there is none.
    shadow: Option<PathBuf>,
    /// The repository that messages name.
    tree: WorkTree,
}

/// `git cat-file --batch`.
#[derive(Debug)]
struct BatchProcess {
    child: Child,
    ask: ChildStdin,
    answer: BufReader<ChildStdout>,
    errors: File,
}

/// The content of a file, as it comes.
#[derive(Debug)]
pub struct BlobReader<'o> {
    objects: &'o mut Objects,
    size: u64,
    left: u64,
}

/// An entry of a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreeEntry {
    /// Its name: any bytes but `/` and 0.
    pub name: Vec<u8>,
    /// What it is.
    pub kind: TreeEntryKind,
    /// The name of the object, 40 hexadecimal digits.
    pub object: String,
}

/// What an entry of a tree is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TreeEntryKind {
    /// A file.
    File,
    /// A file that may be run.
    Executable,
    /// A symbolic link; the object holds where it leads.
    Link,
    /// A directory.
    Directory,
    /// A commit of another repository, of which git has no files.
    Repository,
}

/// What flakes know of a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// Its name.
    pub name: Rev,
    /// The name of its tree.
    pub tree: String,
    /// When it was committed, in seconds since 1970.
    pub time: i64,
    /// The branch that is checked out; none if there is none.
    pub branch: Option<String>,
}

impl WorkTree {
    /// Starts to read objects.
    ///
    /// # Errors
    /// When git cannot be started.
    pub fn objects(&self) -> Result<Objects, GitError> {
        Objects::start(self, None)
    }

    /// The commit that is checked out; none before the first.
    ///
    /// # Errors
    /// When git refuses.
    pub fn commit_of_head(&self) -> Result<Option<Commit>, GitError> {
        self.must_work()?;
        match self.commit_of("HEAD") {
            Err(_) if self.head().is_none() => Ok(None),
            commit => commit.map(Some),
        }
    }

    /// A commit by any name that git knows it by. Its branch is the one that is checked
    /// out if it is the last commit there.
    ///
    /// # Errors
    /// When git does not know it.
    pub fn commit_of(&self, name: &str) -> Result<Commit, GitError> {
        // `HEAD -> main, tag: x, origin/main`
        let format = "--format=%H %T %ct %D";
        // A signature is checked by a program that the repository may name.
        let log = [
            "--no-replace-objects",
            "log",
            "-1",
            "--no-show-signature",
            "--decorate=full",
            format,
            "--end-of-options",
        ];
        let shown = self.output(&[&log[..], &[name, "--"]].concat(), b"")?;
        let shown = String::from_utf8_lossy(&shown).trim_end().to_owned();
        let mut words = shown.splitn(4, ' ');
        let parts = (words.next(), words.next(), words.next());
        let rev = parts.0.and_then(|name| name.parse().ok());
        let (Some(name), Some(tree), Some(time)) =
            (rev, parts.1, parts.2.and_then(|time| time.parse().ok()))
        else {
            let message = match (parts.0, parts.1) {
                (Some(name), Some(_)) => format!("the commit `{name}` has no date"),
                _ => format!("it said `{shown}`"),
            };
            return Err(self.failed("log", message, None));
        };
        let names = words.next().unwrap_or_default().split(", ");
        let mut branches = names.filter_map(|name| name.strip_prefix("HEAD -> refs/heads/"));
        Ok(Commit {
            name,
            tree: tree.to_owned(),
            time,
            branch: branches.next().map(str::to_owned),
        })
    }

    /// The commit that is checked out, and its branch if there is one, as the files of an
    /// ordinary repository say it (`gitrepository-layout`); none if they do not.
    #[must_use]
    pub fn head_in_files(&self) -> Option<(Rev, Option<String>)> {
        let own = self.root.join(".git");
        let read = |file: &str| read_own(&own.join(file));
        let head = read("HEAD")?;
        let head = head.trim_end();
        let Some(reference) = head.strip_prefix("ref: ") else {
            return Some((head.parse().ok()?, None));
        };
        let branch = reference.strip_prefix("refs/heads/")?.to_owned();
        if let Some(loose) = read(reference) {
            return Some((loose.trim_end().parse().ok()?, Some(branch)));
        }
        let packed = read("packed-refs")?;
        let mut lines = packed.lines().filter_map(|line| line.split_once(' '));
        let (commit, _) = lines.find(|(_, name)| *name == reference)?;
        Some((commit.parse().ok()?, Some(branch)))
    }

    /// Whether it is a clone of which a part of the history is not here.
    #[must_use]
    pub fn is_shallow(&self) -> bool {
        let store = self.object_store();
        store.is_ok_and(|store| store.common.join("shallow").exists())
    }
}

impl WorkTree {
    /// Whether two commits have the same files but for one at the top.
    ///
    /// # Errors
    /// When git does not know one of them.
    pub fn same_but(&self, one: &str, other: &str, file: &str) -> Result<bool, GitError> {
        let content = |commit: &str| -> Result<Vec<_>, GitError> {
            let commit = self.commit_of(commit)?;
            let entries = self.objects()?.tree(&commit.tree)?.into_iter();
            let entries = entries.filter(|entry| entry.name != file.as_bytes());
            Ok(entries.map(|entry| (entry.name, entry.object)).collect())
        };
        Ok(content(one)? == content(other)?)
    }

    /// The commit that a revision has for the submodule at a path; none if there is no such
    /// submodule.
    #[must_use]
    pub fn submodule_at(&self, revision: &str, path: &str) -> Option<Rev> {
        let commit = self.commit_named(revision)?;
        let list = ["ls-tree", "-z", "--full-tree", commit.as_str(), "--", path];
        let entry = String::from_utf8(self.output(&list, b"").ok()?).ok()?;
        let (what, _) = entry.split_once('\t')?;
        what.strip_prefix("160000 commit ")?.trim().parse().ok()
    }

    /// The full name of a commit that somebody names; none if git knows none.
    #[must_use]
    pub fn commit_named(&self, name: &str) -> Option<Rev> {
        let commit = format!("{name}^{{commit}}");
        let verify = [
            "rev-parse",
            "--verify",
            "--quiet",
            "--end-of-options",
            &commit,
        ];
        let found = String::from_utf8(self.output(&verify, b"").ok()?).ok()?;
        found.trim().parse().ok()
    }

    /// The text of a file as a commit has it; none if it has no such file.
    ///
    /// # Errors
    /// When git does not know the commit.
    pub fn text_at(&self, commit: &str, path: &str) -> Result<Option<String>, GitError> {
        let tree = self.commit_of(commit)?.tree;
        self.objects()?.text(&tree, path)
    }

    /// The object that a commit has at a path, a file's or a folder's; none if it has nothing there.
    #[must_use]
    pub fn object_at(&self, commit: &Rev, path: &str) -> Option<String> {
        let object = format!("{commit}:{path}");
        let verify = [
            "rev-parse",
            "--verify",
            "--quiet",
            "--end-of-options",
            &object,
        ];
        let found = String::from_utf8(self.output(&verify, b"").ok()?).ok()?;
        Some(found.trim().to_owned())
    }

    /// How many commits `to` has that `from` has not.
    ///
    /// # Errors
    /// When git does not know one of them.
    pub fn ahead(&self, from: &str, to: &str) -> Result<u64, GitError> {
        let range = format!("{from}..{to}");
        let count = ["rev-list", "--count", "--end-of-options", &range];
        let said = self.output(&[&["--no-replace-objects"], &count[..]].concat(), b"")?;
        let said = String::from_utf8_lossy(&said).trim().to_owned();
        said.parse()
            .map_err(|_| self.failed("rev-list", format!("it said `{said}`"), None))
    }
}

/// A commit as its object has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitObject {
    /// The name of its tree.
    pub tree: String,
    /// The names of the commits that it follows from.
    pub parents: Vec<String>,
    /// When it was committed, in seconds since 1970.
    pub time: i64,
}

/// Digits of the name of an object.
const NAME_DIGITS: usize = 40;

/// Digits of the name of an object where names are SHA-256.
const SHA256_DIGITS: usize = 64;

impl Objects {
    /// Starts to read: in a shadow, or in the repository itself, where git may fetch what a
    /// partial clone does not have.
    pub(crate) fn start(tree: &WorkTree, shadow: Option<PathBuf>) -> Result<Self, GitError> {
        let process = BatchProcess::start(tree, shadow.as_ref())?;
        Ok(Self {
            process,
            is_over: false,
            shadow,
            tree: tree.clone(),
        })
    }

    /// From now on messages name this repository.
    pub(crate) fn about(&mut self, tree: &WorkTree) -> &mut Self {
        self.tree.clone_from(tree);
        self
    }

    /// A commit.
    ///
    /// # Errors
    /// When git does not have it, or it has no tree or no date.
    pub fn commit(&mut self, object: &str) -> Result<CommitObject, GitError> {
        let content = self.read(object, "commit", LONGEST_OBJECT)?;
        let text = String::from_utf8_lossy(&content).into_owned();
        let header = text.split("\n\n").next().unwrap_or_default();
        let (mut tree, mut time, mut parents) = (None, None, Vec::new());
        for (key, value) in header.lines().filter_map(|line| line.split_once(' ')) {
            match key {
                "tree" => tree = Some(value.to_owned()),
                "parent" => parents.push(value.to_owned()),
                "committer" => time = seconds(value),
                _ => {}
            }
        }
        let (Some(tree), Some(time)) = (tree, time) else {
            let message = format!("the commit `{object}` has no tree or no date");
            return Err(self.tree.failed("cat-file", message, None));
        };
        Ok(CommitObject {
            tree,
            parents,
            time,
        })
    }

    /// The content of a file or the target of a link, at most 16 MiB.
    ///
    /// # Errors
    /// When git does not have it, or it is longer.
    pub fn blob(&mut self, object: &str) -> Result<Vec<u8>, GitError> {
        self.read(object, "blob", LONGEST_TEXT)
    }

    /// The content of a file of any size, as it comes.
    ///
    /// # Errors
    /// When git does not have it.
    pub fn blob_reader(&mut self, object: &str) -> Result<BlobReader<'_>, GitError> {
        let size = self.ask(object, "blob")?;
        Ok(BlobReader {
            objects: self,
            size,
            left: size,
        })
    }

    /// The entries of a tree, in git's order.
    ///
    /// # Errors
    /// When git does not have it.
    pub fn tree(&mut self, object: &str) -> Result<Vec<TreeEntry>, GitError> {
        let content = self.read(object, "tree", LONGEST_OBJECT)?;
        let entries = entries(&content);
        entries.ok_or_else(|| {
            let message = format!("the tree `{object}` cannot be read");
            self.tree.failed("cat-file", message, None)
        })
    }

    /// All that is below a tree but for its directories: each entry has its path from there as its name, and they
    /// are in the order of those paths.
    ///
    /// # Errors
    /// When git does not have one of its trees.
    pub fn files_below(&mut self, tree: &str) -> Result<Vec<TreeEntry>, GitError> {
        let mut files = Vec::new();
        let mut open = vec![(tree.to_owned(), Vec::new())];
        while let Some((tree, above)) = open.pop() {
            for mut entry in self.tree(&tree)? {
                entry.name.splice(..0, above.iter().copied());
                if entry.kind == TreeEntryKind::Directory {
                    entry.name.push(b'/');
                    open.push((entry.object, entry.name));
                } else {
                    files.push(entry);
                }
            }
        }
        files.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(files)
    }

    /// The file at a path below a tree, through links that stay in the tree; none if there
    /// is no file of that path.
    ///
    /// # Errors
    /// When git does not have the tree, or the file is longer than 16 MiB.
    pub fn file(&mut self, tree: &str, path: &str) -> Result<Option<Vec<u8>>, GitError> {
        /// Links on the way; the kernel follows as many (`path_resolution`).
        const LINKS: usize = 40;
        /// Bytes of where a link leads, as for the kernel.
        const LONGEST: usize = 4096;
        let mut links = 0;
        // Trees from the root to where it has come, and the names that are still to go, the
        // next one last.
        let mut trees = vec![tree.to_owned()];
        let mut open = names_in(path.as_bytes());
        while let Some(name) = open.pop() {
            if name == b".." {
                trees.pop();
            }
            let Some(at) = trees.last() else {
                return Ok(None);
            };
            if name == b".." {
                continue;
            }
            let entries = self.tree(&at.clone())?;
            let Some(entry) = entries.into_iter().find(|entry| entry.name == name) else {
                return Ok(None);
            };
            match entry.kind {
                TreeEntryKind::Directory => trees.push(entry.object),
                TreeEntryKind::Link if links < LINKS => {
                    links += 1;
                    let target = self.blob(&entry.object)?;
                    if target.starts_with(b"/") || target.len() > LONGEST {
                        return Ok(None);
                    }
                    open.extend(names_in(&target));
                }
                TreeEntryKind::File | TreeEntryKind::Executable if open.is_empty() => {
                    return self.blob(&entry.object).map(Some);
                }
                _ => return Ok(None),
            }
        }
        Ok(None)
    }

    /// As [`Self::file`], as text; what is no UTF-8 is replaced.
    ///
    /// # Errors
    /// When git does not have the tree, or the file is longer than 16 MiB.
    pub fn text(&mut self, tree: &str, path: &str) -> Result<Option<String>, GitError> {
        let file = self.file(tree, path)?;
        Ok(file.map(|file| String::from_utf8_lossy(&file).into_owned()))
    }

    fn read(&mut self, object: &str, kind: &str, limit: u64) -> Result<Vec<u8>, GitError> {
        let size = self.ask(object, kind)?;
        let mut reader = BlobReader {
            objects: self,
            size,
            left: size,
        };
        if size > limit {
            drop(reader);
            let message =
                format!("the {kind} `{object}` has {size} bytes; at most {limit} are read");
            return Err(self.tree.failed("cat-file", message, None));
        }
        let mut content = Vec::new();
        let read = reader.read_to_end(&mut content);
        drop(reader);
        read.map_err(|error| self.broken(object, Some(error)))?;
        Ok(content)
    }

    /// Asks for an object; returns its size. Its content and a line end follow.
    fn ask(&mut self, object: &str, kind: &str) -> Result<u64, GitError> {
        if object.len() != NAME_DIGITS {
            let message = match object.len() {
                SHA256_DIGITS => "SHA-256 names of objects are not known to lock files".to_owned(),
                _ => format!("`{object}` is no name of an object"),
            };
            return Err(self.tree.failed("cat-file", message, None));
        }
        if self.is_over {
            self.process = BatchProcess::start(&self.tree, self.shadow.as_ref())?;
            self.is_over = false;
        }
        let header = self.process.header(object);
        let header = header.map_err(|error| self.broken(object, Some(error)))?;
        // `NAME KIND SIZE`, or `NAME missing`.
        let mut words = header.split_whitespace().skip(1);
        let (found, size) = (words.next(), words.next());
        let size = size.and_then(|size| size.parse::<u64>().ok());
        match (found, size) {
            (None, _) => Err(self.broken(object, None)),
            (Some(found), Some(size)) if found == kind => Ok(size),
            (Some(found), size) => {
                // The content of something else follows.
                self.is_over = size.is_some();
                let message = format!("there is no {kind} `{object}`: it is {found}");
                Err(self.tree.failed("cat-file", message, None))
            }
        }
    }

    /// The process ended, or says what nobody understands: what git says of it.
    fn broken(&mut self, object: &str, error: Option<io::Error>) -> GitError {
        self.is_over = true;
        let _ended = self.process.child.kill();
        let _status = self.process.child.wait();
        let words = said(&mut self.process.errors);
        let message = if words.is_empty() {
            format!("the object `{object}` cannot be read")
        } else {
            words
        };
        self.tree.failed("cat-file", message, error)
    }
}

impl BatchProcess {
    fn start(tree: &WorkTree, shadow: Option<&PathBuf>) -> Result<Self, GitError> {
        let failed = |error| tree.failed("cat-file", String::new(), Some(error));
        let arguments = ["cat-file", "--batch"];
        let errors = tempfile::tempfile().map_err(failed)?;
        let mut command = match shadow {
            Some(shadow) => sealed(shadow, &arguments),
            None => command(&tree.root, &arguments),
        };
        let mut child = command
            .env("GIT_NO_REPLACE_OBJECTS", "1")
            // Nobody reads a pipe while an answer is read.
            .stderr(errors.try_clone().map_err(failed)?)
            .spawn()
            .map_err(failed)?;
        match (child.stdin.take(), child.stdout.take()) {
            (Some(ask), Some(answer)) => Ok(Self {
                child,
                ask,
                answer: BufReader::new(answer),
                errors,
            }),
            _ => Err(failed(io::ErrorKind::BrokenPipe.into())),
        }
    }

    /// Asks for an object; returns the line before its content, empty at the end.
    fn header(&mut self, object: &str) -> io::Result<String> {
        writeln!(self.ask, "{object}")?;
        self.ask.flush()?;
        let mut header = String::new();
        self.answer.read_line(&mut header)?;
        Ok(header)
    }
}

impl Drop for BatchProcess {
    fn drop(&mut self) {
        // It only reads: nothing is lost by ending it.
        let _ended = self.child.kill();
        let _status = self.child.wait();
    }
}

impl BlobReader<'_> {
    /// Bytes of the whole.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Hands on the content in pieces.
    ///
    /// # Errors
    /// When git breaks off.
    pub fn each(mut self, mut take: impl FnMut(&[u8])) -> Result<(), GitError> {
        const PIECE: usize = 64 << 10;
        let mut piece = vec![0; PIECE];
        loop {
            match self.read(&mut piece) {
                Ok(0) => return Ok(()),
                Ok(length) => take(&piece[..length]),
                Err(error) => return Err(self.objects.broken("", Some(error))),
            }
        }
    }
}

impl Read for BlobReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left).unwrap_or(usize::MAX);
        let most = most.min(buffer.len());
        let length = self.objects.process.answer.read(&mut buffer[..most])?;
        if length == 0 && most > 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.left -= length as u64;
        Ok(length)
    }
}

impl Drop for BlobReader<'_> {
    fn drop(&mut self) {
        // What nobody reads may be gigabytes: another process is cheaper. Else a line end
        // is what is left.
        let mut end = [0];
        if self.left > 0 || self.objects.process.answer.read_exact(&mut end).is_err() {
            self.objects.is_over = true;
        }
    }
}

/// The seconds in `NAME <MAIL> SECONDS ZONE`; none if git would not know them either
/// (`git-commit-tree`, "COMMIT INFORMATION").
fn seconds(person: &str) -> Option<i64> {
    let (_, date) = person.rsplit_once('>')?;
    let seconds = date.split_whitespace().next()?;
    let is_number = seconds.bytes().all(|byte| byte.is_ascii_digit());
    seconds.parse().ok().filter(|_| is_number)
}

/// The names in a path, the last one first.
fn names_in(path: &[u8]) -> Vec<Vec<u8>> {
    let names = path.split(|byte| *byte == b'/');
    let names = names.filter(|name| !name.is_empty() && *name != b".");
    names.rev().map(<[u8]>::to_vec).collect()
}

/// `MODE NAME`, a 0 and the 20 bytes of the object's name, for each.
fn entries(mut content: &[u8]) -> Option<Vec<TreeEntry>> {
    /// Bytes of the name of an object.
    const NAME: usize = 20;
    let mut entries = Vec::new();
    while !content.is_empty() {
        let end = content.iter().position(|byte| *byte == 0)?;
        let (head, rest) = (&content[..end], content.get(end + 1..)?);
        let object = rest.get(..NAME)?;
        content = &rest[NAME..];
        let space = head.iter().position(|byte| *byte == b' ')?;
        let kind = match &head[..space] {
            b"100755" => TreeEntryKind::Executable,
            b"120000" => TreeEntryKind::Link,
            b"40000" => TreeEntryKind::Directory,
            b"160000" => TreeEntryKind::Repository,
            mode if mode.starts_with(b"100") => TreeEntryKind::File,
            _ => return None,
        };
        entries.push(TreeEntry {
            name: head[space + 1..].to_vec(),
            kind,
            object: hex::encode(object),
        });
    }
    Some(entries)
}
