//! `relayout`: from another layout to by-name directories, with every derivation the same.

use std::io;
use std::path::Path;

use aux_adopt::relayout::{Relayout, RelayoutError, apply, relayout};
use aux_gen::disk::DiskError;
use aux_git::WorkTree;
use aux_model::printable;
use aux_nix::language::LONGEST;
use aux_output::{Relaid, RelaidMove, StaysThere};
use serde::Serialize;

use crate::cli::RelayoutArgs;
use crate::commands::named_system::named_system;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::session::Session;
use crate::terminal::{DIM, GOOD, NOTE, Report, Terminal, counted};

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
    let plan = relayout(&root, &nix, &system, &|what| progress.at(what))?;
    progress.done();
    if args.apply && !plan.moves.is_empty() {
        apply(&root, &plan)?;
    }
    drop(lock);
    session.terminal.report(&Answer {
        plan: &plan,
        system: system.as_str(),
        is_applied: args.apply,
        named: &args.tree,
    })?;
    Ok(Exit::Fine)
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

impl From<RelayoutError> for Failure {
    fn from(error: RelayoutError) -> Self {
        match error {
            RelayoutError::Disk(error) => error.into(),
            RelayoutError::Nix(error) => error.into(),
            RelayoutError::NoValue { ref failure, .. } => {
                let help = failure.way_out();
                Self::refused(
                    error.to_string(),
                    help.unwrap_or_else(|| {
                        "its `default.nix` is called with `system`, `config` and `overlays`"
                            .to_owned()
                    }),
                )
            }
            error => Self::refused(
                error.to_string(),
                format!(
                    "what was looked for: a binding that reads a folder of packages, and `NAME = callPackage PATH {{ }};` in a set that a file comes down to, in files up to {} MiB",
                    LONGEST >> 20
                ),
            ),
        }
    }
}

struct Answer<'a> {
    plan: &'a Relayout,
    /// What was compared.
    system: &'a str,
    is_applied: bool,
    named: &'a Path,
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
        let Relayout { moves, left, edits } = self.plan;
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
            terminal.say(format!(
                "{NOTE}nothing moves{NOTE:#}: no folder of packages and no list of calls was found that could become by-name directories"
            ));
            return Ok(());
        }
        let count = counted(moves.len(), "package");
        let system = self.system;
        terminal.say(if self.is_applied {
            format!("{GOOD}moved{GOOD:#} {count}; for {system} every derivation is what it was. Look at `git status`, and `git commit -a`")
        } else {
            format!(
                "{GOOD}same{GOOD:#}: in a copy {count} moved, and for {system} every derivation is what it was. Nothing is written; `aux-gen relayout {} --apply` does it",
                self.named.display()
            )
        });
        Ok(())
    }
}
