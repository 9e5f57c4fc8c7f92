//! `who-locks`: who has which version of a repo.

use std::io;
use std::path::Path;

use aux_arguments::WhoLocks;
use aux_gen::disk::{checkout, read_text};
use aux_gen::lock::{LOCK, LockFile};
use aux_git::WorkTree;
use aux_model::{Repo, Rev, printable};
use aux_nix::flake::Reference;
use aux_output::{ErrorCode, LockedVersion, Lockers};
use aux_session::{BAD, DIM, Exit, Failure, GOOD, NOTE, Report, Session, Terminal, counted, repo};
use serde::Serialize;

pub(crate) fn run(session: &Session, args: &WhoLocks) -> Result<Exit, Failure> {
    let family = session.family()?;
    let name = repo(&family.catalog, &args.repo)?;
    let wanted = family
        .catalog
        .repo(name.as_str())
        .unwrap_or(family.catalog.core());
    let root = family.registry.root();
    let folder = checkout(root, &wanted.path);
    let tree = folder
        .and_then(|folder| WorkTree::of(&folder))
        .ok_or_else(|| {
            Failure::refused(
                format!("`{}` is not checked out as a git repository", wanted.path),
                "clone it there: its commits say how far others are behind",
            )
        })?;
    tree.commit_of("HEAD").map_err(|error| {
        Failure::because(
            ErrorCode::Git,
            &error,
            format!(
                "`{}` has no commit that others could be behind",
                wanted.path
            ),
            "",
        )
    })?;
    let fix = args.older_than.as_deref();
    let fix = fix.map(|rev| named(&tree, rev)).transpose()?;
    let mut found = Vec::new();
    let mut without = Vec::new();
    for other in family.catalog.repos() {
        let Some(folder) = checkout(root, &other.path) else {
            continue;
        };
        let file = folder.join(LOCK);
        if !file.is_file() {
            if family
                .catalog
                .inputs(other)
                .iter()
                .any(|input| input.name == name)
            {
                without.push(other.name.to_string());
            }
            continue;
        }
        found.extend(versions(&file, other, wanted, &tree)?);
    }
    if let Some(fix) = &fix {
        let mut older = Vec::new();
        for version in found {
            if !has(&tree, fix, &version.rev) {
                older.push(version);
            }
        }
        found = older;
    }
    let exit = if fix.is_some() && !found.is_empty() {
        Exit::Problems
    } else {
        Exit::Fine
    };
    session.terminal.report(&Found {
        lockers: Lockers {
            repo: name.to_string(),
            versions: found,
            without_lock: without,
        },
        older_than: args.older_than.as_deref(),
    })?;
    Ok(exit)
}

/// The full name of a commit that the user names.
fn named(tree: &WorkTree, rev: &str) -> Result<Rev, Failure> {
    let commit = tree.commit_of(rev).map_err(|error| {
        let message = format!(
            "`{}` is no commit of `{}`",
            printable(rev),
            tree.root().display()
        );
        Failure::because(ErrorCode::NotFound, &error, message, "fetch it there first")
    })?;
    Ok(commit.name)
}

/// Whether a version has a commit; one that nobody knows has it not.
fn has(tree: &WorkTree, commit: &str, version: &str) -> bool {
    tree.ahead(version, commit).is_ok_and(|ahead| ahead == 0)
}

/// The versions of a repo in the lock of another.
fn versions(
    file: &Path,
    holder: &Repo,
    wanted: &Repo,
    tree: &WorkTree,
) -> Result<Vec<LockedVersion>, Failure> {
    let lock = LockFile::read(&read_text(file)?).map_err(|error| {
        Failure::refused(
            format!("`{}`: {error}", file.display()),
            "let `aux-gen lock` or Nix write it anew",
        )
    })?;
    let reference = Reference::read(&wanted.url.to_string());
    let mut found = Vec::new();
    for (node, path) in lock.reached() {
        let locked = &lock.nodes[&node];
        let is_it = match (&locked.original, &reference) {
            (Some(original), Some(reference)) => reference.means(original),
            _ => false,
        };
        let rev = locked.locked.as_ref().and_then(|locked| locked.get("rev"));
        let Some(rev) = rev.and_then(|rev| rev.as_str()).filter(|_| is_it) else {
            continue;
        };
        found.push(LockedVersion {
            repo: holder.name.to_string(),
            node,
            path,
            behind: tree.ahead(rev, "HEAD").ok(),
            rev: rev.to_owned(),
        });
    }
    Ok(found)
}

struct Found<'a> {
    lockers: Lockers,
    /// The commit that is asked about.
    older_than: Option<&'a str>,
}

impl Report for Found<'_> {
    type Output = Lockers;

    fn output(&self) -> impl Serialize {
        &self.lockers
    }

    fn show(&self, terminal: &Terminal) -> io::Result<()> {
        let Lockers {
            repo,
            versions,
            without_lock,
        } = &self.lockers;
        for version in versions {
            let rev: String = version.rev.chars().take(10).collect();
            let via = match version.path.len() {
                0 | 1 => String::new(),
                _ => format!(" {DIM}by way of {}{DIM:#}", version.path.join("/")),
            };
            let state = match version.behind {
                Some(0) => format!("{GOOD}up to date{GOOD:#}"),
                Some(behind) => format!(
                    "{NOTE}{} behind{NOTE:#}",
                    counted(usize::try_from(behind).unwrap_or(usize::MAX), "commit")
                ),
                None => format!("{BAD}a commit that the checkout does not have{BAD:#}"),
            };
            terminal.result(format!("{} locks {rev}: {state}{via}", version.repo))?;
        }
        for other in without_lock {
            terminal.result(format!("{other} has no {LOCK}"))?;
        }
        if versions.is_empty() {
            terminal.say(match self.older_than {
                Some(rev) => format!(
                    "{GOOD}fine{GOOD:#}: nobody locks a {repo} without {}",
                    printable(rev)
                ),
                None => format!("nobody locks {repo}"),
            });
        } else if versions.iter().any(|version| version.behind != Some(0)) {
            terminal.say("`aux-gen update` brings all of them up to date that it does not break");
        }
        Ok(())
    }
}
