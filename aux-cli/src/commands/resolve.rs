//! `resolve`: what becomes of files that `generate` left alone.

use aux_gen::disk::{Decision, decide};

use crate::cli::Resolve;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::session::Session;
use crate::terminal::{GOOD, NOTE};

pub(crate) fn run(session: &Session, args: &Resolve) -> Result<Exit, Failure> {
    let decision = match (args.ours, args.theirs) {
        (true, _) => Decision::Ours,
        (_, true) => Decision::Theirs,
        // One of the three is required.
        (false, false) => Decision::Merge,
    };
    let done = match decision {
        Decision::Ours => "kept",
        Decision::Theirs => "took",
        _ => "merged",
    };
    let mut exit = Exit::Fine;
    for (file, is_marked) in each(session, &args.files, decision)? {
        if is_marked {
            exit = Exit::Problems;
            session.terminal.warn(format!(
                "{NOTE}conflicts{NOTE:#} are marked in {file}: edit it, and it is resolved"
            ));
        } else {
            let terminal = &session.terminal;
            terminal.say(format!("{GOOD}{done}{GOOD:#} {file}"));
        }
    }
    Ok(exit)
}

/// Decides the same about several files; whether each has conflict markers now.
pub(super) fn each(
    session: &Session,
    files: &[String],
    decision: Decision,
) -> Result<Vec<(String, bool)>, Failure> {
    let (lock, family) = session.locked_family()?;
    let plan = family.plan(&[])?;
    let mut decided = Vec::new();
    for file in files {
        let is_marked = decide(&family.registry, &plan, file, decision)?;
        decided.push((file.clone(), is_marked));
    }
    drop(lock);
    if session.terminal.is_json() {
        let files: std::collections::BTreeMap<_, _> = decided.iter().cloned().collect();
        session.terminal.json(&files)?;
    }
    Ok(decided)
}
