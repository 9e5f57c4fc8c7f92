//! Branches: where they are, what is in them, and moved with a lease: only from where they
//! were seen.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout};

use aux_model::Rev;

use crate::call::command;
use crate::error::GitError;
use crate::names::NO_OBJECT;
use crate::work_tree::WorkTree;

impl WorkTree {
    /// The commits of some references, such as `refs/heads/main`; those that are not
    /// there are left out.
    ///
    /// # Errors
    /// When git refuses.
    pub fn resolve_refs(&self, references: &[&str]) -> Result<BTreeMap<String, Rev>, GitError> {
        let show = ["for-each-ref", "--format=%(refname) %(objectname)"];
        let shown = self.output(&[&show[..], references].concat(), b"")?;
        let shown = String::from_utf8_lossy(&shown).into_owned();
        let tips = shown.lines().filter_map(|line| line.split_once(' '));
        Ok(tips
            .filter(|(name, _)| references.contains(name))
            .filter_map(|(name, commit)| Some((name.to_owned(), commit.parse().ok()?)))
            .collect())
    }

    /// The commit of one reference; none if it is not there.
    ///
    /// # Errors
    /// When git refuses.
    pub fn resolve_ref(&self, reference: &str) -> Result<Option<Rev>, GitError> {
        Ok(self.resolve_refs(&[reference])?.remove(reference))
    }

    /// What a symbolic reference, such as `HEAD`, names; none if it names a commit or is
    /// not there.
    #[must_use]
    pub fn symbolic(&self, reference: &str) -> Option<String> {
        let named = self
            .output(&["symbolic-ref", "--quiet", reference], b"")
            .ok()?;
        let named = String::from_utf8(named).ok()?;
        Some(named.trim_end().to_owned())
    }

    /// Whether there is a file of this reference from which git reads no commit, such as an
    /// empty one or one that names itself. git lists it as if it were not there, and then
    /// refuses to write it.
    ///
    /// # Errors
    /// When git refuses.
    pub fn is_broken(&self, reference: &str) -> Result<bool, GitError> {
        let file = self.common_directory().map(|common| common.join(reference));
        let is_there = file.is_some_and(|file| file.is_file());
        Ok(is_there && self.resolve_ref(reference)?.is_none())
    }

    /// A branch beside which there can be none of this name: git has files for them, and
    /// cannot have `a` and `a/b`.
    ///
    /// # Errors
    /// When git refuses.
    pub fn excludes(&self, branch: &str) -> Result<Option<String>, GitError> {
        let below = format!("refs/heads/{branch}/");
        let above = branch.match_indices('/').map(|(end, _)| &branch[..end]);
        let above: Vec<String> = above.map(|name| format!("refs/heads/{name}")).collect();
        let show = ["for-each-ref", "--format=%(refname)", &below];
        let above: Vec<&str> = above.iter().map(String::as_str).collect();
        let shown = self.output(&[&show[..], &above].concat(), b"")?;
        let shown = String::from_utf8_lossy(&shown).into_owned();
        let mut names = shown.lines().filter(|name| {
            // `for-each-ref` takes a name for a folder too.
            name.starts_with(&below) || above.contains(name)
        });
        let found = names
            .next()
            .and_then(|name| name.strip_prefix("refs/heads/"));
        Ok(found.map(str::to_owned))
    }

    /// Whether a commit is another, or comes before it.
    ///
    /// # Errors
    /// When git does not know one of them.
    pub fn is_ancestor(&self, older: &str, newer: &str) -> Result<bool, GitError> {
        Ok(older == newer || self.ahead(newer, older)? == 0)
    }

    /// Moves a reference, if it is still where it was seen; `None` is one that is not
    /// there.
    ///
    /// # Errors
    /// When it is elsewhere by now, or git refuses.
    pub fn update_ref(
        &self,
        reference: &str,
        seen: Option<&str>,
        to: Option<&str>,
    ) -> Result<(), GitError> {
        let seen = seen.unwrap_or(NO_OBJECT);
        match to {
            Some(to) if to == seen => Ok(()),
            Some(to) => self.run(&["update-ref", "--no-deref", reference, to, seen]),
            None if seen == NO_OBJECT => Ok(()),
            None => self.run(&["update-ref", "--no-deref", "-d", reference, seen]),
        }
    }

    /// Gets ready to move a reference, `None` for one that is not there yet: from now on nobody
    /// else can, until it is moved or dropped.
    ///
    /// # Errors
    /// When it is no longer where it was seen, or somebody else is about to move it.
    pub fn prepare(
        &self,
        reference: &str,
        seen: Option<&str>,
        to: &str,
    ) -> Result<Prepared, GitError> {
        let failed = |error| self.failed("update-ref", String::new(), Some(error));
        let process = command(&self.root, &["update-ref", "--stdin"])
            .spawn()
            .map_err(failed)?;
        let mut prepared = Prepared::new(process, self.clone())?;
        let seen = seen.unwrap_or(NO_OBJECT);
        prepared.say(&format!("start\nupdate {reference} {to} {seen}\nprepare\n"))?;
        prepared.hear("start: ok")?;
        prepared.hear("prepare: ok")?;
        Ok(prepared)
    }

    /// The file with which git keeps others from moving a reference.
    ///
    /// # Errors
    /// When git refuses.
    pub fn lock_of(&self, reference: &str) -> Result<PathBuf, GitError> {
        let path = format!("{reference}.lock");
        let path = self.output(&["rev-parse", "--git-path", &path], b"")?;
        let path = String::from_utf8_lossy(&path).trim_end().to_owned();
        Ok(self.root.join(path))
    }

