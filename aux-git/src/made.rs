//! Commits that are made without a checkout: on top of others, with some files as they are to be.

use std::ffi::OsStr;

use aux_model::Rev;

use crate::call::git;
use crate::error::GitError;
use crate::work_tree::WorkTree;

/// What a file is in a commit that is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileContent<'c> {
    /// These bytes; the mode stays.
    Text(&'c [u8]),
    /// These bytes, and it may be run.
    Program(&'c [u8]),
    /// It is not there.
    Gone,
}

/// Who wrote a commit, as git has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Author {
    /// The name.
    pub name: String,
    /// The address.
    pub email: String,
    /// The moment: seconds since 1970 and the time zone.
    pub date: String,
}

/// A commit with what somebody said of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authored {
    /// Its name.
    pub commit: Rev,
    /// Who wrote it.
    pub author: Author,
    /// The whole message.
    pub message: String,
}

impl WorkTree {
    /// A commit that has these parents and the tree of the last one, in which some files have these
    /// texts. Nothing refers to it yet; the same arguments give the same commit. Paths are relative
    /// to the top of the tree, and `time` is in seconds since 1970. A file that is there keeps its
    /// mode.
    ///
    /// # Errors
    /// When git refuses, or does not know who commits.
    pub fn with_files(
        &self,
        parents: &[&str],
        files: &[(&str, &str)],
        message: &str,
        time: i64,
    ) -> Result<Rev, GitError> {
        let files = files.iter();
        let files: Vec<(&str, FileContent<'_>)> = files
            .map(|(path, text)| (*path, FileContent::Text(text.as_bytes())))
            .collect();
        let date = format!("@{time} +0000");
        let dates = [
            ("GIT_AUTHOR_DATE", date.as_ref()),
            ("GIT_COMMITTER_DATE", date.as_ref()),
        ];
        self.made(parents, &files, message, &dates)
    }

    /// As [`with_files`](Self::with_files), with who wrote it, and files that go. By whom git is set to
    /// it is committed at the moment when it was written, or else of its parent: so that the same
    /// arguments give the same commit.
    ///
    /// # Errors
    /// As there.
    pub fn with_changes(
        &self,
        parent: &str,
        files: &[(&str, FileContent<'_>)],
        message: &str,
        author: Option<&Author>,
    ) -> Result<Rev, GitError> {
        let date = match author {
            Some(author) => author.date.clone(),
            None => format!("@{} +0000", self.commit_of(parent)?.time),
        };
        let mut variables: Vec<(&str, &OsStr)> = vec![
            ("GIT_AUTHOR_DATE", date.as_ref()),
            ("GIT_COMMITTER_DATE", date.as_ref()),
        ];
        if let Some(author) = author {
            variables.push(("GIT_AUTHOR_NAME", author.name.as_ref()));
            variables.push(("GIT_AUTHOR_EMAIL", author.email.as_ref()));
        }
        self.made(&[parent], files, message, &variables)
    }

    fn made(
        &self,
        parents: &[&str],
        files: &[(&str, FileContent<'_>)],
        message: &str,
        variables: &[(&str, &OsStr)],
    ) -> Result<Rev, GitError> {
        let mut tree = format!("{}^{{tree}}", parents.last().unwrap_or(&"HEAD"));
        for (path, content) in files {
            let write = |bytes: &[u8]| self.output(&["hash-object", "-w", "--stdin"], bytes);
            let blob = match content {
                FileContent::Text(bytes) => Some((word(&write(bytes)?), None)),
                FileContent::Program(bytes) => Some((word(&write(bytes)?), Some("100755"))),
                FileContent::Gone => None,
            };
            let blob = blob.as_ref().map(|(blob, mode)| (blob.as_str(), *mode));
            // A tree that is empty is none: git keeps no such folder.
            tree = match self.with_entry(Some(&tree), path, blob)? {
                Some(tree) => tree,
                None => word(&self.output(&["mktree"], b"")?),
            };
        }
        self.committed(&tree, parents, message, variables)
    }

    fn committed(
        &self,
        tree: &str,
        parents: &[&str],
        message: &str,
        variables: &[(&str, &OsStr)],
    ) -> Result<Rev, GitError> {
        let mut commit = vec!["commit-tree", "--no-gpg-sign"];
        commit.extend(parents.iter().flat_map(|parent| ["-p", parent]));
        commit.push(tree);
        let made = git(self.root(), &commit, message.as_bytes(), variables);
        let made = word(&self.heard(&commit, made)?);
        made.parse()
            .map_err(|_| self.failed("commit-tree", format!("it said `{made}`"), None))
    }

    /// The newest commit that two have in their histories; none if there is none.
    ///
    /// # Errors
    /// When git does not know one of them.
    pub fn merge_base(&self, one: &str, other: &str) -> Result<Option<Rev>, GitError> {
        let arguments = ["merge-base", one, other];
        match git(self.root(), &arguments, b"", &[]) {
            Ok(output) if output.status.code() == Some(1) && output.stdout.is_empty() => Ok(None),
            answer => Ok(word(&self.heard(&arguments, answer)?).parse().ok()),
        }
    }

    /// The tree that a merge of two commits has, without a checkout; or the files in which they
    /// do not go together (git-merge-tree(1), "--write-tree", git 2.38).
    ///
    /// # Errors
    /// When git is older, or does not know one of them.
    pub fn merged_tree(
        &self,
        one: &str,
        other: &str,
    ) -> Result<Result<String, Vec<String>>, GitError> {
        let arguments = [
            "merge-tree",
            "--write-tree",
            "--name-only",
            "--no-messages",
            "-z",
            one,
            other,
        ];
        let answer = git(self.root(), &arguments, b"", &[]);
        if let Ok(output) = &answer
            && output.status.code() == Some(1)
            && !output.stdout.is_empty()
        {
            let names = output.stdout.split(|byte| *byte == 0).skip(1);
            let names = names.filter(|name| !name.is_empty());
            return Ok(Err(names
                .map(|name| String::from_utf8_lossy(name).into_owned())
                .collect()));
        }
        let said = self.heard(&arguments, answer)?;
        let tree = said.split(|byte| *byte == 0).next().unwrap_or_default();
        Ok(Ok(word(tree)))
    }

    /// A commit of a tree with two parents, made at that time (seconds since 1970).
    ///
    /// # Errors
    /// When git refuses, or does not know who commits.
    pub fn merge_of(
        &self,
        tree: &str,
        parents: [&str; 2],
        message: &str,
        time: i64,
    ) -> Result<Rev, GitError> {
        let date = format!("@{time} +0000");
        let dates = [
            ("GIT_AUTHOR_DATE", date.as_ref()),
            ("GIT_COMMITTER_DATE", date.as_ref()),
        ];
        self.committed(tree, &parents, message, &dates)
    }

    /// The commits that change something below a folder and lead to another one, oldest first,
    /// without merges.
    ///
    /// # Errors
    /// When git does not know the commit.
    pub fn commits_of_folder(&self, to: &str, folder: &str) -> Result<Vec<Authored>, GitError> {
        let log = [
            "log",
            "-z",
            "--reverse",
            "--topo-order",
            "--no-merges",
            "--format=%H%n%an%n%ae%n%ad%n%B",
            "--date=raw",
            to,
            "--",
            folder,
        ];
        let said = self.output(&log, b"")?;
        let commits = said.split(|byte| *byte == 0);
        let commits = commits.filter_map(|commit| {
            let text = String::from_utf8_lossy(commit).into_owned();
            let mut parts = text.splitn(5, '\n');
            let mut part = || parts.next().map(str::to_owned);
            let name = part()?.parse().ok()?;
            let author = Author {
                name: part()?,
                email: part()?,
                date: part()?,
            };
            let message = part().unwrap_or_default().trim_end().to_owned() + "\n";
            Some(Authored {
                commit: name,
                author,
                message,
            })
        });
        Ok(commits.collect())
    }

    /// A tree in which a file is this blob, with a mode if it is to have one, or is gone; none if
    /// nothing is left in it.
    fn with_entry(
        &self,
        tree: Option<&str>,
        path: &str,
        blob: Option<(&str, Option<&str>)>,
    ) -> Result<Option<String>, GitError> {
        let (name, below) = match path.split_once('/') {
            Some((name, below)) => (name, Some(below)),
            None => (path, None),
        };
        let own = format!("\t{name}");
        let (mut entries, mut before) = (Vec::new(), None);
        if let Some(tree) = tree {
            let listed = self.output(&["ls-tree", "-z", "--full-tree", tree], b"")?;
            for entry in listed.split(|byte| *byte == 0) {
                if entry.ends_with(own.as_bytes()) {
                    before = Some(String::from_utf8_lossy(entry).into_owned());
                } else if !entry.is_empty() {
                    entries.extend_from_slice(entry);
                    entries.push(0);
                }
            }
        }
        // MODE, type, object and the name.
        let mut before = before.iter().flat_map(|entry| entry.split([' ', '\t']));
        let (known, kind, object) = (before.next(), before.next(), before.next());
        let entry = match (below, blob) {
            (Some(below), _) => {
                let folder = object.filter(|_| kind == Some("tree"));
                let made = self.with_entry(folder, below, blob)?;
                made.map(|made| format!("040000 tree {made}{own}\0"))
            }
            (None, Some((blob, mode))) => {
                let known = known.filter(|mode| mode.starts_with("100"));
                let mode = mode.or(known).unwrap_or("100644");
                Some(format!("{mode} blob {blob}{own}\0"))
            }
            (None, None) => None,
        };
        entries.extend_from_slice(entry.unwrap_or_default().as_bytes());
        if entries.is_empty() {
            return Ok(None);
        }
        Ok(Some(word(&self.output(&["mktree", "-z"], &entries)?)))
    }
}

fn word(said: &[u8]) -> String {
    String::from_utf8_lossy(said).trim().to_owned()
}
