//! Repositories made from a part of another, with its history, by git's own tools.

use std::collections::BTreeSet;
use std::io;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use aux_model::Rev;
use aux_process::ScratchFolder;

use crate::call::{command, git};
use crate::error::GitError;
use crate::index::pathspecs;
use crate::work_tree::WorkTree;

/// The branch of a repository that is made.
const BRANCH: &str = "main";

/// Line ends as they are committed: what somebody wants in their own checkouts is no
/// property of the files.
const AS_COMMITTED: [&str; 2] = ["-c", "core.autocrlf=false"];

/// What becomes of files that git is told to ignore.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ignored {
    /// They are committed too: that was asked for when they were written.
    Too,
    /// They are left alone.
    Left,
}

impl WorkTree {
    /// The commit that is checked out; none before the first.
    #[must_use]
    pub fn head(&self) -> Option<Rev> {
        let name = self.output(&["rev-parse", "--verify", "--quiet", "HEAD"], b"");
        let name = String::from_utf8(name.ok()?).ok()?;
        name.trim().parse().ok()
    }

    /// The address of the remote that is usually fetched from, without names and
    /// passwords; none if there is none, or it is a place on this machine.
    #[must_use]
    pub fn origin(&self) -> Option<String> {
        let address = self.output(&["remote", "get-url", "origin"], b"").ok()?;
        let address = String::from_utf8(address).ok()?;
        public(address.trim())
    }

    /// Makes an empty repository in a folder that is there.
    ///
    /// # Errors
    /// When git refuses.
    pub fn init(folder: &Path) -> Result<Self, GitError> {
        let made = Self {
            root: folder.to_owned(),
        };
        made.run(&["init", "--quiet", "--initial-branch", BRANCH])?;
        Ok(made)
    }

    /// Makes a repository with the history of some directories of this one, in an empty
    /// folder: each commit that changed them, with its author, date and message.
    ///
    /// # Errors
    /// When git refuses.
    pub fn carve(&self, directories: &BTreeSet<String>, to: &Path) -> Result<Self, GitError> {
        let made = Self::init(to)?;
        let export = [
            "fast-export",
            "--signed-tags=strip",
            "--tag-of-filtered-object=drop",
            "--reencode=yes",
            "--stdin",
        ];
        let failed = |error| self.failed("fast-export", String::new(), Some(error));
        let mut exporting = command(&self.root, &export).spawn().map_err(failed)?;
        let import = ["fast-import", "--quiet"];
        let mut importing = command(&made.root, &import);
        if let Some(exported) = exporting.stdout.take() {
            importing.stdin(exported);
        }
        let importing = importing
            .spawn()
            .map_err(|error| made.failed("fast-import", String::new(), Some(error)))?;
        if let Some(mut paths) = exporting.stdin.take() {
            let mut list = String::from("HEAD\n--\n");
            for directory in directories {
                list.push_str(&format!(":(top,literal){directory}\n"));
            }
            // If it does not read them, its answer says why.
            let _refused = paths.write_all(list.as_bytes());
        }
        let mut said = Vec::new();
        if let Some(mut stderr) = exporting.stderr.take() {
            stderr.read_to_end(&mut said).map_err(failed)?;
        }
        let imported = importing.wait_with_output();
        let exported = exporting.wait().map_err(failed)?;
        if !exported.success() {
            let message = String::from_utf8_lossy(&said).trim_end().to_owned();
            return Err(self.failed("fast-export", message, None));
        }
        made.heard(&import, imported)?;
        // The history came under the name that it had.
        let branches = ["for-each-ref", "--format=%(refname)", "refs/heads"];
        let branches = made.output(&branches, b"")?;
        let branches = String::from_utf8_lossy(&branches).into_owned();
        if let Some(branch) = branches.lines().next() {
            let checkout = ["checkout", "--quiet", "--force", "-B", BRANCH, branch];
            made.run(&[&AS_COMMITTED[..], &checkout].concat())?;
            for other in branches.lines() {
                let kept = format!("refs/heads/{BRANCH}");
                if other != kept {
                    made.run(&["update-ref", "-d", other])?;
                }
            }
        }
        Ok(made)
    }

    /// Makes a repository with all of this one's history in an empty folder, that knows
    /// nothing of where it came from.
    ///
    /// # Errors
    /// When git refuses.
    pub fn copy(&self, to: &Path) -> Result<Self, GitError> {
        let made = Self {
            root: to.to_owned(),
        };
        let from = self.root.to_string_lossy();
        let place = to.to_string_lossy();
        let clone = ["clone", "--quiet", "--no-hardlinks", "--origin", "origin"];
        self.run(&[&AS_COMMITTED[..], &clone, &["--", &from, &place]].concat())?;
        made.run(&["remote", "remove", "origin"])?;
        // One branch, whatever those were called that it comes from.
        made.run(&["checkout", "--quiet", "--detach"])?;
        let branches = ["for-each-ref", "--format=%(refname)", "refs/heads"];
        let branches = made.output(&branches, b"")?;
        for branch in String::from_utf8_lossy(&branches).lines() {
            made.run(&["update-ref", "-d", branch])?;
        }
        made.run(&["checkout", "--quiet", "-b", BRANCH])?;
        Ok(made)
    }

