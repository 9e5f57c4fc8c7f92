//! `eject` and `uneject`: whose a generated file is.

use aux_gen::disk::Decision;

use crate::cli::Eject;
use crate::commands::resolve::each;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::session::Session;
use crate::terminal::GOOD;

pub(crate) fn eject(session: &Session, args: &Eject) -> Result<Exit, Failure> {
    for (file, _) in each(session, &args.files, Decision::Eject)? {
        session.terminal.say(format!(
            "{GOOD}ejected{GOOD:#} {file}: it is yours, and `aux-gen eval` holds it to the contract"
        ));
    }
    Ok(Exit::Fine)
}

pub(crate) fn uneject(session: &Session, args: &Eject) -> Result<Exit, Failure> {
    for (file, _) in each(session, &args.files, Decision::Uneject)? {
        session.terminal.say(format!(
            "{GOOD}given back{GOOD:#} {file}: it is as it was, and what is new is merged into it"
        ));
    }
    Ok(Exit::Fine)
}
