//! `changeset`: a change that spans repos is tried, and landed.

use std::time::Duration;

use aux_gen::nix::Nix;
use aux_gen::train::{
    Asked, Outcome, Pushes, Train, TrainError, abort, landable, start, unforeseen,
};
use aux_model::printable;

use super::train::{finish, line, must_be_a_branch, run_train};
use crate::cli::{Changeset, ChangesetCommand};
use crate::clock;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::session::{Session, system};
use crate::terminal::{DIM, GOOD, short};

pub(crate) fn run(session: &Session, args: &Changeset) -> Result<Exit, Failure> {
    let (_held, family) = session.locked_family()?;
    let root = family.registry.root();
    match &args.what {
        ChangesetCommand::Try {
            name,
            branch,
            offline,
            system: wanted,
            work,
        } => {
            must_be_a_branch("NAME", name)?;
            must_be_a_branch("--branch", branch)?;
            if name == branch {
                return Err(Failure::refused(
                    format!("`{}` is what a change lands on", printable(name)),
                    "name the branch that has the change",
                ));
            }
            let nix = Nix::find()?;
            let asked = Asked {
                branch: branch.clone(),
                staging: format!("changeset/{name}"),
                change: Some(name.clone()),
                inputs: Vec::new(),
                system: system(wanted.as_deref(), &family.catalog)?,
                pushes: Pushes::No,
                full_branch_names: nix.version().is_at_least(2, 26),
                patience: (!offline).then(|| Duration::from_secs(work.patience)),
            };
            // What was tried before is of no use to anybody.
            if let Some(before) = Train::read(root, Some(name))? {
                abort(root, &family.catalog, before, Duration::ZERO)?;
            }
            let (now, today) = (clock::now(), clock::today());
            let train = start(root, &family.catalog, &asked, now, today, &|_| ())?;
            let train = run_train(session, &family, &nix, train, work)?;
            report(session, &train)
        }
        ChangesetCommand::Land {
            name,
            push,
            patience,
        } => {
            must_be_a_branch("NAME", name)?;
            let mut train = landable(root, &family.catalog, name)?;
            if *push {
                train.pushes = Pushes::Yes;
            }
            finish(session, &family, &mut train, Duration::from_secs(*patience))
        }
        ChangesetCommand::Drop { name } => {
            must_be_a_branch("NAME", name)?;
            let not_tried = || TrainError::NotTried(name.clone());
            let train = Train::read(root, Some(name))?.ok_or_else(not_tried)?;
            abort(root, &family.catalog, train, Duration::ZERO)?;
            session.terminal.say("what was tried is forgotten");
            Ok(Exit::Fine)
        }
    }
}

fn report(session: &Session, train: &Train) -> Result<Exit, Failure> {
    let root = session.family()?.registry.root().to_owned();
    let broken = unforeseen(&root, train)?;
    let terminal = &session.terminal;
    if terminal.is_json() {
        terminal.json(&serde_json::json!({
            "change": train.change,
            "good": broken.is_empty() && train.broken.is_empty(),
            "breaks": broken,
            "broken-in-top-level": train.broken,
            "train": train,
        }))?;
    } else {
        for (name, member) in &train.repos {
            if let Some(Outcome::Moves { commit, .. }) = &member.outcome {
                let part = match train.inputs.contains(name) {
                    true => "",
                    false => " to follow",
                };
                terminal.say(format!(
                    "{GOOD}good{GOOD:#}   {name} at {}{DIM}{part}{DIM:#}",
                    short(commit)
                ));
            }
        }
        for hold in &broken {
            terminal.warn(line(hold));
        }
    }
    if !broken.is_empty() {
        terminal.say("it is not good: mend these repos on branches of the same name");
        return Ok(Exit::Problems);
    }
    terminal.say(format!(
        "`aux-gen changeset land {}` lands it",
        train.change.as_deref().unwrap_or_default()
    ));
    Ok(Exit::Fine)
}
