//! `borrow`: a copy of a package of another repo that remembers where it came from.

use std::io;
use std::path::Path;

use aux_arguments::{Borrow, Scope};
use aux_edit::NewBorrowed;
use aux_gen::disk::{Transaction, make_executable};
use aux_git::WorkTree;
use aux_model::{BorrowScope, Member};
use aux_output::BorrowedPackage;
use aux_session::{DIM, Exit, Failure, GOOD, NOTE, Session, Terminal, repo, short, today};
use aux_train::borrow::{CopiedFile, PackageCopy, RECORD, Record, copy_of};

use super::named::{own, own_or_any};
use crate::commands::generate::regenerate;
use crate::commands::manifest_edits;
use crate::commands::new_files::tell_git_of;
use crate::commands::relocate::package;

pub(crate) fn borrow(session: &Session, args: &Borrow) -> Result<Exit, Failure> {
    let (lock, family) = session.locked_family()?;
    let catalog = &family.catalog;
    let id = package(catalog, &args.package)?;
    let to = repo(catalog, &args.to)?;
    let borrower = own(catalog, &to)?;
    if id.repo == to {
        return Err(Failure::refused(
            format!("`{id}` is of `{to}` itself"),
            "name the repo that needs it with `--to`",
        ));
    }
    let via = match &args.via {
        Some(via) => repo(catalog, via)?,
        None => id.repo.clone(),
    };
    let source = own_or_any(catalog, &via)?;
    if via != id.repo && !source.borrows(&id) {
        return Err(Failure::refused(
            format!("`{via}` does not borrow `{id}`"),
            "leave out `--via`; `aux-gen borrowed` lists who does",
        ));
    }
    let root = family.registry.root().to_owned();
    let name = id.name.clone();
    let about = (&to, args.reason.as_str(), today());
    let copy = copy_of(&root, catalog, (source, &name), args.from.as_deref(), about)?;
    let directory = format!("{}/overlays/{}/{name}", borrower.path, id.repo);
    let place = root.join(&directory);
    let is_again = borrower.borrows(&id) && is_that(&place, &copy);
    if place.symlink_metadata().is_ok() && !is_again {
        return Err(Failure::refused(
            format!("`{directory}` is there already"),
            "`aux-gen borrowed` says how it stands; give it back, or move it away",
        ));
    }
    let checkout = WorkTree::at(&root.join(borrower.path.as_str()));
    let ignored = |path: &&String| {
        let file = place.join(path.as_str());
        checkout.as_ref().is_some_and(|tree| tree.ignores(&file))
    };
    if let Some(path) = copy.files.keys().find(ignored) {
        return Err(Failure::refused(
            format!("git ignores `{directory}/{path}`, and the copy would be without it"),
            format!("let `.gitignore` of {to} except `/overlays/`: `!/overlays/**`"),
        ));
    }
    let mut editor = manifest_edits::editor(&family.sources)?;
    editor.borrow(&NewBorrowed {
        repo: to.clone(),
        package: name.clone(),
        from: id.repo.clone(),
        reason: args.reason.clone(),
        review: args.review,
        scope: args.scope.into(),
    })?;
    let draft = manifest_edits::draft(&editor);
    let (family, ..) = manifest_edits::drafted(family, &draft)?;

    // A run that was ended may have written all of it, and not which of it may be run.
    if !is_again {
        let mut transaction = Transaction::default();
        manifest_edits::write_texts(&mut transaction, &root, &draft);
        for (path, file) in &copy.files {
            transaction.write(&place.join(path), None, &file.content, 0);
        }
        transaction.write(&place.join(RECORD), None, copy.record.text(), 0);
        transaction.commit(&root)?;
    }
    for (path, _) in copy.files.iter().filter(|(_, file)| file.is_executable) {
        make_executable(&place.join(path))?;
    }
    let mut files: Vec<_> = copy.files.keys().map(|path| place.join(path)).collect();
    files.push(place.join(RECORD));
    tell_git_of(&files, session);
    let exit = regenerate(session, &lock, &family)?;
    drop(lock);
    let is_for_all = args.scope == Scope::Family;
    let users = family.catalog.packages();
    let users = users.filter(|package| is_for_all || package.id.repo == to);
    let users = users.filter(|package| package.edges.iter().any(|edge| edge.to == id));
    let users = users.map(|package| package.id.to_string());
    let sets = family.catalog.sets();
    let members = sets
        .filter(|set| is_for_all || set.repo == to)
        .flat_map(|set| {
            let needs = |member: &&Member| member.edges.iter().any(|edge| edge.to.is(&id));
            let members = set.members.values().filter(needs);
            members.map(|member| set.full_name(&member.name))
        });
    session.terminal.report_with(
        &BorrowedPackage {
            package: id.to_string(),
            repo: to.to_string(),
            scope: BorrowScope::from(args.scope).to_string(),
            directory,
            commit: copy.record.commit.to_string(),
            via: copy
                .record
                .via
                .iter()
                .map(|link| link.repo.to_string())
                .collect(),
            users: users.chain(members).collect(),
        },
        show_borrowed_package,
    )?;
    Ok(exit)
}

/// Whether a folder has a copy and nothing else, whatever may be run.
fn is_that(place: &Path, copy: &PackageCopy) -> bool {
    let record = Record::read(place);
    let is_same = |(path, file): (&String, &CopiedFile)| {
        std::fs::read(place.join(path)).is_ok_and(|content| content == file.content)
    };
    record.is_ok_and(|record| record.tree == copy.record.tree) && copy.files.iter().all(is_same)
}

/// Shows it to people.
fn show_borrowed_package(output: &BorrowedPackage, terminal: &Terminal) -> io::Result<()> {
    let BorrowedPackage {
        package,
        repo,
        scope,
        directory,
        commit,
        via,
        users,
    } = output;
    let (whom, who) = if scope == "family" {
        ("the whole family", "the family")
    } else {
        (repo.as_str(), repo.as_str())
    };
    let through = match via.as_slice() {
        [] => String::new(),
        via => format!(", through {}", via.join(" and ")),
    };
    terminal.say(format!(
        "{GOOD}borrowed{GOOD:#} {package} at {}{through} for {whom}. Next:
  edit {directory}, and commit it with the registry
  aux-gen eval --repo {repo}",
        short(commit)
    ));
    match users.as_slice() {
            [] => terminal.warn(format!(
                "{NOTE}unused{NOTE:#} no package of {who} says that it needs {package}: one that does gets the copy"
            )),
            users => terminal.say(format!("{DIM}used by {}{DIM:#}", users.join(", "))),
        }
    Ok(())
}
