//! Branches: where they are, moved with a lease, fetched and pushed. Nothing here ever
//! moves a branch to a commit that does not follow from the one it is at, or forces a
//! remote to.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::time::{Duration, Instant};

use super::{GitError, NO_OBJECT, WorkTree, command};

/// How often a process that may hang is looked at.
const LOOK: Duration = Duration::from_millis(10);

/// Nobody is asked for a name or a password, and a connection without a byte for half a
/// minute is none.
const UNATTENDED: [&str; 6] = [
    "-c",
    "core.askPass=true",
    "-c",
    "http.lowSpeedLimit=1",
    "-c",
    "http.lowSpeedTime=30",
];

/// Why a remote has nothing to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absence {
    /// There is no such repository, or no such branch in it.
    Gone,
    /// Nobody answers, or not to us.
    Unreachable,
}

impl WorkTree {
    /// The commits of some references, such as `refs/heads/main`; those that are not
    /// there are left out.
    ///
    /// # Errors
    /// When git refuses.
    pub fn tips(&self, references: &[&str]) -> Result<BTreeMap<String, String>, GitError> {
        let show = ["for-each-ref", "--format=%(refname) %(objectname)"];
        let shown = self.output(&[&show[..], references].concat(), b"")?;
        let shown = String::from_utf8_lossy(&shown).into_owned();
        let tips = shown.lines().filter_map(|line| line.split_once(' '));
        Ok(tips
            .filter(|(name, _)| references.contains(name))
            .map(|(name, commit)| (name.to_owned(), commit.to_owned()))
            .collect())
    }

    /// Whether a commit is another, or comes before it.
    ///
    /// # Errors
    /// When git does not know one of them.
    pub fn is_before(&self, older: &str, newer: &str) -> Result<bool, GitError> {
        Ok(older == newer || self.ahead(newer, older)? == 0)
    }

