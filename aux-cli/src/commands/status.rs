//! `status`: how generated files stand.

use std::io;

use aux_arguments::Status;
use aux_gen::disk::{Changes, FileState, FileStatus, compare};
use aux_session::{BAD, Exit, Failure, GOOD, NOTE, Report, Session, Terminal};
use serde::Serialize;

use crate::commands::generate::{LeftReport, name_left};

pub(crate) fn run(session: &Session, args: &Status) -> Result<Exit, Failure> {
    let family = session.family()?;
    let only = family.repos(&args.repo)?;
    family.must_be_on_channel(&only)?;
    let changes = compare(&family.registry, &family.plan(&only)?)?;
    let exit = if changes.left.is_empty() {
        Exit::Fine
    } else {
        Exit::Problems
    };
    session.terminal.report(&Standing(&changes))?;
    Ok(exit)
}

/// How generated files stand.
struct Standing<'c>(&'c Changes);

impl Report for Standing<'_> {
    type Output = aux_output::Status;

    fn output(&self) -> impl Serialize {
        #[derive(Serialize)]
        struct Output<'c> {
            files: &'c [FileStatus],
            left: Vec<LeftReport<'c>>,
        }
        Output {
            files: &self.0.states,
            left: LeftReport::all(self.0),
        }
    }

    fn show(&self, terminal: &Terminal) -> io::Result<()> {
        let changes = self.0;
        name_left(terminal, changes);
        for (title, states) in SECTIONS {
            section(terminal, title, states, &changes.states)?;
        }
        if changes.states.is_empty() && changes.left.is_empty() {
            terminal.say(format!("{GOOD}fine{GOOD:#}: every file is as generated"));
        }
        Ok(())
    }
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
) -> io::Result<()> {
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
