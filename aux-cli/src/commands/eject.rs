//! `eject` and `uneject`: whose a generated file is.

use std::io;

use aux_arguments::Eject;
use aux_gen::disk::Decision;
use aux_output::{Ejected, Unejected};
use aux_session::{Exit, Failure, GOOD, Session, Terminal};

use crate::commands::resolve::decide_each;

pub(crate) fn eject(session: &Session, args: &Eject) -> Result<Exit, Failure> {
    let files = decide_each(session, &args.files, Decision::Eject)?;
    session
        .terminal
        .report_with(&Ejected { files }, show_ejected)?;
    Ok(Exit::Fine)
}

pub(crate) fn uneject(session: &Session, args: &Eject) -> Result<Exit, Failure> {
    let files = decide_each(session, &args.files, Decision::Uneject)?;
    session
        .terminal
        .report_with(&Unejected { files }, show_unejected)?;
    Ok(Exit::Fine)
}

/// Shows it to people.
fn show_ejected(output: &Ejected, terminal: &Terminal) -> io::Result<()> {
    for file in &output.files {
        terminal.say(format!(
            "{GOOD}ejected{GOOD:#} {}: it is yours, and `aux-gen eval` holds it to the contract",
            file.file
        ));
    }
    Ok(())
}

/// Shows it to people.
fn show_unejected(output: &Unejected, terminal: &Terminal) -> io::Result<()> {
    for file in &output.files {
        terminal.say(format!(
            "{GOOD}given back{GOOD:#} {}: it is as it was, and what is new is merged into it",
            file.file
        ));
    }
    Ok(())
}
