//! `borrow`, `borrowed`, `return`: copies of packages that remember where they came from.

use std::io;
use std::path::Path;

use aux_arguments::{Borrow, BorrowedArgs, BorrowedCommand, Return};
use aux_edit::NewBorrowed;
use aux_gen::disk::{Draft, Registry, Transaction, make_executable};
use aux_git::WorkTree;
use aux_model::{AttrName, Borrowed, Catalog, Handle, Repo, RepoName, printable};
use aux_output::{
    BorrowedCopy, BorrowedPackage, BorrowedPackages, OfferedPackage, RefreshedPackage,
    ReturnedPackage,
};
use aux_session::{
    BAD, CheckedRegistry, DIM, Exit, Failure, GOOD, NOTE, Session, Terminal, counted, repo, short,
    sig, today,
};
use aux_train::borrow::{
    BorrowError, CopiedFile, PackageCopy, RECORD, Record, Standing, copy_of, give_back, refresh,
    standing,
};

use crate::commands::generate::{regenerate, rewrite};
use crate::commands::manifest_edits;
use crate::commands::manifest_edits::OnDisk;
use crate::commands::new_files::tell_git_of;
use crate::commands::relocate::package;
use crate::commands::train::branch_named;

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
    })?;
    let draft = manifest_edits::draft(&editor);
    let family = manifest_edits::drafted(family, &draft)?;

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
    let users = family.catalog.repo(to.as_str()).into_iter();
    let users = users.flat_map(|repo| repo.packages.values());
    let users = users.filter(|package| package.edges.iter().any(|edge| edge.to == id));
    session.terminal.report_with(
        &BorrowedPackage {
            package: id.to_string(),
            repo: to.to_string(),
            directory,
            commit: copy.record.commit.to_string(),
            via: copy
                .record
                .via
                .iter()
                .map(|link| link.repo.to_string())
                .collect(),
            users: users.map(|package| package.id.to_string()).collect(),
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

/// A repo that is the user's to write to.
fn own<'c>(catalog: &'c Catalog, name: &RepoName) -> Result<&'c Repo, Failure> {
    let found = own_or_any(catalog, name)?;
    if found.is_generated() {
        Ok(found)
    } else {
        Err(Failure::refused(
            format!("repo `{name}` is external: its files are not ours to write"),
            "let a generated repo borrow it",
        ))
    }
}

fn own_or_any<'c>(catalog: &'c Catalog, name: &RepoName) -> Result<&'c Repo, Failure> {
    catalog
        .repo(name.as_str())
        .ok_or_else(|| Failure::not_found(format!("there is no repo `{name}`"), ""))
}

/// Shows it to people.
fn show_borrowed_package(output: &BorrowedPackage, terminal: &Terminal) -> io::Result<()> {
    let BorrowedPackage {
        package,
        repo,
        directory,
        commit,
        via,
        users,
    } = output;
    let through = match via.as_slice() {
        [] => String::new(),
        via => format!(", through {}", via.join(" and ")),
    };
    terminal.say(format!(
        "{GOOD}borrowed{GOOD:#} {package} at {}{through} for {repo}. Next:
  edit {directory}, and commit it with the registry
  aux-gen eval --repo {repo}",
        short(commit)
    ));
    match users.as_slice() {
            [] => terminal.warn(format!(
                "{NOTE}unused{NOTE:#} no package of {repo} says that it needs {package}: one that does gets the copy"
            )),
            users => terminal.say(format!("{DIM}used by {}{DIM:#}", users.join(", "))),
        }
    Ok(())
}

/// The copy that a user named as REPO/NAME.
fn named<'c>(
    family: &'c CheckedRegistry,
    text: &str,
) -> Result<(&'c Repo, AttrName, &'c Borrowed), Failure> {
    let refused = || {
        Failure::not_found(
            format!("nothing is borrowed as `{}`", printable(text)),
            "`aux-gen borrowed` lists all: name one as REPO/NAME, where REPO borrows it",
        )
    };
    let (borrower, name) = text.split_once('/').ok_or_else(refused)?;
    let borrower = repo(&family.catalog, borrower)?;
    let borrower = own_or_any(&family.catalog, &borrower)?;
    let found = borrower.borrowed.iter().find(|(known, _)| **known == name);
    let (name, borrowed) = found.ok_or_else(refused)?;
    Ok((borrower, name.clone(), borrowed))
}

pub(crate) fn borrowed(session: &Session, args: &BorrowedArgs) -> Result<Exit, Failure> {
    match &args.what {
        Some(BorrowedCommand::Offer { copy }) => return offer(session, copy, None),
        Some(BorrowedCommand::Claim { copy, by }) => return offer(session, copy, Some(by)),
        Some(BorrowedCommand::Refresh { copy }) => return refreshed(session, copy),
        None => {}
    }
    let family = session.family()?;
    let catalog = &family.catalog;
    let owner = args.owner.as_deref();
    let owner = owner.map(|owner| sig(catalog, owner)).transpose()?;
    let day = args.today.unwrap_or_else(today);
    let mut copies = Vec::new();
    for repo in catalog.repos() {
        for (name, borrowed) in &repo.borrowed {
            let from = catalog.repo(borrowed.from.as_str());
            let package = from.and_then(|from| from.packages.get(name));
            let of = package.map(|package| package.owner.clone());
            let is_overdue = borrowed.review.is_some_and(|review| review < day);
            if owner.is_some() && owner != of || args.overdue && !is_overdue {
                continue;
            }
            let found = standing(family.registry.root(), catalog, repo, name, borrowed);
            let of = of.map(|owner| owner.to_string()).unwrap_or_default();
            copies.push(copy(repo, (name, borrowed), of, is_overdue, found));
        }
    }
    let exit = if copies
        .iter()
        .any(|copy| copy.overdue || copy.problem.is_some())
    {
        Exit::Problems
    } else {
        Exit::Fine
    };
    session
        .terminal
        .report_with(&BorrowedPackages { copies }, show_borrowed_packages)?;
    Ok(exit)
}