    /// Removes what is below some directories, from the folder and the index.
    ///
    /// # Errors
    /// When git refuses.
    pub fn remove(&self, directories: &BTreeSet<String>) -> Result<(), GitError> {
        let remove = [
            "rm",
            "-r",
            "--quiet",
            "--ignore-unmatch",
            "--pathspec-from-file=-",
            "--pathspec-file-nul",
        ];
        self.output(&remove, &pathspecs(directories.iter()))?;
        Ok(())
    }

    /// Commits everything in the folder. Returns whether there was anything to commit.
    ///
    /// # Errors
    /// When git or one of its hooks refuses.
    pub fn commit_all(&self, message: &str, ignored: Ignored) -> Result<bool, GitError> {
        match ignored {
            Ignored::Too => self.run(&["add", "--all", "--force"])?,
            // What somebody ignores everywhere is no rule of this repository.
            Ignored::Left => self.run(&["-c", "core.excludesFile=", "add", "--all"])?,
        }
        if self.run(&["diff", "--cached", "--quiet"]).is_ok() && self.head().is_some() {
            return Ok(false);
        }
        let commit = ["commit", "--quiet", "--allow-empty", "--file", "-"];
        self.output(&commit, message.as_bytes())?;
        Ok(true)
    }

    /// Bytes of the archive (`tar.gz`) of the last commit: what a forge sends, but for the name of the folder
    /// that it puts all files in.
    ///
    /// # Errors
    /// When git refuses.
    pub fn archive_size(&self) -> Result<u64, GitError> {
        let archive = self.output(&["archive", "--format=tar.gz", "HEAD"], b"")?;
        Ok(archive.len() as u64)
    }

    /// Bytes of an archive (`tar.gz`) of some of the files that the last commit has: what
    /// a forge sends to users of a flake in them.
    ///
    /// # Errors
    /// When git refuses.
    pub fn archived(&self, wanted: &dyn Fn(&str) -> bool) -> Result<u64, GitError> {
        let failed = |error: io::Error| self.failed("archive", String::new(), Some(error));
        let folder = ScratchFolder::new().map_err(failed)?;
        let path = |name: &str| folder.path().join(name).into_os_string();
        std::fs::create_dir(path("objects")).map_err(failed)?;
        let objects = self.output(&["rev-parse", "--git-path", "objects"], b"")?;
        let objects = String::from_utf8_lossy(&objects).trim_end().to_owned();
        let objects = self.root.join(PathBuf::from(objects));
        // Several are separated by `:`, but for those in quotes.
        let objects = format!("{:?}", objects.to_string_lossy());
        let (index, own) = (path("index"), path("objects"));
        let apart = [
            ("GIT_INDEX_FILE", index.as_os_str()),
            ("GIT_OBJECT_DIRECTORY", own.as_os_str()),
            ("GIT_ALTERNATE_OBJECT_DIRECTORIES", objects.as_ref()),
        ];
        let listed = self.output(&["ls-tree", "-r", "-z", "--full-tree", "HEAD"], b"")?;
        let mut entries = Vec::new();
        for entry in listed.split(|byte| *byte == 0) {
            let text = std::str::from_utf8(entry).ok();
            if let Some((_, file)) = text.and_then(|text| text.split_once('\t'))
                && wanted(file)
            {
                entries.extend_from_slice(entry);
                entries.push(0);
            }
        }
        let run = |arguments: &[&str], input: &[u8]| {
            self.heard(arguments, git(&self.root, arguments, input, &apart))
        };
        run(&["update-index", "-z", "--index-info"], &entries)?;
        let tree = run(&["write-tree"], b"")?;
        let tree = String::from_utf8_lossy(&tree).trim().to_owned();
        let archive = run(&["archive", "--format=tar.gz", &tree], b"")?;
        Ok(archive.len() as u64)
    }
}

/// An address without what only its owner may know; none if it is a place on this
/// machine.
fn public(address: &str) -> Option<String> {
    match address.split_once("://") {
        Some(("file", _)) => None,
        Some((scheme, rest)) => {
            let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
            let (user, host) = host.rsplit_once('@').unwrap_or(("", host));
            // The name that forges have for everybody is nobody's.
            let user = match (scheme, user) {
                ("ssh", "git") => "git@",
                _ => "",
            };
            Some(format!("{scheme}://{user}{host}/{path}"))
        }
        // `git@host:path`
        None => {
            let is_remote = address
                .split_once(':')
                .is_some_and(|(host, _)| !host.contains('/'));
            is_remote.then(|| address.to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::public;

    #[test]
    fn nobody_learns_a_password_or_a_place_on_the_machine() {
        for (address, shown) in [
            (
                "https://me:secret@forge.example/x/y",
                Some("https://forge.example/x/y"),
            ),
            (
                "https://forge.example/x/y",
                Some("https://forge.example/x/y"),
            ),
            ("git@forge.example:x/y", Some("git@forge.example:x/y")),
            (
                "ssh://git@forge.example/x/y",
                Some("ssh://git@forge.example/x/y"),
            ),
            (
                "ssh://ada@forge.example/x/y",
                Some("ssh://forge.example/x/y"),
            ),
            ("/home/ada/core", None),
            ("../core", None),
            ("file:///home/ada/core", None),
        ] {
            assert_eq!(public(address).as_deref(), shown, "{address}");
        }
    }
}