    /// Moves a reference, if it is still where it was seen; `None` is one that is not
    /// there.
    ///
    /// # Errors
    /// When it is elsewhere by now, or git refuses.
    pub fn point(
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

    /// Whether there is a remote of that name.
    #[must_use]
    pub fn has_remote(&self, remote: &str) -> bool {
        self.output(&["remote", "get-url", remote], b"").is_ok()
    }

    /// Brings what a remote has of a branch here, as `refs/remotes/REMOTE/BRANCH`.
    ///
    /// # Errors
    /// When it has nothing to say; the text is what git says of it.
    pub fn fetch(
        &self,
        remote: &str,
        branch: &str,
        limit: Duration,
    ) -> Result<(), (Absence, String)> {
        let refspec = format!("+refs/heads/{branch}:refs/remotes/{remote}/{branch}");
        let fetch = ["fetch", "--quiet", "--no-tags", "--", remote, &refspec];
        let said = self.unattended(&fetch, limit);
        said.map(drop).map_err(|error| {
            let message = error.message.trim().to_owned();
            (absence(&message), message)
        })
    }

    /// Brings all branches of a remote here.
    ///
    /// # Errors
    /// When it has nothing to say.
    pub fn fetch_all(&self, remote: &str, limit: Duration) -> Result<(), GitError> {
        let refspec = format!("+refs/heads/*:refs/remotes/{remote}/*");
        let fetch = ["fetch", "--quiet", "--no-tags", "--", remote, &refspec];
        self.unattended(&fetch, limit).map(drop)
    }

    /// Clones a repository; nothing is checked out.
    ///
    /// # Errors
    /// When it cannot be had.
    pub fn clone_of(address: &str, to: &Path, limit: Duration) -> Result<Self, GitError> {
        let made = Self {
            root: to.to_owned(),
        };
        // git starts in a folder that is there.
        let here = to.ancestors().find(|folder| folder.is_dir());
        let here = Self {
            root: here.unwrap_or(Path::new("/")).to_owned(),
        };
        let place = to.to_string_lossy();
        let clone = ["clone", "--quiet", "--no-checkout", "--", address, &place];
        here.unattended(&clone, limit)?;
        Ok(made)
    }

    /// Says where the repository comes from.
    ///
    /// # Errors
    /// When git refuses.
    pub fn set_origin(&self, address: &str) -> Result<(), GitError> {
        self.run(&["remote", "set-url", "origin", address])
    }

    /// Checks a commit out, on no branch.
    ///
    /// # Errors
    /// When git does not know it, or files are in the way.
    pub fn detach(&self, commit: &str) -> Result<(), GitError> {
        let checkout = ["checkout", "--quiet", "--no-overwrite-ignore", "--detach"];
        self.run(&[&checkout[..], &[commit, "--"]].concat())
    }

    /// The commit that a remote's branch is at; none if it has no such branch.
    ///
    /// # Errors
    /// When the remote cannot be asked.
    pub fn remote_tip(
        &self,
        remote: &str,
        branch: &str,
        limit: Duration,
    ) -> Result<Option<String>, GitError> {
        let reference = format!("refs/heads/{branch}");
        let said = self.unattended(&["ls-remote", "--", remote, &reference], limit)?;
        let said = String::from_utf8_lossy(&said).into_owned();
        let mut lines = said.lines().filter_map(|line| line.split_once('\t'));
        let found = lines.find(|(_, name)| *name == reference);
        Ok(found.map(|(commit, _)| commit.to_owned()))
    }

    /// Makes a remote's branch be at a commit that follows from where it is.
    ///
    /// # Errors
    /// When the remote refuses, as it does if somebody was faster.
    pub fn push(
        &self,
        remote: &str,
        commit: &str,
        branch: &str,
        limit: Duration,
    ) -> Result<(), GitError> {
        let refspec = format!("{commit}:refs/heads/{branch}");
        let push = [
            "push",
            "--quiet",
            "--no-follow-tags",
            "--",
            remote,
            &refspec,
        ];
        self.unattended(&push, limit).map(drop)
    }

    /// Takes a remote's branch away, if it is still where it was seen.
    ///
    /// # Errors
    /// When it is elsewhere by now, or the remote refuses.
    pub fn unpush(
        &self,
        remote: &str,
        seen: &str,
        branch: &str,
        limit: Duration,
    ) -> Result<(), GitError> {
        let lease = format!("--force-with-lease=refs/heads/{branch}:{seen}");
        let refspec = format!(":refs/heads/{branch}");
        let push = ["push", "--quiet", &lease, "--", remote, &refspec];
        self.unattended(&push, limit).map(drop)
    }

    /// Brings one commit of a remote's branch here; no reference of ours moves.
    ///
    /// # Errors
    /// When the remote has nothing to say.
    pub fn fetch_only(&self, remote: &str, branch: &str, limit: Duration) -> Result<(), GitError> {
        let reference = format!("refs/heads/{branch}");
        let fetch = [
            "fetch",
            "--quiet",
            "--no-tags",
            "--no-write-fetch-head",
            "--refmap=",
        ];
        self.unattended(&[&fetch[..], &["--", remote, &reference]].concat(), limit)
            .map(drop)
    }

    /// Whether a commit changes nothing but one file, and has this title.
    ///
    /// # Errors
    /// When git does not know it.
    pub fn changes_only(&self, commit: &str, file: &str, title: &str) -> Result<bool, GitError> {
        let show = [
            "diff-tree",
            "--no-commit-id",
            "--name-only",
            "-r",
            "-z",
            "-m",
        ];
        let names = self.output(&[&show[..], &[commit]].concat(), b"")?;
        let said = self.output(&["log", "-1", "--format=%s", commit, "--"], b"")?;
        let is_titled = String::from_utf8_lossy(&said).trim_end() == title;
        Ok(is_titled && names.strip_suffix(b"\0") == Some(file.as_bytes()))
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

    /// The folders that have a branch checked out: that of the repository, and those of
    /// other work trees of it.
    ///
    /// # Errors
    /// When git refuses.
    pub fn folders_on(&self, branch: &str) -> Result<Vec<Self>, GitError> {
        let list = self.output(&["worktree", "list", "--porcelain", "-z"], b"")?;
        let wanted = format!("branch refs/heads/{branch}");
        let mut folders = Vec::new();
        let mut at = None;
        for line in list.split(|byte| *byte == 0) {
            let line = String::from_utf8_lossy(line);
            if let Some(folder) = line.strip_prefix("worktree ") {
                at = Some(PathBuf::from(folder));
            } else if line == wanted
                && let Some(root) = at.take()
                && root.is_dir()
            {
                folders.push(Self { root });
            }
        }
        Ok(folders)
    }

    /// Whether any reference leads to what is checked out.
    ///
    /// # Errors
    /// When git refuses.
    pub fn is_named(&self) -> Result<bool, GitError> {
        let naming = ["for-each-ref", "--count=1", "--contains=HEAD"];
        Ok(!self.output(&naming, b"")?.is_empty())
    }

    /// Makes a commit that is another with one file of its first level replaced, as it
    /// would be made at that time (seconds since 1970). No branch moves, and no file of
    /// the folder. The same arguments give the same commit.
    ///
    /// # Errors
    /// When git refuses, as it does if it does not know who commits.
    pub fn with_file(
        &self,
        base: &str,
        file: (&str, &str),
        message: &str,
        time: i64,
    ) -> Result<String, GitError> {
        let word = |said: Vec<u8>| String::from_utf8_lossy(&said).trim().to_owned();
        let (name, text) = file;
        let blob = word(self.output(&["hash-object", "-w", "--stdin"], text.as_bytes())?);
        let mut entries = Vec::new();
        let listed = self.output(&["ls-tree", "-z", "--full-tree", base], b"")?;
        let own = format!("\t{name}");
        for entry in listed.split(|byte| *byte == 0) {
            if !entry.is_empty() && !entry.ends_with(own.as_bytes()) {
                entries.extend_from_slice(entry);
                entries.push(0);
            }
        }
        entries.extend_from_slice(format!("100644 blob {blob}{own}\0").as_bytes());
        let tree = word(self.output(&["mktree", "-z"], &entries)?);
        let date = format!("@{time} +0000");
        let dates = [
            ("GIT_AUTHOR_DATE", date.as_ref()),
            ("GIT_COMMITTER_DATE", date.as_ref()),
        ];
        let commit = ["commit-tree", "--no-gpg-sign", "-p", base, &tree];
        let made = super::git(&self.root, &commit, message.as_bytes(), &dates);
        self.heard(&commit, made).map(word)
    }

    /// Whether the folder can be brought from one commit to another without a loss of
    /// anything that somebody has in it, ignored or not.
    ///
    /// # Errors
    /// When it cannot: the message names the files.
    pub fn can_follow(&self, from: &str, to: &str) -> Result<(), GitError> {
        let files = self.in_the_way(from, to)?;
        if !files.is_empty() {
            let files = files.into_iter().collect::<Vec<_>>().join(", ");
            let message = format!("what is not committed is in the way: {files}");
            return Err(self.failed("read-tree", message, None));
        }
        let _changed_by_somebody = self.run(&["update-index", "-q", "--refresh"]);
        self.run(&["read-tree", "-n", "-m", "-u", from, to])
    }

    /// Brings the folder and what is staged from one commit to another; what somebody
    /// changed stays. A second time it does nothing.
    ///
    /// # Errors
    /// As [`Self::can_follow`]; nothing is changed then.
    pub fn follow(&self, from: &str, to: &str) -> Result<(), GitError> {
        let _changed_by_somebody = self.run(&["update-index", "-q", "--refresh"]);
        self.run(&["read-tree", "-m", "-u", from, to])
    }

    /// Files that differ between two commits and of which the folder has something that
    /// the first of them has not: changes, or files that git does not follow.
    ///
    /// # Errors
    /// When git does not know the commits.
    pub fn in_the_way(&self, from: &str, to: &str) -> Result<BTreeSet<String>, GitError> {
        let names = |filter: &str| -> Result<Vec<String>, GitError> {
            let differ = [
                "diff-tree",
                "-r",
                "--name-only",
                "--no-renames",
                "-z",
                filter,
            ];
            let differ = self.output(&[&differ[..], &[from, to, "--"]].concat(), b"")?;
            let files = differ
                .split(|byte| *byte == 0)
                .filter(|file| !file.is_empty());
            Ok(files
                .map(|file| String::from_utf8_lossy(file).into_owned())
                .collect())
        };
        let changed = self.changed()?;
        let mut files: BTreeSet<String> = names("--diff-filter=MDT")?
            .into_iter()
            .filter(|file| changed.contains_key(file))
            .collect();
        let tracked = self.files()?;
        for file in names("--diff-filter=A")? {
            // A file where a folder must be is as much in the way as one of the same name.
            let mut paths = Path::new(&file).ancestors();
            let stands = paths.find(|path| {
                let there = self.root.join(path).symlink_metadata();
                let is_own = *path == Path::new(&file);
                !path.as_os_str().is_empty()
                    && there.is_ok_and(|there| is_own || !there.is_dir())
                    && !tracked.contains(&*path.to_string_lossy())
            });
            if let Some(path) = stands {
                files.insert(path.to_string_lossy().into_owned());
            }
        }
        Ok(files)
    }

    /// Gets ready to move a reference: from now on nobody else can, until it is moved or
    /// dropped.
    ///
    /// # Errors
    /// When it is no longer where it was seen, or somebody else is about to move it.
    pub fn prepare(&self, reference: &str, seen: &str, to: &str) -> Result<Prepared, GitError> {
        let failed = |error| self.failed("update-ref", String::new(), Some(error));
        let process = command(&self.root, &["update-ref", "--stdin"])
            .spawn()
            .map_err(failed)?;
        let mut prepared = Prepared::new(process, self.clone())?;
        // An empty one is a reference that is not there yet.
        let seen = match seen {
            "" => NO_OBJECT,
            seen => seen,
        };
        prepared.say(&format!("start\nupdate {reference} {to} {seen}\nprepare\n"))?;
        prepared.hear("start: ok")?;
        prepared.hear("prepare: ok")?;
        Ok(prepared)
    }

    /// The file with which git keeps others from moving a reference.
    ///
    /// # Errors
    /// When git refuses.
    pub fn lock_of(&self, reference: &str) -> Result<std::path::PathBuf, GitError> {
        let path = format!("{reference}.lock");
        let path = self.output(&["rev-parse", "--git-path", &path], b"")?;
        let path = String::from_utf8_lossy(&path).trim_end().to_owned();
        Ok(self.root.join(path))
    }

    /// What git prints when nobody is there to answer it, and it may take so long.
    fn unattended(&self, arguments: &[&str], limit: Duration) -> Result<Vec<u8>, GitError> {
        let all = [&UNATTENDED[..], arguments].concat();
        let mut git = command(&self.root, &all);
        git.env("GIT_TERMINAL_PROMPT", "0").stdin(Stdio::null());
        if std::env::var_os("GIT_SSH_COMMAND").is_none() {
            git.env(
                "GIT_SSH_COMMAND",
                "ssh -o BatchMode=yes -o ConnectTimeout=15",
            );
        }
        let shown = arguments.first().copied().unwrap_or_default();
        let failed = |error| self.failed(shown, String::new(), Some(error));
        let mut process = git.spawn().map_err(failed)?;
        let end = Instant::now() + limit;
        let (mut stdout, mut stderr) = (process.stdout.take(), process.stderr.take());
        let reading = std::thread::spawn(move || {
            let mut said = Vec::new();
            let read = stdout.as_mut().map(|stdout| stdout.read_to_end(&mut said));
            (said, read.transpose())
        });
        let complaining = std::thread::spawn(move || {
            let mut said = Vec::new();
            let _unread = stderr.as_mut().map(|stderr| stderr.read_to_end(&mut said));
            said
        });
        let status = loop {
            if let Some(status) = process.try_wait().map_err(failed)? {
                break status;
            }
            if Instant::now() > end {
                let _ended = process.kill();
                let _status = process.wait();
                let message = format!("no answer within {} seconds", limit.as_secs());
                return Err(self.failed(shown, message, None));
            }
            std::thread::sleep(LOOK);
        };
        let (said, read) = reading.join().expect("reading a pipe does not panic");
        read.map_err(failed)?;
        let complaint = complaining.join().expect("reading a pipe does not panic");
        if status.success() {
            return Ok(said);
        }
        let message = String::from_utf8_lossy(&complaint).trim_end().to_owned();
        Err(self.failed(shown, message, None))
    }
}

/// What git says, as words of protocols and servers that are the same everywhere.
fn absence(message: &str) -> Absence {
    let gone = [
        "does not exist",
        "does not appear to be a git repository",
        "not found",
        "couldn't find remote ref",
        "404",
    ];
    let message = message.to_lowercase();
    // A host of which nobody has heard is out of reach, whatever else is.
    let is_unreachable =
        message.contains("could not resolve host") || message.contains("could not connect");
    match !is_unreachable && gone.iter().any(|word| message.contains(word)) {
        true => Absence::Gone,
        false => Absence::Unreachable,
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

#[cfg(test)]
mod tests {
    use super::{Absence, absence};

    #[test]
    fn a_repository_that_is_gone_is_not_one_that_is_out_of_reach() {
        for (message, meant) in [
            (
                "fatal: '/x/y' does not appear to be a git repository",
                Absence::Gone,
            ),
            (
                "fatal: repository 'https://forge.example/x/' not found",
                Absence::Gone,
            ),
            (
                "fatal: couldn't find remote ref refs/heads/main",
                Absence::Gone,
            ),
            (
                "fatal: unable to access 'https://x/': Could not resolve host: x",
                Absence::Unreachable,
            ),
            ("no answer within 60 seconds", Absence::Unreachable),
            (
                "ssh: connect to host x port 22: Connection refused",
                Absence::Unreachable,
            ),
        ] {
            assert_eq!(absence(message), meant, "{message}");
        }
    }
}
