//! `relayout`: from another layout to by-name directories, with every derivation the same.

use std::io;
use std::path::{Path, PathBuf};

use aux_adopt::TreeSet;
use aux_adopt::relayout::{Relayout, apply, relayout};
use aux_arguments::RelayoutArgs;
use aux_edit::EditError;
use aux_eval::snapshot::Core;
use aux_gen::disk::{DiskError, FUNCTIONS, Registry, entries};
use aux_git::WorkTree;
use aux_model::{Layout, RelativePath, Repo, Wiring, printable};
use aux_nix::language::paths::is_within;
use aux_output::{Relaid, RelaidMove, StaysThere};
use aux_session::{DIM, Exit, Failure, GOOD, NOTE, Report, Session, Terminal, counted};
use aux_trees::Outside;
use aux_trees::named_system;
use serde::Serialize;

use crate::commands::manifest_edits;

pub(crate) fn run(session: &Session, args: &RelayoutArgs) -> Result<Exit, Failure> {
    let root = session.directory().join(&args.tree).canonicalize();
    let root = root.ok().filter(|root| root.is_dir()).ok_or_else(|| {
        Failure::not_found(
            format!("`{}` is no directory", args.tree.display()),
            "name a checkout with packages",
        )
    })?;
    // What an earlier run began is finished before anything is read.
    let lock = args.apply.then(|| session.lock_folder(&root)).transpose()?;
    if lock.is_some() {
        must_be_clean(&root)?;
    } else {
        session.warn_if_unfinished(&root);
    }
    let system = named_system(args.system.as_deref())?;
    let nix = session.nix(&args.reach)?;
    let progress = session.terminal.progress("tried");
    let set = match &args.over {
        None => TreeSet::alone(&root),
        Some(over) => {
            let path = Outside::checked_out(session, over)?
                .from
                .unwrap_or_default();
            let wiring = Wiring::Overlays;
            TreeSet::over(&root, Core { path, wiring })?
        }
    };
    let plan = relayout(&set, &nix, &system, &|what| progress.at(what))?;
    progress.done();
    let is_applied = args.apply && !plan.moves.is_empty();
    if is_applied {
        apply(&root, &plan)?;
    }
    drop(lock);
    session.terminal.report(&Answer {
        plan: &plan,
        system: system.as_str(),
        is_applied: args.apply,
        named: &args.tree,
        over: args.over.as_deref(),
    })?;
    if is_applied && let Err(failure) = tell_manifest(session, &root, &plan) {
        session.terminal.warn(format!(
            "{NOTE}left{NOTE:#}   the manifest may still say where the packages were:"
        ));
        return Err(failure);
    }
    Ok(Exit::Fine)
}

