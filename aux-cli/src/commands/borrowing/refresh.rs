//! `borrowed refresh`: what the owner has by now is merged into the copy.

use std::io;

use aux_gen::disk::{Transaction, make_executable};
use aux_output::RefreshedPackage;
use aux_session::{BAD, Exit, Failure, GOOD, Session, Terminal, short};
use aux_train::borrow::{RECORD, refresh, standing};

use super::named::{must_be_committed, named};
use crate::commands::new_files::tell_git_of;

/// Merges what the owner has by now into the copy in the folder.
pub(super) fn refreshed(session: &Session, text: &str) -> Result<Exit, Failure> {
    let (_lock, family) = session.locked_family()?;
    let (borrower, name, borrowed) = named(&family, text)?;
    let root = family.registry.root();
    let found = standing(root, &family.catalog, borrower, &name, borrowed)?;
    must_be_committed(borrower, &name, found.is_dirty)?;
    let new = refresh(root, &family.catalog, (borrower, &name, borrowed))?;
    let place = root
        .join(borrower.path.as_str())
        .join(borrowed.directory(&name));
    let mut transaction = Transaction::default();
    let mut written = Vec::new();
    let record = Some(new.record.text().into_bytes());
    let files = new.files.iter();
    let files = files.map(|(path, file)| {
        (
            path.as_str(),
            file.as_ref().map(|file| file.content.clone()),
        )
    });
    for (path, content) in files.chain([(RECORD, record)]) {
        let file = place.join(path);
        let before = std::fs::read(&file).ok();
        match content {
            Some(content) if before.as_ref() != Some(&content) => {
                transaction.write(&file, before.as_deref(), content, 0);
                written.push(file);
            }
            Some(_) => {}
            None => {
                if let Some(before) = before {
                    transaction.remove(&file, &before, 0);
                }
            }
        }
    }
    transaction.commit(root)?;
    for (path, file) in &new.files {
        if file.as_ref().is_some_and(|file| file.is_executable) {
            make_executable(&place.join(path))?;
        }
    }
    tell_git_of(&written, session);
    session.terminal.report_with(
        &RefreshedPackage {
            copy: text.to_owned(),
            commit: new.record.commit.to_string(),
            conflicts: new.conflicts.clone(),
        },
        show_refreshed_package,
    )?;
    Ok(if new.conflicts.is_empty() {
        Exit::Fine
    } else {
        Exit::Problems
    })
}

/// Shows it to people.
fn show_refreshed_package(output: &RefreshedPackage, terminal: &Terminal) -> io::Result<()> {
    let RefreshedPackage {
        copy,
        commit,
        conflicts,
    } = output;
    for file in conflicts {
        terminal.warn(format!(
            "{BAD}conflict{BAD:#} {file}: both changed it; edit it until it is right"
        ));
    }
    terminal.say(format!(
        "{GOOD}merged{GOOD:#} what the owner has at {} into {copy}; look at it, and commit it",
        short(commit)
    ));
    Ok(())
}
