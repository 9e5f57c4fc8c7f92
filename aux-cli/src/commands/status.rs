//! `status`: how generated files stand.

use aux_gen::disk::{FileState, FileStatus, compare};

use crate::cli::Status;
use crate::commands::generate::name_left;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::session::Session;
use crate::terminal::{BAD, GOOD, NOTE, Terminal};

pub(crate) fn run(session: &Session, args: &Status) -> Result<Exit, Failure> {
    let family = session.family()?;
    let only = family.repos(&args.repo)?;
    let changes = compare(&family.registry, &family.plan(&only)?)?;
    let terminal = &session.terminal;
    let exit = if changes.left.is_empty() {
        Exit::Fine
    } else {
        Exit::Problems
    };
    name_left(session, &changes);
    if terminal.is_json() {
        terminal.json(&changes.states)?;
        return Ok(exit);
    }
    for (title, states) in SECTIONS {
        section(terminal, title, states, &changes.states)?;
    }
    if changes.states.is_empty() && changes.left.is_empty() {
        terminal.say(format!("{GOOD}fine{GOOD:#}: every file is as generated"));
    }
    Ok(exit)
}

/// What is shown together, in this order.
const SECTIONS: [(&str, &[FileState]); 4] = [
    (
        "to decide about (`aux-gen resolve`):",
        &[
            FileState::Conflict,
            FileState::Unmerged,
            FileState::Foreign,
            FileState::Blocked,
            FileState::Orphan,
        ],
    ),
    (
        "to be written by `aux-gen generate`:",
        &[
            FileState::New,
            FileState::Stale,
            FileState::HalfMerged,
            FileState::Merging,
            FileState::Surplus,
        ],
    ),
    (
        "yours:",
        &[FileState::Modified, FileState::Removed, FileState::Ejected],
    ),
    ("without effect:", &[FileState::Hidden, FileState::Sparse]),
];

fn section(
    terminal: &Terminal,
    title: &str,
    states: &[FileState],
    all: &[FileStatus],
) -> Result<(), Failure> {
    let files: Vec<&FileStatus> = all
        .iter()
        .filter(|file| states.contains(&file.state))
        .collect();
    if files.is_empty() {
        return Ok(());
    }
    terminal.result(title)?;
    for file in files {
        let (style, word) = match file.state {
            FileState::New => (GOOD, "new"),
            FileState::Stale => (GOOD, "stale"),
            FileState::HalfMerged => (GOOD, "half merged by git"),
            FileState::Merging => (GOOD, "modified, merges"),
            FileState::Surplus => (GOOD, "surplus"),
            FileState::Modified => (NOTE, "modified"),
            FileState::Removed => (NOTE, "removed"),
            FileState::Ejected => (NOTE, "ejected"),
            FileState::Conflict => (BAD, "modified, conflicts"),
            FileState::Unmerged => (BAD, "unmerged"),
            FileState::Foreign => (BAD, "not generated"),
            FileState::Orphan => (BAD, "modified, surplus"),
            FileState::Hidden => (NOTE, "hidden"),
            FileState::Blocked => (BAD, "no file"),
            FileState::Sparse => (NOTE, "not checked out"),
        };
        terminal.result(format!("  {style}{word}{style:#}: {}", file.file))?;
    }
    Ok(())
}
