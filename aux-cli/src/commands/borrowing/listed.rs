//! `borrowed`: how each copy stands to the package of its owner.

use std::io;

use aux_arguments::{BorrowedArgs, BorrowedCommand};
use aux_model::{AttrName, Borrowed, Repo, printable};
use aux_output::{BorrowedCopy, BorrowedPackages};
use aux_session::{BAD, DIM, Exit, Failure, GOOD, NOTE, Session, Terminal, counted, sig, today};
use aux_train::borrow::{BorrowError, Standing, standing};

use super::agree::agree;
use super::offer::offer;
use super::refresh::refreshed;

pub(crate) fn borrowed(session: &Session, args: &BorrowedArgs) -> Result<Exit, Failure> {
    match &args.what {
        Some(BorrowedCommand::Offer { copy }) => return offer(session, copy, None),
        Some(BorrowedCommand::Claim { copy, by }) => return offer(session, copy, Some(by)),
        Some(BorrowedCommand::Refresh { copy }) => return refreshed(session, copy),
        Some(BorrowedCommand::Agree { package, to }) => return agree(session, package, to),
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
        scope: borrowed.scope.to_string(),
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
        let verb = if copy.scope == "family" {
            "overrides"
        } else {
            "borrows"
        };
        terminal.result(format!(
            "{style}{:<9}{style:#} {} {verb} {}{through}{versions}",
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