/// A copy for the answer.
fn copy(
    repo: &Repo,
    (name, borrowed): (&AttrName, &Borrowed),
    owner: String,
    overdue: bool,
    found: Result<Standing, BorrowError>,
) -> BorrowedCopy {
    let mut copy = BorrowedCopy {
        package: format!("{}/{name}", borrowed.from),
        owner,
        repo: repo.name.to_string(),
        state: "unknown".to_owned(),
        reason: borrowed.reason.clone(),
        since: None,
        review: borrowed.review.map(|review| review.to_string()),
        overdue,
        offered: borrowed.offered,
        claimed: borrowed.claimed.as_ref().map(ToString::to_string),
        chain: Vec::new(),
        commit: None,
        newest: None,
        version: None,
        newest_version: None,
        uncommitted: false,
        problem: None,
    };
    match found {
        Ok(found) => {
            let state = serde_json::to_value(found.state).ok();
            let state = state.and_then(|state| state.as_str().map(str::to_owned));
            let via = found.record.via.iter().map(|link| &link.repo);
            let chain = [&found.record.origin].into_iter().chain(via);
            copy.chain = chain.map(ToString::to_string).collect();
            copy.state = state.unwrap_or(copy.state);
            copy.since = Some(found.record.since.to_string());
            copy.commit = Some(found.record.commit.to_string());
            copy.newest = found.newest.map(|commit| commit.to_string());
            copy.version = found.version;
            copy.newest_version = found.newest_version;
            copy.uncommitted = found.is_dirty;
        }
        Err(BorrowError::NoPackage { .. }) => copy.state = "returned".to_owned(),
        Err(error) => copy.problem = Some(error.to_string()),
    }
    copy
}

/// Shows it to people.
fn show_borrowed_packages(output: &BorrowedPackages, terminal: &Terminal) -> io::Result<()> {
    for copy in &output.copies {
        let versions = match (&copy.version, &copy.newest_version) {
            (Some(own), Some(newest)) if own != newest => {
                format!(", {own} here and {newest} there")
            }
            (Some(own), _) => format!(", {own}"),
            _ => String::new(),
        };
        let through = match copy.chain.as_slice() {
            [_, via @ ..] if !via.is_empty() => format!(", through {}", via.join(" and ")),
            _ => String::new(),
        };
        let style = match copy.state.as_str() {
            "same" | "ahead" | "returned" => GOOD,
            "behind" | "caught-up" => NOTE,
            _ => BAD,
        };
        terminal.result(format!(
            "{style}{:<9}{style:#} {} borrows {}{through}{versions}",
            copy.state, copy.repo, copy.package
        ))?;
        let mut more = vec![copy.reason.clone()];
        more.extend(copy.since.iter().map(|since| format!("since {since}")));
        more.extend(copy.review.iter().map(|review| format!("review {review}")));
        terminal.result(format!(
            "          {DIM}{}{DIM:#}",
            printable(&more.join(", "))
        ))?;
        let mut notes = Vec::new();
        if copy.overdue {
            notes.push("the review is overdue".to_owned());
        }
        if copy.offered {
            notes.push(match &copy.claimed {
                Some(handle) => format!("{handle} takes it to {}", copy.owner),
                None => format!("offered to SIG {}", copy.owner),
            });
        }
        if copy.uncommitted {
            notes.push("some of it is not committed, and not looked at".to_owned());
        }
        if matches!(copy.state.as_str(), "caught-up" | "returned") {
            notes.push(format!(
                "`aux-gen return {}/{}` drops it",
                copy.repo,
                last(&copy.package)
            ));
        }
        notes.extend(copy.problem.iter().map(|problem| printable(problem)));
        for note in notes {
            terminal.result(format!("          {NOTE}{note}{NOTE:#}"))?;
        }
    }
    terminal.say(match output.copies.len() {
        0 => "nothing is borrowed".to_owned(),
        some => counted(some, "borrowed package"),
    });
    Ok(())
}

/// The name of a package that is keyed by its repo.
fn last(package: &str) -> &str {
    package.rsplit('/').next().unwrap_or(package)
}

/// Refuses to go on from a copy of which some is in the folder alone.
fn must_be_committed(borrower: &Repo, name: &AttrName, is_dirty: bool) -> Result<(), Failure> {
    if !is_dirty {
        return Ok(());
    }
    Err(Failure::refused(
        format!(
            "some of the copy of `{name}` in `{}` is not committed",
            borrower.name
        ),
        "commit it first: only what is committed is merged or given back",
    ))
}

/// Merges what the owner has by now into the copy in the folder.
fn refreshed(session: &Session, text: &str) -> Result<Exit, Failure> {
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

fn offer(session: &Session, text: &str, by: Option<&String>) -> Result<Exit, Failure> {
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
    editor.give_back(&borrower.name, name)?;
    let owner = &borrowed.from;
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
