//! Objects of a repository: commits, trees and files, without a checkout.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout};

use super::{GitError, WorkTree, command};

/// One process of git that is asked for object after object.
#[derive(Debug)]
pub struct Objects {
    process: Child,
    ask: ChildStdin,
    answer: BufReader<ChildStdout>,
    tree: WorkTree,
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
    pub name: String,
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
        self.objects_by(&["cat-file", "--batch"])
    }

    /// As [`Self::objects`], of a repository that is not this one.
    pub(super) fn objects_in(&self, repository: &Path) -> Result<Objects, GitError> {
        let place = format!("--git-dir={}", repository.display());
        self.objects_by(&[&place, "cat-file", "--batch"])
    }

    fn objects_by(&self, arguments: &[&str]) -> Result<Objects, GitError> {
        let failed = |error| self.failed("cat-file", String::new(), Some(error));
        let mut process = command(&self.root, arguments)
            .stderr(std::process::Stdio::null())
            .spawn()
            .map_err(failed)?;
        match (process.stdin.take(), process.stdout.take()) {
            (Some(ask), Some(answer)) => Ok(Objects {
                process,
                ask,
                answer: BufReader::new(answer),
                tree: self.clone(),
            }),
            _ => Err(failed(io::ErrorKind::BrokenPipe.into())),
        }
    }

    /// The commit that is checked out; none before the first.
    ///
    /// # Errors
    /// When git refuses.
    pub fn commit_of_head(&self) -> Result<Option<Commit>, GitError> {
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
        let log = ["log", "-1", "--decorate=full", format, "--end-of-options"];
        let shown = self.output(&[&log[..], &[name, "--"]].concat(), b"")?;
        let shown = String::from_utf8_lossy(&shown).trim_end().to_owned();
        let mut words = shown.splitn(4, ' ');
        let parts = (words.next(), words.next(), words.next());
        let (Some(name), Some(tree), Some(time)) =
            (parts.0, parts.1, parts.2.and_then(|time| time.parse().ok()))
        else {
            return Err(self.failed("log", format!("it said `{shown}`"), None));
        };
        let names = words.next().unwrap_or_default().split(", ");
        let mut branches = names.filter_map(|name| name.strip_prefix("HEAD -> refs/heads/"));
        Ok(Commit {
            name: name.to_owned(),
            tree: tree.to_owned(),
            time,
            branch: branches.next().map(str::to_owned),
        })
    }

    /// The commit that is checked out, and its branch if there is one, as the files of an
    /// ordinary repository say it (`gitrepository-layout`); none if they do not.
    #[must_use]
    pub fn head_in_files(&self) -> Option<(String, Option<String>)> {
        let own = self.root.join(".git");
        let read = |file: &str| std::fs::read_to_string(own.join(file)).ok();
        let is_name = |text: &&str| {
            text.len() == NAME_DIGITS && text.bytes().all(|byte| byte.is_ascii_hexdigit())
        };
        let head = read("HEAD")?;
        let head = head.trim_end();
        let Some(reference) = head.strip_prefix("ref: ") else {
            return Some((is_name(&head).then(|| head.to_owned())?, None));
        };
        let branch = reference.strip_prefix("refs/heads/")?.to_owned();
        if let Some(loose) = read(reference) {
            let commit = loose.trim_end();
            return Some((is_name(&commit).then(|| commit.to_owned())?, Some(branch)));
        }
        let packed = read("packed-refs")?;
        let mut lines = packed.lines().filter_map(|line| line.split_once(' '));
        let (commit, _) = lines.find(|(_, name)| *name == reference)?;
        Some((is_name(&commit).then(|| commit.to_owned())?, Some(branch)))
    }

    /// Whether it is a clone of which a part of the history is not here.
    #[must_use]
    pub fn is_shallow(&self) -> bool {
        self.root.join(".git/shallow").exists()
    }

    /// The files of a commit as `git archive` has them, in the format of `tar`.
    ///
    /// # Errors
    /// When git does not know it.
    pub fn archive(&self, commit: &str) -> Result<Vec<u8>, GitError> {
        // What somebody wants in their own checkouts is no property of the files.
        let own = ["-c", "core.autocrlf=false", "-c", "core.attributesFile="];
        let archive = ["archive", "--format=tar", commit];
        self.output(&[&own[..], &archive].concat(), b"")
    }

    /// How many commits one and those before it are.
    ///
    /// # Errors
    /// When git does not know it.
    pub fn count(&self, commit: &str) -> Result<u64, GitError> {
        let count = ["rev-list", "--count", "--end-of-options", commit];
        self.number(&count)
    }

    fn number(&self, arguments: &[&str]) -> Result<u64, GitError> {
        let said = self.output(arguments, b"")?;
        let said = String::from_utf8_lossy(&said).trim().to_owned();
        let command = arguments.first().copied().unwrap_or_default();
        said.parse()
            .map_err(|_| self.failed(command, format!("it said `{said}`"), None))
    }
}

