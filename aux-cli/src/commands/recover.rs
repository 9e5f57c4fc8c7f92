//! `recover`: finishes a run that was ended half way, or gives it up.

use std::io;

use aux_arguments::Recover;
use aux_gen::disk::{Recovered, Registry, abandon, acquire_lock, is_under_way, recover};
use aux_session::{Exit, Failure, GOOD, NOTE, Report, Session, Terminal, counted};
use serde::Serialize;

pub(crate) fn run(session: &Session, args: &Recover) -> Result<Exit, Failure> {
    // A tree that is in no family may have a run that was ended, too.
    let root = match Registry::find(session.directory()) {
        Ok(registry) => registry.root().to_owned(),
        Err(error) => {
            let here = session.directory().canonicalize()?;
            if !is_under_way(&here) {
                return Err(error.into());
            }
            here
        }
    };
    let _lock = acquire_lock(&root)?;
    let ended = if args.abandon {
        Ended::Abandoned(abandon(&root)?)
    } else {
        match recover(&root)? {
            Recovered::Nothing => Ended::Nothing,
            Recovered::Finished => Ended::Finished,
            Recovered::Partly(error) => Ended::Partly(error.to_string()),
        }
    };
    session.terminal.report(&ended)?;
    Ok(match ended {
        Ended::Partly(_) => Exit::Problems,
        _ => Exit::Fine,
    })
}

/// What became of the run that was ended half way.
enum Ended {
    Nothing,
    Finished,
    /// Not all of it could be done: why not.
    Partly(String),
    /// So many of its changes were given up.
    Abandoned(usize),
}

impl Report for Ended {
    type Output = aux_output::Recovered;

    fn output(&self) -> impl Serialize {
        let (is, given_up) = match self {
            Self::Nothing => ("none", 0),
            Self::Finished => ("finished", 0),
            Self::Partly(_) => ("partly", 0),
            Self::Abandoned(changes) => ("abandoned", *changes),
        };
        aux_output::Recovered {
            is: is.to_owned(),
            reason: match self {
                Self::Partly(error) => Some(error.clone()),
                _ => None,
            },
            given_up,
        }
    }

    fn show(&self, terminal: &Terminal) -> io::Result<()> {
        terminal.say(match self {
            Self::Nothing => format!("{GOOD}fine{GOOD:#}: no run is unfinished"),
            Self::Finished => format!("{GOOD}finished{GOOD:#} what an earlier run began"),
            Self::Partly(error) => format!(
                "{NOTE}left{NOTE:#} a part of what an earlier run began: {error}; look at `aux-gen status`"
            ),
            Self::Abandoned(0) => {
                format!("{GOOD}nothing{GOOD:#} of an earlier run was left to do")
            }
            Self::Abandoned(changes) => format!(
                "{NOTE}given up{NOTE:#}: {} of an earlier run; `aux-gen status` says how files stand",
                counted(*changes, "change")
            ),
        });
        Ok(())
    }
}
