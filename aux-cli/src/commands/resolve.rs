//! `resolve`: what becomes of files that `generate` left alone.

use std::io;

use aux_arguments::Resolve;
use aux_gen::disk::{Decision, decide};
use aux_output::ResolvedFile;
use aux_session::{Exit, Failure, GOOD, NOTE, Report, Session, Terminal};
use serde::Serialize;

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
    let files = decide_each(session, &args.files, decision)?;
    let exit = if files.iter().any(|file| file.conflicts) {
        Exit::Problems
    } else {
        Exit::Fine
    };
    session.terminal.report(&Resolved {
        output: aux_output::Resolved { files },
        done,
    })?;
    Ok(exit)
}

struct Resolved {
    output: aux_output::Resolved,
    /// What was done with files that have no conflicts.
    done: &'static str,
}

impl Report for Resolved {
    type Output = aux_output::Resolved;

    fn output(&self) -> impl Serialize {
        &self.output
    }

    fn show(&self, terminal: &Terminal) -> io::Result<()> {
        let done = self.done;
        for ResolvedFile { file, conflicts } in &self.output.files {
            if *conflicts {
                terminal.warn(format!(
                    "{NOTE}conflicts{NOTE:#} are marked in {file}: edit it, and it is resolved"
                ));
            } else {
                terminal.say(format!("{GOOD}{done}{GOOD:#} {file}"));
            }
        }
        Ok(())
    }
}

/// Decides the same about several files.
pub(super) fn decide_each(
    session: &Session,
    files: &[String],
    decision: Decision,
) -> Result<Vec<ResolvedFile>, Failure> {
    let (_lock, family) = session.locked_family()?;
    family.must_be_on_channel(&[])?;
    let plan = family.plan(&[])?;
    let mut decided = Vec::new();
    for file in files {
        let conflicts = decide(&family.registry, &plan, file, decision)?;
        let file = file.clone();
        decided.push(ResolvedFile { file, conflicts });
    }
    Ok(decided)
}
