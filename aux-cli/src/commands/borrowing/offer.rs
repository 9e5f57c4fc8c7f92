//! `borrowed offer` and `borrowed claim`: a copy is on its way back.

use std::io;

use aux_model::{Handle, printable};
use aux_output::OfferedPackage;
use aux_session::{DIM, Exit, Failure, GOOD, Session, Terminal};

use super::named::named;
use crate::commands::generate::rewrite;
use crate::commands::manifest_edits::{self, OnDisk};

pub(super) fn offer(session: &Session, text: &str, by: Option<&String>) -> Result<Exit, Failure> {
    let (lock, family) = session.locked_family()?;
    let (borrower, name, borrowed) = named(&family, text)?;
    let by = match by {
        Some(by) => {
            let known = family.catalog.person(by);
            let known = known.ok_or_else(|| {
                Failure::not_found(
                    format!("there is no person `{}`", printable(by)),
                    "`people` of the manifest has them",
                )
            })?;
            Some(known.handle.clone())
        }
        None => None,
    };
    if let (Some(by), Some(known)) = (&by, &borrowed.claimed)
        && by != known
    {
        return Err(Failure::refused(
            format!("`{known}` takes `{text}` already"),
            "ask them; the entry of `borrowed` in the manifest says so",
        ));
    }
    let owner = borrowed.from.to_string();
    let claimed: Option<Handle> = by.or_else(|| borrowed.claimed.clone());
    let mut editor = manifest_edits::editor(&family.sources)?;
    editor.offer_borrowed(&borrower.name, &name, claimed.as_ref())?;
    let draft = manifest_edits::draft(&editor);
    let (exit, _) = rewrite(session, &lock, family, &draft, &OnDisk::default())?;
    drop(lock);
    session.terminal.report_with(
        &OfferedPackage {
            copy: text.to_owned(),
            owner,
            claimed: claimed.map(|handle| handle.to_string()),
        },
        show_offered_package,
    )?;
    Ok(exit)
}

/// Shows it to people.
fn show_offered_package(output: &OfferedPackage, terminal: &Terminal) -> io::Result<()> {
    let OfferedPackage {
        copy,
        owner,
        claimed,
    } = output;
    terminal.say(match claimed {
        Some(handle) => format!("{GOOD}claimed{GOOD:#} {copy}: {handle} takes it to {owner}"),
        None => format!("{GOOD}offered{GOOD:#} {copy} to {owner}"),
    });
    terminal.say(format!("{DIM}aux-gen return {copy}{DIM:#}"));
    Ok(())
}
