//! One page: its blocks, run and compared.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::block::{Block, Place, blocks};
use crate::compare::fits;
use crate::session::Session;

/// Set to write down what is printed instead of comparing it.
const BLESS: &str = "AUX_GEN_BLESS";

/// Runs the blocks of a page.
pub(crate) fn check(path: &Path) -> Result<(), String> {
    let text = fs::read_to_string(path).unwrap();
    let page: Vec<&str> = text.lines().collect();
    let found = blocks(&page)?;
    let mut session: Option<Session> = None;
    let mut faults = Vec::new();
    // The page as it should be, from its end so that lines keep their numbers.
    let mut blessed: Vec<String> = page.iter().map(|line| (*line).to_owned()).collect();
    let mut changes = Vec::new();
    for block in &found {
        match block.place {
            Place::Nowhere => continue,
            Place::Here => {}
            Place::Empty | Place::Copy => session = Some(Session::new(block.place)),
        }
        let here = session.as_mut().ok_or_else(|| {
            format!(
                "line {}: the first block of a page says in which folder it is run",
                block.lines.start
            )
        })?;
        run(block, here, &mut faults, &mut changes)?;
    }
    if std::env::var_os(BLESS).is_some() && !changes.is_empty() {
        for (range, lines) in changes.into_iter().rev() {
            blessed.splice(range, lines);
        }
        fs::write(path, blessed.join("\n") + "\n").unwrap();
        // What prints something else is as it should be now; what ends otherwise is not.
        faults.retain(|fault| fault.contains("` exits with "));
    }
    match faults.as_slice() {
        [] => Ok(()),
        some => Err(some.join("\n\n")),
    }
}

type Change = (std::ops::Range<usize>, Vec<String>);

fn run(
    block: &Block,
    session: &mut Session,
    faults: &mut Vec<String>,
    changes: &mut Vec<Change>,
) -> Result<(), String> {
    let printed = session
        .run(block)
        .map_err(|why| format!("line {}: {why}", block.lines.start))?;
    for (command, printed) in block.commands.iter().zip(printed) {
        if command.code != printed.code {
            faults.push(format!(
                "line {}: `{}` exits with {}, not {}:\n{}",
                command.line + 1,
                command.typed,
                printed.code,
                command.code,
                printed.lines.join("\n")
            ));
            continue;
        }
        if !fits(&command.expected, &printed.lines) {
            faults.push(format!(
                "line {}: `{}` prints\n{}\nand the page says\n{}",
                command.line + 1,
                command.typed,
                printed.lines.join("\n"),
                command.expected.join("\n")
            ));
            let start = command.line + command.typed.lines().count();
            changes.push((start..start + command.expected.len(), printed.lines));
        }
    }
    Ok(())
}

/// The summary names every page, and each page that it names is there.
pub(crate) fn summary(root: &Path) -> Result<(), String> {
    let docs = root.join("docs");
    let text = fs::read_to_string(docs.join("SUMMARY.md")).map_err(|error| error.to_string())?;
    let named: BTreeSet<String> = text
        .split("](")
        .skip(1)
        .filter_map(|rest| Some(rest.split_once(')')?.0.to_owned()))
        .collect();
    let there: BTreeSet<String> = fs::read_dir(&docs)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| name.ends_with(".md") && name != "SUMMARY.md")
        .collect();
    if named == there {
        Ok(())
    } else {
        Err(format!(
            "docs/SUMMARY.md names {named:?}, and there are {there:?}"
        ))
    }
}