    /// Whether a commit has this title and changes, of its last parent, none but these files; one
    /// without a parent does not.
    ///
    /// # Errors
    /// When git does not know it.
    pub fn changes_only(
        &self,
        commit: &str,
        files: &[&str],
        title: &str,
    ) -> Result<bool, GitError> {
        let said = self.output(&["log", "-1", "--format=%s", commit, "--"], b"")?;
        let is_titled = String::from_utf8_lossy(&said).trim_end() == title;
        let parents = self.parents(commit)?;
        let Some(parent) = parents.last().filter(|_| is_titled) else {
            return Ok(false);
        };
        let show = ["diff-tree", "--name-only", "-r", "-z", parent, commit];
        let names = self.output(&show, b"")?;
        let mut names = names
            .split(|byte| *byte == 0)
            .filter(|name| !name.is_empty());
        Ok(names.all(|name| files.iter().any(|file| file.as_bytes() == name)))
    }

    /// The parents of a commit, in their order.
    ///
    /// # Errors
    /// When git does not know it.
    pub fn parents(&self, commit: &str) -> Result<Vec<Rev>, GitError> {
        let show = ["log", "-1", "--format=%P", commit, "--"];
        let said = self.output(&show, b"")?;
        let said = String::from_utf8_lossy(&said).into_owned();
        Ok(said
            .split_whitespace()
            .filter_map(|name| name.parse().ok())
            .collect())
    }

    /// Whether a commit changes nothing outside of a folder.
    ///
    /// # Errors
    /// When git does not know it.
    pub fn changes_only_below(&self, commit: &str, folder: &str) -> Result<bool, GitError> {
        let show = [
            "diff-tree",
            "--no-commit-id",
            "--name-only",
            "-r",
            "-z",
            "-m",
            "--root",
        ];
        let names = self.output(&[&show[..], &[commit]].concat(), b"")?;
        let below = format!("{folder}/");
        let mut names = names
            .split(|byte| *byte == 0)
            .filter(|name| !name.is_empty());
        Ok(names.all(|name| name.starts_with(below.as_bytes())))
    }

    /// The commits that one has and others have not, newest first.
    ///
    /// # Errors
    /// When git does not know one of them.
    pub fn only_in(&self, commit: &str, others: &[&str]) -> Result<Vec<String>, GitError> {
        let list = ["rev-list", commit, "--not"];
        let listed = self.output(&[&list[..], others, &["--"]].concat(), b"")?;
        let listed = String::from_utf8_lossy(&listed).into_owned();
        Ok(listed.lines().map(str::to_owned).collect())
    }

    /// The commits that lead from one to another along first parents, oldest first, with their
    /// titles; the first of the two is not one of them.
    ///
    /// # Errors
    /// When git does not know one of them.
    pub fn commits_between(&self, from: &Rev, to: &Rev) -> Result<Vec<(Rev, String)>, GitError> {
        let range = format!("{from}..{to}");
        let list = ["log", "--first-parent", "--reverse", "--format=%H %s"];
        let listed = self.output(&[&list[..], &[&range, "--"]].concat(), b"")?;
        let listed = String::from_utf8_lossy(&listed).into_owned();
        let commits = listed.lines().filter_map(|line| {
            let (name, title) = line.split_once(' ').unwrap_or((line, ""));
            Some((name.parse().ok()?, title.to_owned()))
        });
        Ok(commits.collect())
    }

    /// Whether any reference leads to what is checked out.
    ///
    /// # Errors
    /// When git refuses.
    pub fn is_named(&self) -> Result<bool, GitError> {
        let naming = ["for-each-ref", "--count=1", "--contains=HEAD"];
        Ok(!self.output(&naming, b"")?.is_empty())
    }
}

/// A reference that nobody else can move. Dropped, it stays where it is.
#[derive(Debug)]
pub struct Prepared {
    process: Child,
    ask: Option<ChildStdin>,
    answer: BufReader<ChildStdout>,
    tree: WorkTree,
}

impl Prepared {
    fn new(mut process: Child, tree: WorkTree) -> Result<Self, GitError> {
        match (process.stdin.take(), process.stdout.take()) {
            (Some(ask), Some(answer)) => Ok(Self {
                process,
                ask: Some(ask),
                answer: BufReader::new(answer),
                tree,
            }),
            _ => Err(tree.failed("update-ref", "it has no pipes".to_owned(), None)),
        }
    }

    fn say(&mut self, text: &str) -> Result<(), GitError> {
        let Some(ask) = &mut self.ask else {
            return Ok(());
        };
        let said = ask.write_all(text.as_bytes()).and_then(|()| ask.flush());
        said.map_err(|error| self.tree.failed("update-ref", String::new(), Some(error)))
    }

    fn hear(&mut self, wanted: &str) -> Result<(), GitError> {
        let mut line = String::new();
        let read = self.answer.read_line(&mut line);
        read.map_err(|error| self.tree.failed("update-ref", String::new(), Some(error)))?;
        if line.trim_end() == wanted {
            return Ok(());
        }
        let mut message = String::new();
        if let Some(stderr) = &mut self.process.stderr {
            let _unread = stderr.read_to_string(&mut message);
        }
        Err(self
            .tree
            .failed("update-ref", message.trim_end().to_owned(), None))
    }

    /// Moves it.
    ///
    /// # Errors
    /// When the disk refuses at the last moment.
    pub fn commit(mut self) -> Result<(), GitError> {
        self.say("commit\n")?;
        self.hear("commit: ok")
    }
}

impl Drop for Prepared {
    fn drop(&mut self) {
        // At the end of what it reads git lets go of what it only prepared.
        drop(self.ask.take());
        let _status = self.process.wait();
    }
}
