//! Commits that are made without a checkout: on top of others, with some files as they are to be.

use aux_model::Rev;

use crate::call::git;
use crate::error::GitError;
use crate::work_tree::WorkTree;

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
        let mut tree = format!("{}^{{tree}}", parents.last().unwrap_or(&"HEAD"));
        for (path, text) in files {
            let written = self.output(&["hash-object", "-w", "--stdin"], text.as_bytes())?;
            tree = self.with_entry(Some(&tree), path, &word(&written))?;
        }
        let date = format!("@{time} +0000");
        let dates = [
            ("GIT_AUTHOR_DATE", date.as_ref()),
            ("GIT_COMMITTER_DATE", date.as_ref()),
        ];
        let mut commit = vec!["commit-tree", "--no-gpg-sign"];
        commit.extend(parents.iter().flat_map(|parent| ["-p", parent]));
        commit.push(&tree);
        let made = git(self.root(), &commit, message.as_bytes(), &dates);
        let made = word(&self.heard(&commit, made)?);
        made.parse()
            .map_err(|_| self.failed("commit-tree", format!("it said `{made}`"), None))
    }

    /// A tree in which a file is this blob.
    fn with_entry(&self, tree: Option<&str>, path: &str, blob: &str) -> Result<String, GitError> {
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
        let (mode, kind, object) = (before.next(), before.next(), before.next());
        let entry = match below {
            Some(below) => {
                let folder = object.filter(|_| kind == Some("tree"));
                let made = self.with_entry(folder, below, blob)?;
                format!("040000 tree {made}{own}\0")
            }
            None => {
                let mode = mode.filter(|mode| mode.starts_with("100"));
                format!("{} blob {blob}{own}\0", mode.unwrap_or("100644"))
            }
        };
        entries.extend_from_slice(entry.as_bytes());
        Ok(word(&self.output(&["mktree", "-z"], &entries)?))
    }
}

fn word(said: &[u8]) -> String {
    String::from_utf8_lossy(said).trim().to_owned()
}
