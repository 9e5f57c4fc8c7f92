//! Makes the repos: what moves with its history, what stays without it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;

use aux_gen::disk::{DiskError, read_text, replace};
use aux_git::{GitError, Ignored, WorkTree};
use aux_model::{RepoName, Wiring};
use aux_nix::language::paths::holder;

use crate::import::CALLED_TWICE;
use crate::ready::{Readiness, STUBS, read_stubs, stubs};
use crate::split::assignment::Assignment;
use crate::split::members::{LeavingMember, PackageSets, gather, rewrite_paths, stub};
use crate::split::monorepo::Monorepo;
use crate::split::relations::Relations;
use crate::split::rules::Rules;

/// Whether a repo has the history of what it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum History {
    /// By git's own tools, commit by commit.
    Kept,
    /// It starts with a copy; the commit that it was copied from is named.
    Copied,
}

/// What is made into repos.
#[derive(Debug, Clone, Copy)]
pub struct Carving<'a> {
    /// The tree.
    pub monorepo: &'a Monorepo,
    /// The repos that there will be.
    pub rules: &'a Rules,
    /// What goes where.
    pub assignment: &'a Assignment,
    /// The package sets of which members go elsewhere.
    pub sets: &'a PackageSets,
    /// What core needs stubs for.
    pub relations: &'a Relations,
    /// What changes in core.
    pub readiness: &'a Readiness,
    /// How the rest takes part.
    pub wiring: Wiring,
    /// The repo of what no rule moves: core, or the tree itself if that stands over one.
    pub rest: &'a RepoName,
    /// Whether history comes along.
    pub history: History,
}

/// A repo could not be made.
#[derive(Debug, thiserror::Error)]
pub enum CarveError {
    /// A file cannot be read or written.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// git refused.
    #[error(transparent)]
    Git(#[from] GitError),
}

impl Carving<'_> {
    /// Makes a git repository for the rest and for each repo of the rules, below a folder
    /// that is there. The generator's files come later. `progress` is told the name of
    /// each before it is made.
    ///
    /// # Errors
    /// When a file cannot be read or written, or git refuses.
    pub fn carve(&self, repos: &Path, progress: &dyn Fn(&str)) -> Result<(), CarveError> {
        let tree = WorkTree::at(self.monorepo.root());
        for repo in self.rules.repos() {
            progress(repo.as_str());
            let to = repos.join(repo.as_str());
            make(&to)?;
            let directories = self.directories(Some(repo));
            match &tree {
                Some(tree) if self.history == History::Kept && !directories.is_empty() => {
                    tree.carve(&directories, &to)?;
                }
                _ => {
                    let made = WorkTree::init(&to)?;
                    self.copy(Some(repo), &to)?;
                    made.commit_all(&self.said("Copied", tree.as_ref()), Ignored::Too)?;
                }
            }
            self.by_name(repo, &to)?;
            self.members(repo, &to)?;
        }
        progress(self.rest.as_str());
        self.rest(tree.as_ref(), &repos.join(self.rest.as_str()))
    }

    /// The directories of a repo.
    fn directories(&self, repo: Option<&RepoName>) -> BTreeSet<String> {
        let units = self.assignment.of_repo(repo);
        let units = units.filter_map(|name| self.monorepo.units.get(name));
        let units = units.map(|unit| unit.directory.clone());
        let Some(repo) = repo else {
            return units.collect();
        };
        let members = self.assignment.leaving(self.sets, Some(repo));
        units
            .chain(members.map(|member| member.call.target.clone()))
            .collect()
    }

    /// Members go to the folder of their set.
    fn members(&self, repo: &RepoName, to: &Path) -> Result<(), CarveError> {
        let members: Vec<LeavingMember<'_>> =
            self.assignment.leaving(self.sets, Some(repo)).collect();
        if members.is_empty() {
            return Ok(());
        }
        gather(&members, to)?;
        if let Some(made) = WorkTree::at(to) {
            let message = "Each member of a package set into its folder\n";
            made.commit_all(message, Ignored::Too)?;
        }
        Ok(())
    }

    /// Packages of another layout go into by-name directories, which is where a layer looks, and
    /// paths between them lead there.
    fn by_name(&self, repo: &RepoName, to: &Path) -> Result<(), CarveError> {
        if self.monorepo.is_by_name() {
            return Ok(());
        }
        let units = self.assignment.of_repo(Some(repo));
        let moves: BTreeMap<&str, String> = units
            .filter_map(|name| {
                let unit = self.monorepo.units.get(name)?;
                Some((unit.directory.as_str(), name.directory()))
            })
            .collect();
        if moves.is_empty() {
            return Ok(());
        }
        rewrite_paths(to, |path| {
            holder(&moves, path).map(|(place, rest)| format!("{place}{rest}"))
        })?;
        for (from, new) in &moves {
            let (from, new) = (to.join(from), to.join(new));
            if let Some(shard) = new.parent() {
                make(shard)?;
            }
            std::fs::rename(&from, &new).map_err(|error| DiskError::write(&new, error))?;
        }
        let twice = self.assignment.of_repo(Some(repo));
        let twice = twice.filter(|name| self.monorepo.called_twice.contains(*name));
        for name in twice {
            // Its `default.nix` keeps its name: nothing of a package has both.
            let entry = to.join(name.directory()).join("package.nix");
            if !entry.exists() {
                replace(&entry, CALLED_TWICE)?;
            }
        }
        if let Some(made) = WorkTree::at(to) {
            made.commit_all(
                "Each package into its by-name directory (RFC 140)\n",
                Ignored::Too,
            )?;
        }
        Ok(())
    }

