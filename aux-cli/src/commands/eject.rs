//! `eject` and `uneject`: whose a generated file is.

use std::io;

use aux_gen::disk::Decision;
use aux_output::{Ejected, Unejected};
use serde::Serialize;

use crate::commands::resolve::decide_each;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::session::Session;
use crate::terminal::{GOOD, Report, Terminal};
use aux_arguments::Eject;

pub(crate) fn eject(session: &Session, args: &Eject) -> Result<Exit, Failure> {
    let files = decide_each(session, &args.files, Decision::Eject)?;
    session.terminal.report(&Ejected { files })?;
    Ok(Exit::Fine)
}

pub(crate) fn uneject(session: &Session, args: &Eject) -> Result<Exit, Failure> {
    let files = decide_each(session, &args.files, Decision::Uneject)?;
    session.terminal.report(&Unejected { files })?;
    Ok(Exit::Fine)
}

impl Report for Ejected {
    type Output = Self;

    fn output(&self) -> impl Serialize {
        self
    }

    fn show(&self, terminal: &Terminal) -> io::Result<()> {
        for file in &self.files {
            terminal.say(format!(
                "{GOOD}ejected{GOOD:#} {}: it is yours, and `aux-gen eval` holds it to the contract",
                file.file
            ));
        }
        Ok(())
    }
}

impl Report for Unejected {
    type Output = Self;

    fn output(&self) -> impl Serialize {
        self
    }

    fn show(&self, terminal: &Terminal) -> io::Result<()> {
        for file in &self.files {
            terminal.say(format!(
                "{GOOD}given back{GOOD:#} {}: it is as it was, and what is new is merged into it",
                file.file
            ));
        }
        Ok(())
    }
}
