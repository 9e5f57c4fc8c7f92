//! `check`: every problem in the manifest and the trees.

use crate::cli::Check;
use crate::clock::today;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::session::Session;
use crate::terminal::{BAD, GOOD, count, counted};

pub(crate) fn run(session: &Session, args: &Check) -> Result<Exit, Failure> {
    let family = session.family()?;
    // A template override that cannot be used is a problem too; built-in ones
    // are rendered by tests.
    if family.catalog.templates().is_some() {
        family.plan(&[])?.make()?;
    }
    let overdue = family.catalog.overdue(args.today.unwrap_or_else(today));
    if !overdue.is_empty() {
        let warnings = family.catalog.warnings().iter().cloned();
        return Err(Failure::Problems {
            problems: overdue.and(warnings),
            sources: family.sources,
            drafted: false,
        });
    }
    let warnings = family.catalog.warnings();
    session.terminal.problems(warnings, &family.sources)?;
    if args.deny_warnings && !warnings.is_empty() {
        if !session.terminal.is_json() {
            session.terminal.warn(format!(
                "{BAD}error{BAD:#}: {}, denied by `--deny-warnings`",
                count(warnings.iter())
            ));
        }
        return Ok(Exit::Problems);
    }
    let catalog = &family.catalog;
    session.terminal.say(format!(
        "{GOOD}fine{GOOD:#}: {}, {}, {}{}",
        counted(catalog.sigs().count(), "SIG"),
        counted(catalog.repos().count(), "repo"),
        counted(catalog.packages().count(), "package"),
        if warnings.is_empty() {
            String::new()
        } else {
            format!("; {}", count(warnings.iter()))
        }
    ));
    Ok(Exit::Fine)
}
