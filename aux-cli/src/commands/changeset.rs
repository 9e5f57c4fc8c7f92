//! `changeset`: a change that spans repos is tried, and landed.

use std::io;
use std::path::Path;
use std::time::Duration;

use aux_arguments::{Changeset, ChangesetCommand};
use aux_model::printable;
use aux_nix::Nix;
use aux_nix::flake::LockFormat;
use aux_output::ChangeDropped;
use aux_session::{BAD, DIM, Exit, Failure, GOOD, Report, Session, Terminal, short, system, today};
use aux_train::{
    Hold, Impact, Outcome, Phase, Pushes, Train, TrainError, UpdateRequest, clear, landable, start,
    unforeseen, unstage,
};
use serde::Serialize;

use crate::commands::train::{branch_named, finish, run_train, shown};
use crate::commands::{documents, impact};

pub(crate) fn run(session: &Session, args: &Changeset) -> Result<Exit, Failure> {
    let (_held, family) = session.locked_family()?;
    let root = family.registry.root();
    match &args.what {
        ChangesetCommand::Try {
            name,
            branch,
            offline,
            system: wanted,
            impact: wants_impact,
            build,
            work,
        } => {
            let change = branch_named("NAME", name)?;
            let branch = branch_named("--branch", branch)?;
            if change == branch {
                return Err(Failure::refused(
                    format!("`{}` is what a change lands on", printable(name)),
                    "name the branch that has the change",
                ));
            }
            let nix = Nix::find()?;
            let asked = UpdateRequest {
                branch,
                staging: branch_named("NAME", &format!("changeset/{name}"))?,
                change: Some(change),
                followed: None,
                inputs: Vec::new(),
                system: system(wanted.as_deref(), &family.catalog)?,
                pushes: Pushes::No,
                format: LockFormat::of(nix.version()),
                patience: (!offline).then(|| Duration::from_secs(work.patience)),
                build: build.scope(),
                copy_to: build.copy_to.clone(),
            };
            // What was tried before is of no use to anybody.
            if let Some(mut before) = Train::read(root, family.channel(), Some(name))? {
                if matches!(before.phase, Phase::Promoting | Phase::Promoted) {
                    return Err(TrainError::Phase(before.phase.sentence()).into());
                }
                let patience = Duration::from_secs(work.patience);
                clear(root, &family.catalog, &mut before, patience)?;
            }
            let (now, today) = (aux_session::now(), today());
            let train = start(root, &family.catalog, &asked, now, today, &|_| ())?;
            let train = run_train(session, &family, &nix, train, work)?;
            let impact = if *wants_impact {
                Some(impact::of_train(&family, &nix, work.timeout, &train)?)
            } else {
                None
            };
            tried(session, root, &train, impact)
        }
        ChangesetCommand::Land {
            name,
            push,
            patience,
        } => {
            branch_named("NAME", name)?;
            let mut train = landable(root, &family.catalog, name)?;
            if *push {
                train.pushes = Pushes::Yes;
            }
            let patience = Duration::from_secs(*patience);
            let exit = finish(session, &family, &mut train, patience)?;
            if exit == Exit::Fine {
                // What landed needs no candidates; the book says that it has.
                unstage(root, &family.catalog, &mut train, patience)?;
            }
            Ok(exit)
        }
        ChangesetCommand::Drop { name } => {
            branch_named("NAME", name)?;
            let train = Train::read(root, family.channel(), Some(name))?;
            let dropped = train.is_some();
            if let Some(mut train) = train {
                let patience = Duration::from_secs(PATIENCE);
                clear(root, &family.catalog, &mut train, patience)?;
            }
            session
                .terminal
                .report_with(&ChangeDropped { dropped }, show_change_dropped)?;
            Ok(Exit::Fine)
        }
    }
}

/// As many seconds a remote may take to take branches away.
const PATIENCE: u64 = 120;

/// Who would be held, in one line.
fn breaks(hold: &Hold) -> String {
    let because = match &hold.because_of {
        Some(repo) => format!(" {DIM}(by `{repo}`){DIM:#}"),
        None => String::new(),
    };
    format!("{BAD}breaks{BAD:#} {}: {}{because}", hold.repo, hold.reason)
}

fn tried(
    session: &Session,
    root: &Path,
    train: &Train,
    impact: Option<Impact>,
) -> Result<Exit, Failure> {
    let tried = Tried {
        impact,
        breaks: unforeseen(root, train)?,
        train,
    };
    session.terminal.report(&tried)?;
    Ok(if tried.is_good() {
        Exit::Fine
    } else {
        Exit::Problems
    })
}

/// What a change does.
struct Tried<'t> {
    train: &'t Train,
    /// Repos that would be held because of it.
    breaks: Vec<Hold>,
    /// What it does to every package, if that was asked.
    impact: Option<Impact>,
}

impl Tried<'_> {
    fn is_good(&self) -> bool {
        self.breaks.is_empty() && self.train.broken.is_empty()
    }
}

impl Report for Tried<'_> {
    type Output = aux_output::ChangeTried;

    fn output(&self) -> impl Serialize {
        aux_output::ChangeTried {
            change: self.train.change.as_ref().map(ToString::to_string),
            good: self.is_good(),
            breaks: self.breaks.iter().map(documents::hold).collect(),
            broken_in_top_level: documents::broken_repos(self.train),
            impact: self.impact.as_ref().map(impact::output),
            train: documents::train(self.train),
        }
    }

    fn show(&self, terminal: &Terminal) -> io::Result<()> {
        let Self {
            train,
            breaks: broken,
            impact,
        } = self;
        for (name, member) in &train.repos {
            if let Some(Outcome::Moves { commit, .. }) = &member.outcome {
                let part = if train.inputs.contains(name) {
                    ""
                } else {
                    " to follow"
                };
                terminal.say(format!(
                    "{GOOD}good{GOOD:#}   {name} at {}{DIM}{part}{DIM:#}",
                    short(commit)
                ));
            }
        }
        for hold in broken {
            terminal.warn(breaks(hold));
        }
        for (repo, packages) in &train.broken {
            for broken in packages {
                terminal.warn(format!(
                    "{BAD}breaks{BAD:#} {repo} as a part of top-level: {}",
                    shown(broken)
                ));
            }
        }
        if let Some(impact) = impact {
            terminal.raw(&impact::text(impact, terminal.is_verbose()))?;
        }
        if !self.is_good() {
            terminal.say("it is not good: mend these repos on branches of the same name");
        } else if train.moves().next().is_none() {
            terminal.say("there is nothing in it: its branches have no commits of their own");
        } else {
            terminal.say(format!(
                "`aux-gen changeset land {}` lands it",
                train.change.as_deref().unwrap_or_default()
            ));
        }
        Ok(())
    }
}

/// Shows it to people.
fn show_change_dropped(output: &ChangeDropped, terminal: &Terminal) -> io::Result<()> {
    terminal.say(if output.dropped {
        "what was tried is forgotten"
    } else {
        "nothing of that name was tried"
    });
    Ok(())
}