    /// All that is left, made ready for what has left.
    fn rest(&self, tree: Option<&WorkTree>, to: &Path) -> Result<(), CarveError> {
        let leaving: BTreeSet<String> = self
            .rules
            .repos()
            .into_iter()
            .flat_map(|repo| self.directories(Some(repo)))
            .collect();
        let made = match tree {
            Some(tree) if self.history == History::Kept => {
                let made = tree.copy(to)?;
                if !leaving.is_empty() {
                    made.remove(&leaving)?;
                }
                made
            }
            _ => {
                make(to)?;
                let made = WorkTree::init(to)?;
                self.copy(None, to)?;
                made.commit_all(&self.said("Copied", tree), Ignored::Too)?;
                made
            }
        };
        // What reads a folder of packages reads it still, and git has no empty ones.
        for root in self
            .monorepo
            .roots
            .iter()
            .filter(|root| root.as_str() != ".")
        {
            let folder = to.join(root);
            if !folder.exists() {
                make(&folder)?;
                let text = "All packages that were here have moved to the repos of their SIGs.\n";
                replace(&folder.join("README.md"), text)?;
            }
        }
        stub(
            &self.assignment.leaving(self.sets, None).collect::<Vec<_>>(),
            to,
        )?;
        if self.wiring == Wiring::Layers {
            for (file, (_, after)) in &self.readiness.edits {
                replace(&to.join(file), after)?;
            }
            if !self.relations.stubs().is_empty() {
                // A core that was split off before has some.
                let file = to.join(STUBS);
                let known = if file.is_file() {
                    read_stubs(&read_text(&file)?)
                } else {
                    None
                };
                let mut all = known.unwrap_or_default();
                all.extend(self.relations.stubs().clone());
                replace(&file, stubs(&all))?;
            }
        }
        made.commit_all(&self.moved(), Ignored::Too)?;
        Ok(())
    }

    /// Copies the files of a repo.
    fn copy(&self, repo: Option<&RepoName>, to: &Path) -> Result<(), DiskError> {
        let places = self.assignment.places(self.monorepo, self.sets);
        let files = self.monorepo.files.iter();
        let files = files.filter(|file| places.repo_of(file) == repo);
        copy(self.monorepo.root(), to, files)
    }

    fn said(&self, how: &str, tree: Option<&WorkTree>) -> String {
        let name = self.monorepo.root().file_name().unwrap_or_default();
        let from = tree.and_then(WorkTree::origin);
        let from = from.unwrap_or_else(|| name.to_string_lossy().into_owned());
        match tree.and_then(WorkTree::head) {
            Some(commit) => format!("{how} from {from} at {commit}\n"),
            None => format!("{how} from {from}\n"),
        }
    }

    /// The message of the commit that takes packages out of the rest.
    fn moved(&self) -> String {
        let mut text = String::from("Packages move to the repos of their SIGs\n");
        for repo in self.rules.repos() {
            let units = self.assignment.of_repo(Some(repo)).map(ToString::to_string);
            let members = self.assignment.leaving(self.sets, Some(repo));
            let members = members.map(|member| format!("{}.{}", member.set, member.name));
            let units: Vec<String> = units.chain(members).collect();
            if !units.is_empty() {
                let _ = write!(text, "\n{repo}: {}\n", units.join(", "));
            }
        }
        text
    }
}

fn make(folder: &Path) -> Result<(), DiskError> {
    std::fs::create_dir_all(folder).map_err(|error| DiskError::write(folder, error))
}

/// Copies files with their modes; a link stays the link that it is.
pub(crate) fn copy<'f>(
    from: &Path,
    to: &Path,
    files: impl Iterator<Item = &'f String>,
) -> Result<(), DiskError> {
    let mut made = BTreeSet::new();
    for file in files {
        let (source, target) = (from.join(file), to.join(file));
        if let Some(folder) = target.parent()
            && made.insert(folder.to_owned())
        {
            make(folder)?;
        }
        if source.is_symlink() {
            let leads = std::fs::read_link(&source);
            let leads = leads.map_err(|error| DiskError::read(&source, error))?;
            std::os::unix::fs::symlink(leads, &target)
                .map_err(|error| DiskError::write(&target, error))?;
        } else {
            // Nothing is left behind in silence: not a name that is no text, and not a
            // repository within.
            std::fs::copy(&source, &target).map_err(|error| DiskError::read(&source, error))?;
        }
    }
    Ok(())
}
