//! What is there for git: a clone has neither empty folders nor ignored files, unless
//! one is followed although it is ignored.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use aux_git::WorkTree;
use aux_model::BY_NAME;
use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

use crate::disk::error::DiskError;
use crate::disk::registry::looks::Looks;
use crate::disk::registry::text::entries;

/// Tells what git does not track in the by-name tree of a checkout. The rules are read
/// in this process; git is asked only for what they match.
pub struct Ignored {
    tree: WorkTree,
    /// The real path of the checkout, which the rules are about.
    checkout: PathBuf,
    /// The rules above the shards, the nearest last.
    above: Vec<Gitignore>,
    tracked: OnceCell<BTreeSet<String>>,
}

impl Ignored {
    /// For a checkout in a git repository; none elsewhere, where all that is there counts.
    pub fn of(checkout: &Path) -> Option<Self> {
        Self::noting(checkout, &mut Looks::default())
    }

    /// As [`Self::of`], noting what was looked at.
    pub(super) fn noting(checkout: &Path, looks: &mut Looks) -> Option<Self> {
        let tree = WorkTree::of(checkout);
        for folder in checkout.ancestors() {
            let git = folder.join(".git");
            if git.is_file() {
                looks.at(&git);
            } else {
                looks.at_kind(&git);
            }
            if tree.as_ref().is_some_and(|tree| tree.root() == folder) {
                break;
            }
        }
        let tree = tree?;
        let checkout = checkout.canonicalize().ok()?;
        let mut above = Vec::new();
        let exclude = tree.common_directory().map(|git| git.join("info/exclude"));
        if let Some(exclude) = &exclude {
            looks.at(exclude);
        }
        if let Some(exclude) = exclude.filter(|exclude| exclude.is_file()) {
            let mut rules = GitignoreBuilder::new(tree.root());
            // A line that is no rule is none for git either.
            let _unread = rules.add(exclude);
            above.extend(rules.build());
        }
        let by_name = checkout.join(BY_NAME);
        let mut folders: Vec<&Path> = by_name
            .ancestors()
            .take_while(|folder| folder.starts_with(tree.root()))
            .collect();
        folders.reverse();
        for folder in folders {
            looks.at(&folder.join(".gitignore"));
            above.extend(rules(folder, looks));
        }
        // Where the registry ignores the folders of its repos, and they are in no repository of
        // their own, no git has a say in what is in them.
        let all: Vec<&Gitignore> = above.iter().collect();
        if checkout != tree.root() && is_ignored(&all, &checkout, true) {
            return None;
        }
        Some(Self {
            tree,
            checkout,
            above,
            tracked: OnceCell::new(),
        })
    }

    /// Whether a package's directory holds nothing that git has or would take: a clone
    /// does not have it.
    ///
    /// Where git refuses, what is there counts: what git says is said where it is needed.
    ///
    /// # Errors
    /// When a directory cannot be read.
    pub fn is_absent(&self, shard: &str, name: &str) -> Result<bool, DiskError> {
        self.is_absent_noting(shard, name, &mut Looks::default())
    }

    /// As [`Self::is_absent`], noting what was looked at.
    pub(super) fn is_absent_noting(
        &self,
        shard: &str,
        name: &str,
        looks: &mut Looks,
    ) -> Result<bool, DiskError> {
        let directory = self.checkout.join(BY_NAME).join(shard).join(name);
        // A name that is no text leads nowhere as one: it is a problem of its own.
        if !directory.is_dir() {
            return Ok(false);
        }
        let mut rules_here = self.above.iter().collect::<Vec<_>>();
        let near: Vec<Gitignore> = [directory.parent(), Some(&*directory)]
            .into_iter()
            .flatten()
            .filter_map(|folder| rules(folder, looks))
            .collect();
        rules_here.extend(&near);
        let mut open = vec![directory.clone()];
        while let Some(folder) = open.pop() {
            looks.at(&folder);
            for entry in entries(&folder)? {
                let is_directory = entry.is_dir() && !entry.is_symlink();
                if is_directory && !is_ignored(&rules_here, &entry, true) {
                    open.push(entry);
                } else if !is_directory && !is_ignored(&rules_here, &entry, false) {
                    return Ok(false);
                }
            }
        }
        let Ok(below) = directory.strip_prefix(self.tree.root()) else {
            return Ok(false);
        };
        // What git has is in no file that could be looked at.
        looks.unsure();
        let start = format!("{}/", below.to_string_lossy());
        let tracked = match self.tracked.get() {
            Some(tracked) => tracked,
            None => {
                let Ok(files) = self.tree.files() else {
                    return Ok(false);
                };
                self.tracked.get_or_init(|| files)
            }
        };
        let mut first = tracked.range(start.clone()..);
        Ok(!first.next().is_some_and(|file| file.starts_with(&start)))
    }
}

/// The `.gitignore` of a folder whose entries were looked at.
fn rules(folder: &Path, looks: &mut Looks) -> Option<Gitignore> {
    let file = folder.join(".gitignore");
    // git does not follow a link there.
    let is_file = file.symlink_metadata().is_ok_and(|found| found.is_file());
    if is_file {
        looks.at(&file);
    }
    is_file.then(|| Gitignore::new(file).0)
}

/// Whether the nearest rules that say something say that a path is ignored.
fn is_ignored(rules: &[&Gitignore], path: &Path, is_directory: bool) -> bool {
    let under = rules
        .iter()
        .rev()
        .filter(|rules| path.starts_with(rules.path()));
    for rules in under {
        match rules.matched_path_or_any_parents(path, is_directory) {
            Match::Ignore(_) => return true,
            Match::Whitelist(_) => return false,
            Match::None => {}
        }
    }
    false
}
