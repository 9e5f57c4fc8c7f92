//! `recover`: finishes a run that was ended half way, or gives it up.

use aux_gen::disk::{Recovered, abandon, recover};
use serde::Serialize;

use crate::cli::Recover;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::session::Session;
use crate::terminal::{GOOD, NOTE, counted};

#[derive(Serialize)]
struct Report {
    /// What became of the run: `none`, `finished`, `partly` or `abandoned`.
    is: &'static str,
    /// How many of its changes were given up.
    given_up: usize,
}

pub(crate) fn run(session: &Session, args: &Recover) -> Result<Exit, Failure> {
    let registry = aux_gen::disk::Registry::find(session.directory())?;
    let _lock = registry.lock()?;
    let terminal = &session.terminal;
    let mut exit = Exit::Fine;
    let report = if args.abandon {
        let given_up = abandon(registry.root())?;
        terminal.say(match given_up {
            0 => format!("{GOOD}nothing{GOOD:#} of an earlier run was left to do"),
            _ => format!(
                "{NOTE}given up{NOTE:#}: {} of an earlier run; `aux-gen status` says how files stand",
                counted(given_up, "change")
            ),
        });
        let is = "abandoned";
        Report { is, given_up }
    } else {
        let (is, said) = match recover(registry.root())? {
            Recovered::Nothing => ("none", format!("{GOOD}fine{GOOD:#}: no run is unfinished")),
            Recovered::Finished => (
                "finished",
                format!("{GOOD}finished{GOOD:#} what an earlier run began"),
            ),
            Recovered::Partly(error) => {
                exit = Exit::Problems;
                let said = format!(
                    "{NOTE}left{NOTE:#} a part of what an earlier run began: {error}; look at `aux-gen status`"
                );
                ("partly", said)
            }
        };
        terminal.say(said);
        Report { is, given_up: 0 }
    };
    if terminal.is_json() {
        terminal.json(&report)?;
    }
    Ok(exit)
}
