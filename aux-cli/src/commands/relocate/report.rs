//! What is said of a move, and how long old repos answer for what left them.

use std::io;

use aux_model::{Date, RepoName};
use aux_output::{Moved, MovedOther};
use aux_session::{Failure, GOOD, Session, Terminal};

/// Says what moved where.
pub(super) fn report(
    session: &Session,
    moved: Vec<MovedOther>,
    to: &RepoName,
    until: Option<Date>,
) -> Result<(), Failure> {
    let mut moved = moved.into_iter();
    let Some(first) = moved.next() else {
        return Ok(());
    };
    Ok(session.terminal.report_with(
        &Moved {
            package: first.package,
            directory: first.directory,
            to: to.to_string(),
            until: until.map(|until| until.to_string()),
            others: moved.collect(),
        },
        show_moved,
    )?)
}

/// Shows it to people.
fn show_moved(output: &Moved, terminal: &Terminal) -> io::Result<()> {
    let Moved { package, to, .. } = output;
    let from = package.split('/').next().unwrap_or_default();
    let alias = output.until.as_ref().map_or_else(String::new, |until| {
        format!("; {from} answers for it until {until}")
    });
    let more = match output.others.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    terminal.say(format!(
            "{GOOD}moved{GOOD:#} {package}{more} to {to}; its owner and the flat view are as before{alias}. Next:
  aux-gen eval --repo {from} --repo {to}"
        ));
    Ok(())
}
