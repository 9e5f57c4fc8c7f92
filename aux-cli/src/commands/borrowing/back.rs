//! `return`: a copy goes back to the owner of the package.

use std::io;

use aux_arguments::Return;
use aux_gen::disk::{Draft, Registry};
use aux_model::{AttrName, Borrowed, Repo};
use aux_output::ReturnedPackage;
use aux_session::{CheckedRegistry, Exit, Failure, GOOD, Session, Terminal, counted};
use aux_train::borrow::{BorrowError, give_back, standing};

use super::named::{must_be_committed, named, own};
use crate::commands::generate::rewrite;
use crate::commands::manifest_edits::{self, OnDisk};
use crate::commands::train::branch_named;

pub(crate) fn give(session: &Session, args: &Return) -> Result<Exit, Failure> {
    let (lock, family) = session.locked_family()?;
    let (borrower, name, borrowed) = named(&family, &args.copy)?;
    let borrower = own(&family.catalog, &borrower.name)?;
    let root = family.registry.root().to_owned();
    let only = std::slice::from_ref(&borrower.name);
    let draft = without(&family, borrower, &name, borrowed)?;
    let found = standing(&root, &family.catalog, borrower, &name, borrowed);
    if let Err(BorrowError::NoPackage { .. }) = &found {
        let place = root
            .join(borrower.path.as_str())
            .join(borrowed.directory(&name));
        if place.symlink_metadata().is_ok() {
            return Err(Failure::refused(
                format!(
                    "the copy of `{name}` is in the folder of `{}`, and not on the branch that is published",
                    borrower.name
                ),
                "commit it there first; or remove it, and the entry goes",
            ));
        }
        // It has landed: the entry is all that is left.
        let (copy, owner) = (args.copy.clone(), borrowed.from.to_string());
        let (exit, _) = rewrite(session, &lock, family, &draft, &OnDisk::default())?;
        session.terminal.report_with(
            &ReturnedPackage {
                copy,
                owner,
                branch: None,
                commits: 0,
                commit: None,
                dropped: None,
            },
            show_returned_package,
        )?;
        return Ok(exit);
    }
    must_be_committed(borrower, &name, found?.is_dirty)?;
    let usual = format!("return-{name}");
    let branch = branch_named("--branch", args.branch.as_deref().unwrap_or(&usual))?;
    let before = family.plan(only)?;
    let later = CheckedRegistry::load_with(Registry::open(&root)?, &draft)?;
    let after = later.plan(only)?;
    let returned = give_back(
        &root,
        &family.catalog,
        (borrower, &name, borrowed),
        (&before, &after),
        &branch,
    )?;
    drop(lock);
    session.terminal.report_with(
        &ReturnedPackage {
            copy: args.copy.clone(),
            owner: returned.origin.to_string(),
            branch: Some(branch.to_string()),
            commits: returned.commits,
            commit: returned.commit.map(|commit| commit.to_string()),
            dropped: Some(returned.dropped.to_string()),
        },
        show_returned_package,
    )?;
    Ok(Exit::Fine)
}

/// The manifest without the entry of a copy; with the owner as a peer, if a package needs it and nothing
/// says yet that the two meet.
fn without(
    family: &CheckedRegistry,
    borrower: &Repo,
    name: &AttrName,
    borrowed: &Borrowed,
) -> Result<Draft, Failure> {
    let mut editor = manifest_edits::editor(&family.sources)?;
    let owner = &borrowed.from;
    editor.give_back(&borrower.name, name, owner)?;
    let mut edges = borrower
        .packages
        .values()
        .flat_map(|package| &package.edges);
    let needs = edges.any(|edge| edge.kind.is_needed() && edge.to.repo == *owner);
    let meets = borrower.uses.contains_key(owner)
        || borrower.peers.contains_key(owner)
        || family.catalog.sees(&borrower.name, owner);
    if needs && !meets {
        editor.add_peer(&borrower.name, owner)?;
    }
    Ok(manifest_edits::draft(&editor))
}

/// Shows it to people.
fn show_returned_package(output: &ReturnedPackage, terminal: &Terminal) -> io::Result<()> {
    let ReturnedPackage {
        copy,
        owner,
        branch,
        commits,
        ..
    } = output;
    let repo = copy.split('/').next().unwrap_or_default();
    let Some(branch) = branch else {
        terminal.say(format!(
                "{GOOD}returned{GOOD:#} {copy}: the copy is gone, and so is its entry; commit the registry"
            ));
        return Ok(());
    };
    terminal.say(match commits {
            0 => format!(
                "{GOOD}returned{GOOD:#} {copy}: {owner} has all of it, and branch `{branch}` of {repo} drops the copy"
            ),
            some => format!(
                "{GOOD}returned{GOOD:#} {copy}: {} on branch `{branch}` of {owner}, and one of {repo} drops the copy",
                counted(*some, "commit")
            ),
        });
    terminal.say(format!(
        "Next:
  aux-gen changeset try {branch}
  aux-gen changeset land {branch}
  aux-gen return {copy}    drops the entry"
    ));
    Ok(())
}