/// Where a tree is a repo of a family, its manifest says where the packages are now.
fn tell_manifest(session: &Session, root: &Path, plan: &Relayout) -> Result<(), Failure> {
    if Registry::find(session.directory()).is_err() {
        return Ok(());
    }
    let (_lock, family) = session.locked_family()?;
    let (registry, catalog) = (&family.registry, &family.catalog);
    let is_it = |repo: &&Repo| {
        let path = registry.root().join(repo.path.as_str()).canonicalize();
        path.is_ok_and(|path| path == root)
    };
    let Some(repo) = catalog.repos().find(is_it) else {
        return Ok(());
    };
    let mut editor = manifest_edits::editor(&family.sources)?;
    for one in &plan.moves {
        let listed = repo.packages.get(&one.name);
        let is_there = |file: &RelativePath| is_within(&one.from, file.as_str());
        if listed.is_some_and(|package| package.file.as_ref().is_some_and(is_there)) {
            match editor.set_file(&repo.id(&one.name), None) {
                // What the tree says need not be listed.
                Ok(()) | Err(EditError::NoPackage(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
    for (place, layout) in &repo.layout {
        let is_left = match layout {
            Layout::Flat | Layout::Variants | Layout::Scope => {
                holds_packages(&root.join(place.as_str()))?
            }
            Layout::ByName | Layout::Calls | Layout::ByHand => root.join(place.as_str()).exists(),
        };
        if !is_left {
            editor.set_layout(&repo.name, place, None)?;
        }
    }
    let draft = manifest_edits::draft(&editor);
    if !draft.texts.is_empty() {
        manifest_edits::write_manifest(session, registry, &draft, &[])?;
    }
    Ok(())
}

/// Whether a folder still has a folder that is a package.
fn holds_packages(folder: &Path) -> Result<bool, DiskError> {
    if !folder.is_dir() {
        return Ok(false);
    }
    let is_package = |inner: &PathBuf| FUNCTIONS.iter().any(|file| inner.join(file).is_file());
    Ok(entries(folder)?.iter().any(is_package))
}

/// A conversion is easy to look at, and to take back, if nothing else is new.
fn must_be_clean(root: &Path) -> Result<(), Failure> {
    let Some(tree) = WorkTree::of(root) else {
        return Ok(());
    };
    match tree.changed().map_err(DiskError::Git)?.into_keys().next() {
        Some(file) => Err(Failure::refused(
            format!(
                "the tree has changes that are not committed, such as `{}`",
                printable(&file)
            ),
            "commit them, or stash them with `git stash -u`",
        )),
        None => Ok(()),
    }
}

struct Answer<'a> {
    plan: &'a Relayout,
    /// What was compared.
    system: &'a str,
    is_applied: bool,
    named: &'a Path,
    over: Option<&'a Path>,
}

impl Report for Answer<'_> {
    type Output = Relaid;

    fn output(&self) -> impl Serialize {
        Relaid {
            moves: self
                .plan
                .moves
                .iter()
                .map(|one| RelaidMove {
                    name: one.name.to_string(),
                    from: one.from.clone(),
                    to: one.to.clone(),
                })
                .collect(),
            left: self
                .plan
                .left
                .iter()
                .map(|(place, reason)| StaysThere {
                    place: place.clone(),
                    reason: reason.clone(),
                })
                .collect(),
            edited: self.plan.edits.keys().cloned().collect(),
            applied: self.is_applied && !self.plan.moves.is_empty(),
        }
    }

    fn show(&self, terminal: &Terminal) -> io::Result<()> {
        /// Moves that are shown, unless all are asked for.
        const FEW: usize = 10;
        let Relayout {
            moves, left, edits, ..
        } = self.plan;
        let shown = if terminal.is_verbose() {
            usize::MAX
        } else {
            FEW
        };
        for one in moves.iter().take(shown) {
            terminal.say(format!("{DIM}move{DIM:#}   {} -> {}", one.from, one.to));
        }
        if let Some(more) = moves.len().checked_sub(shown).filter(|more| *more > 0) {
            terminal.say(format!(
                "{DIM}and {more} more, which `--verbose` lists{DIM:#}"
            ));
        }
        for file in edits.keys().take(shown) {
            terminal.say(format!("{DIM}write{DIM:#}  {file}"));
        }
        if let Some(more) = edits.len().checked_sub(shown).filter(|more| *more > 0) {
            terminal.say(format!("{DIM}and {more} more texts{DIM:#}"));
        }
        for (place, reason) in left.iter().take(shown) {
            terminal.warn(format!(
                "{NOTE}stays{NOTE:#}  {place}: {}",
                printable(reason)
            ));
        }
        if let Some(more) = left.len().checked_sub(shown).filter(|more| *more > 0) {
            terminal.warn(format!(
                "{NOTE}stays{NOTE:#}  {more} more, which `--verbose` lists"
            ));
        }
        if moves.is_empty() {
            let why = if left.is_empty() {
                "no folder of packages and no list of calls was found that could become by-name directories"
            } else {
                "everything stays, for the reasons above"
            };
            terminal.say(format!("{NOTE}nothing moves{NOTE:#}: {why}"));
            return Ok(());
        }
        let count = counted(moves.len(), "package");
        let system = self.system;
        terminal.say(if self.is_applied {
            format!("{GOOD}moved{GOOD:#} {count}; for {system} every derivation is what it was. Look at `git diff --staged`, and `git commit`")
        } else {
            format!(
                "{GOOD}same{GOOD:#}: in a copy {count} moved, and for {system} every derivation is what it was. Nothing is written; `aux-gen relayout {}{} --apply` does it",
                self.named.display(),
                self.over.map_or(String::new(), |over| format!(" --over {}", over.display()))
            )
        });
        Ok(())
    }
}
