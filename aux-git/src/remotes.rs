//! Remotes: asked, fetched from and pushed to, when nobody is there to type a password.
//! Nothing here forces a remote's branch to a commit that does not follow from where it is.

use std::io::Read;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use aux_model::Rev;
use aux_process::Group;

use crate::call::command;
use crate::error::GitError;
use crate::object_store::is_partial;
use crate::work_tree::WorkTree;

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

/// Which files of the history a clone brings along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blobs {
    /// All.
    All,
    /// Those that are checked out; others are fetched when they are asked for.
    WhenAskedFor,
}

/// Why a remote has nothing to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absence {
    /// There is no such repository, or no such branch in it.
    Gone,
    /// Nobody answers, or not to us.
    Unreachable,
}

impl WorkTree {
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

    /// Brings the files of a commit here, if it is a clone that fetches objects when they are asked
    /// for (git-clone(1), `--filter`): all that are missing at once.
    ///
    /// # Errors
    /// When the remote does not have them.
    pub fn complete(&self, commit: &str) -> Result<(), GitError> {
        if !is_partial(&self.object_store()?) {
            return Ok(());
        }
        let list = [
            "rev-list",
            "--objects",
            "--missing=print",
            "--no-walk",
            commit,
        ];
        let listed = self.output(&[&list[..], &["--"]].concat(), b"")?;
        let listed = String::from_utf8_lossy(&listed).into_owned();
        let missing = listed.lines().filter_map(|line| line.strip_prefix('?'));
        let missing: Vec<&str> = missing.collect();
        if missing.is_empty() {
            return Ok(());
        }
        // As git itself fetches what is missing (partial-clone, "Fetching Missing Objects").
        let fetch = [
            "-c",
            "fetch.negotiationAlgorithm=noop",
            "fetch",
            "--quiet",
            "--no-tags",
            "--no-write-fetch-head",
            "--recurse-submodules=no",
            "--filter=blob:none",
            "--stdin",
            "--",
            "origin",
        ];
        let wanted = missing.join("\n") + "\n";
        self.output(&[&UNATTENDED[..], &fetch].concat(), wanted.as_bytes())?;
        Ok(())
    }

    /// Gives a shallow clone the history that it lacks.
    ///
    /// # Errors
    /// When the remote has nothing to say.
    pub fn deepen(&self, remote: &str, limit: Duration) -> Result<(), GitError> {
        let fetch = ["fetch", "--quiet", "--no-tags", "--unshallow", "--", remote];
        self.unattended(&fetch, limit).map(drop)
    }

    /// Clones a repository; nothing is checked out.
    ///
    /// # Errors
    /// When it cannot be had.
    pub fn clone_of(
        address: &str,
        to: &Path,
        blobs: Blobs,
        limit: Duration,
    ) -> Result<Self, GitError> {
        let made = Self {
            root: to.to_owned(),
        };
        // git starts in a folder that is there.
        let here = to.ancestors().find(|folder| folder.is_dir());
        let here = Self {
            root: here.unwrap_or(Path::new("/")).to_owned(),
        };
        let place = to.to_string_lossy();
        let mut clone = vec!["clone", "--quiet", "--no-checkout"];
        if blobs == Blobs::WhenAskedFor {
            clone.push("--filter=blob:none");
        }
        clone.extend(["--", address, &place]);
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

    /// The commit that a remote's branch is at; none if it has no such branch.
    ///
    /// # Errors
    /// When the remote cannot be asked.
    pub fn resolve_remote_ref(
        &self,
        remote: &str,
        branch: &str,
        limit: Duration,
    ) -> Result<Option<Rev>, GitError> {
        self.resolve_remote_reference(remote, &format!("refs/heads/{branch}"), limit)
    }

    /// The object of one reference of a remote, such as `refs/tags/1.2.0`; none if it is not there.
    ///
    /// # Errors
    /// When the remote does not answer.
    pub fn resolve_remote_reference(
        &self,
        remote: &str,
        reference: &str,
        limit: Duration,
    ) -> Result<Option<Rev>, GitError> {
        let said = self.unattended(&["ls-remote", "--", remote, reference], limit)?;
        let said = String::from_utf8_lossy(&said).into_owned();
        let mut lines = said.lines().filter_map(|line| line.split_once('\t'));
        let found = lines.find(|(_, name)| *name == reference);
        Ok(found.and_then(|(commit, _)| commit.parse().ok()))
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
        self.push_reference(remote, commit, &format!("refs/heads/{branch}"), limit)
    }

    /// Makes a remote's reference, such as `refs/tags/1.2.0`, be at a commit. Nothing is forced: a
    /// tag that is elsewhere stays there.
    ///
    /// # Errors
    /// When the remote refuses.
    pub fn push_reference(
        &self,
        remote: &str,
        commit: &str,
        reference: &str,
        limit: Duration,
    ) -> Result<(), GitError> {
        self.must_be_elsewhere(remote)?;
        let refspec = format!("{commit}:{reference}");
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
    pub fn delete_remote_branch(
        &self,
        remote: &str,
        seen: &str,
        branch: &str,
        limit: Duration,
    ) -> Result<(), GitError> {
        self.must_be_elsewhere(remote)?;
        let lease = format!("--force-with-lease=refs/heads/{branch}:{seen}");
        let refspec = format!(":refs/heads/{branch}");
        let push = ["push", "--quiet", &lease, "--", remote, &refspec];
        self.unattended(&push, limit).map(drop)
    }

    /// A remote on this machine runs its own hooks when it is pushed to. One that lies in the
    /// checkout, or in its git directory, came with it.
    fn must_be_elsewhere(&self, remote: &str) -> Result<(), GitError> {
        let urls = self.output(&["remote", "get-url", "--push", "--all", remote], b"")?;
        let common = self.common_directory();
        for url in String::from_utf8_lossy(&urls).lines() {
            let path = url.strip_prefix("file://").unwrap_or(url);
            let Ok(place) = self.root.join(path).canonicalize() else {
                continue;
            };
            let is_inside = place.starts_with(&self.root)
                || common
                    .as_ref()
                    .is_some_and(|common| place.starts_with(common));
            if is_inside {
                let message = format!("the remote `{remote}` is a part of its own checkout");
                return Err(self.failed("push", message, None));
            }
        }
        Ok(())
    }

    /// What git prints when nobody is there to answer it, and it may take so long.
    fn unattended(&self, arguments: &[&str], limit: Duration) -> Result<Vec<u8>, GitError> {
        let all = [&UNATTENDED[..], arguments].concat();
        let mut git = command(&self.root, &all);
        git.stdin(Stdio::null());
        let shown = arguments.first().copied().unwrap_or_default();
        let failed = |error| self.failed(shown, String::new(), Some(error));
        // With all that it starts, such as ssh: none of it outlives the limit.
        let (mut process, group) = Group::spawn(&mut git).map_err(failed)?;
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
                group.kill();
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
    if !is_unreachable && gone.iter().any(|word| message.contains(word)) {
        Absence::Gone
    } else {
        Absence::Unreachable
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
