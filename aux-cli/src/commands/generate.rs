//! `generate`: writes what differs from the plan.

use std::collections::BTreeSet;

use aux_gen::disk::{Change, ChangeKind, Changes, compare, write};
use aux_model::RepoName;
use serde::Serialize;

use crate::cli::Generate;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::session::{Family, Session};
use crate::terminal::{BAD, DIM, GOOD, NOTE, counted};

pub(crate) fn run(session: &Session, args: &Generate) -> Result<Exit, Failure> {
    let family = session.family()?;
    let only = family.repos(&args.repo)?;
    let lock = (!args.check).then(|| family.registry.lock()).transpose()?;
    let changes = compare(&family.registry, &family.plan(&only)?)?;
    if !args.check {
        write(&changes)?;
    }
    drop(lock);
    report(session, &changes, args)?;
    if args.check && !changes.is_empty() {
        return Ok(Exit::Stale);
    }
    Ok(if changes.kept.is_empty() {
        Exit::Fine
    } else {
        Exit::Problems
    })
}

/// Generates the whole family after a command changed its manifest.
pub(crate) fn regenerate(session: &Session, family: &Family) -> Result<(), Failure> {
    let changes = compare(&family.registry, &family.plan(&[])?)?;
    write(&changes)?;
    for (repo, change) in changes.iter() {
        session.terminal.say(line(repo, change));
    }
    Ok(())
}

fn report(session: &Session, changes: &Changes, args: &Generate) -> Result<(), Failure> {
    let terminal = &session.terminal;
    if terminal.is_json() {
        return Ok(terminal.json(&Report::of(changes, args))?);
    }
    let details = args.diff || args.check || terminal.is_verbose();
    for (repo, change) in changes.iter() {
        if args.diff || args.check {
            terminal.raw(&unified(repo, change))?;
        } else if details || changes.iter().count() <= FEW {
            terminal.say(line(repo, change));
        }
    }
    for kept in &changes.kept {
        terminal.warn(format!(
            "{NOTE}kept{NOTE:#} {}/{}: {}",
            kept.repo,
            kept.path,
            kept.reason.as_str()
        ));
    }
    let hints: BTreeSet<&str> = changes.kept.iter().map(|kept| kept.reason.hint()).collect();
    for hint in hints {
        terminal.warn(format!("  {NOTE}help{NOTE:#}: {hint}"));
    }
    terminal.say(if changes.is_empty() && !changes.kept.is_empty() {
        format!(
            "nothing to write, but {} not as planned",
            match changes.kept.len() {
                1 => "1 file is".to_owned(),
                more => format!("{more} files are"),
            }
        )
    } else if changes.is_empty() {
        format!("{GOOD}fine{GOOD:#}: everything is up to date")
    } else if args.check {
        format!(
            "{BAD}stale{BAD:#}: {} would change; run `aux-gen generate`",
            counted(changes.iter().count(), "file")
        )
    } else {
        format!(
            "{GOOD}wrote{GOOD:#} {} in {}",
            counted(changes.iter().count(), "file"),
            counted(changes.repos.len(), "repo")
        )
    });
    Ok(())
}

/// More changes than this are counted, not listed, unless asked for.
const FEW: usize = 40;

fn line(repo: &RepoName, change: &Change) -> String {
    let verb = match change.kind {
        ChangeKind::Create => "create",
        ChangeKind::Update => "update",
        ChangeKind::Remove => "remove",
    };
    format!("{DIM}{verb}{DIM:#} {repo}/{}", change.path)
}

fn unified(repo: &RepoName, change: &Change) -> String {
    let name = |side: &str, exists: bool| {
        if exists {
            format!("{side}/{repo}/{}", change.path)
        } else {
            "/dev/null".to_owned()
        }
    };
    let mut options = diffy::DiffOptions::new();
    options.set_original_filename(name("a", change.kind != ChangeKind::Create));
    options.set_modified_filename(name("b", change.kind != ChangeKind::Remove));
    options
        .create_patch(&change.before, &change.after)
        .to_string()
}

#[derive(Serialize)]
struct Report<'c> {
    /// Whether files were written, or only compared.
    written: bool,
    changes: Vec<ChangeReport<'c>>,
    kept: &'c [aux_gen::disk::Kept],
}

#[derive(Serialize)]
struct ChangeReport<'c> {
    repo: &'c RepoName,
    path: &'c str,
    kind: ChangeKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    diff: Option<String>,
}

impl<'c> Report<'c> {
    fn of(changes: &'c Changes, args: &Generate) -> Self {
        Self {
            written: !args.check,
            changes: changes
                .iter()
                .map(|(repo, change)| ChangeReport {
                    repo,
                    path: change.path.as_str(),
                    kind: change.kind,
                    diff: args.diff.then(|| unified(repo, change)),
                })
                .collect(),
            kept: &changes.kept,
        }
    }
}