impl WorkTree {
    /// The full name of a commit that somebody names; none if git knows none.
    #[must_use]
    pub fn commit_named(&self, name: &str) -> Option<String> {
        let commit = format!("{name}^{{commit}}");
        let verify = [
            "rev-parse",
            "--verify",
            "--quiet",
            "--end-of-options",
            &commit,
        ];
        let found = String::from_utf8(self.output(&verify, b"").ok()?).ok()?;
        Some(found.trim().to_owned())
    }

    /// The text of a file as a commit has it; none if it has no such file.
    ///
    /// # Errors
    /// When git does not know the commit.
    pub fn text_at(&self, commit: &str, path: &str) -> Result<Option<String>, GitError> {
        let tree = self.commit_of(commit)?.tree;
        self.objects()?.text(&tree, path)
    }

    /// How many commits `to` has that `from` has not.
    ///
    /// # Errors
    /// When git does not know one of them.
    pub fn ahead(&self, from: &str, to: &str) -> Result<u64, GitError> {
        let range = format!("{from}..{to}");
        self.number(&["rev-list", "--count", "--end-of-options", &range])
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

impl Objects {
    /// A commit.
    ///
    /// # Errors
    /// When git does not have it.
    pub fn commit(&mut self, object: &str) -> Result<CommitObject, GitError> {
        let content = self.read(object, "commit")?;
        let text = String::from_utf8_lossy(&content).into_owned();
        let header = text.split("\n\n").next().unwrap_or_default();
        let mut fields = header.lines().filter_map(|line| line.split_once(' '));
        let mut commit = CommitObject {
            tree: String::new(),
            parents: Vec::new(),
            time: 0,
        };
        for (key, value) in &mut fields {
            match key {
                "tree" => commit.tree = value.to_owned(),
                "parent" => commit.parents.push(value.to_owned()),
                // `NAME <MAIL> SECONDS ZONE`
                "committer" => {
                    let seconds = value.rsplit(' ').nth(1);
                    commit.time = seconds.and_then(|time| time.parse().ok()).unwrap_or(0);
                }
                _ => {}
            }
        }
        Ok(commit)
    }

    /// The content of a file or the target of a link.
    ///
    /// # Errors
    /// When git does not have it.
    pub fn blob(&mut self, object: &str) -> Result<Vec<u8>, GitError> {
        self.read(object, "blob")
    }

    /// The entries of a tree, in git's order.
    ///
    /// # Errors
    /// When git does not have it.
    pub fn tree(&mut self, object: &str) -> Result<Vec<TreeEntry>, GitError> {
        let content = self.read(object, "tree")?;
        let entries = entries(&content);
        entries.ok_or_else(|| {
            let message = format!("the tree `{object}` cannot be read");
            self.tree.failed("cat-file", message, None)
        })
    }

    /// The file at a path below a tree; none if there is no file of that path.
    ///
    /// # Errors
    /// When git does not have the tree.
    pub fn file(&mut self, tree: &str, path: &str) -> Result<Option<Vec<u8>>, GitError> {
        let mut at = tree.to_owned();
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        for (number, part) in parts.iter().enumerate() {
            let entries = self.tree(&at)?;
            let named = |entry: &TreeEntry| entry.name == part.as_bytes();
            let Some(entry) = entries.into_iter().find(named) else {
                return Ok(None);
            };
            let is_last = number + 1 == parts.len();
            if is_last == (entry.kind == TreeEntryKind::Directory) {
                return Ok(None);
            }
            at = entry.object;
        }
        self.blob(&at).map(Some)
    }

    /// As [`Self::file`], as text; what is no UTF-8 is replaced.
    ///
    /// # Errors
    /// When git does not have the tree.
    pub fn text(&mut self, tree: &str, path: &str) -> Result<Option<String>, GitError> {
        let file = self.file(tree, path)?;
        Ok(file.map(|file| String::from_utf8_lossy(&file).into_owned()))
    }

    fn read(&mut self, object: &str, kind: &str) -> Result<Vec<u8>, GitError> {
        let answered = self.exchange(object);
        let (header, content) =
            answered.map_err(|error| self.tree.failed("cat-file", String::new(), Some(error)))?;
        if header.split_whitespace().nth(1) == Some(kind) {
            return Ok(content);
        }
        let message = format!("there is no {kind} `{object}`: {}", header.trim());
        Err(self.tree.failed("cat-file", message, None))
    }

    /// `NAME KIND SIZE`, the content and a line end; or `NAME missing`.
    fn exchange(&mut self, object: &str) -> io::Result<(String, Vec<u8>)> {
        writeln!(self.ask, "{object}")?;
        self.ask.flush()?;
        let mut header = String::new();
        self.answer.read_line(&mut header)?;
        let size = header.split_whitespace().nth(2);
        let Some(size) = size.and_then(|size| size.parse::<usize>().ok()) else {
            return Ok((header, Vec::new()));
        };
        let mut content = vec![0; size + 1];
        self.answer.read_exact(&mut content)?;
        content.pop();
        Ok((header, content))
    }
}

impl Drop for Objects {
    fn drop(&mut self) {
        // It only reads: nothing is lost by ending it.
        let _ended = self.process.kill();
        let _status = self.process.wait();
    }
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
            object: object.iter().map(|byte| format!("{byte:02x}")).collect(),
        });
    }
    Some(entries)
}
