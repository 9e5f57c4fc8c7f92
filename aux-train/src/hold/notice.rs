//! Notices: the team that owns a repo is told once that it is held, and once that it is
//! not any more.

use std::path::Path;

use aux_gen::disk::checkpoint;
use aux_model::RepoName;
use aux_process::program;
use serde::Serialize;

use crate::error::TrainError;
use crate::hold::hold::Hold;
use crate::hold::holds::Holds;
use crate::state::Train;

/// What there is to tell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Notice<'h> {
    /// Whether it is held or was released.
    pub event: Noticed,
    /// The hold.
    #[serde(flatten)]
    pub hold: &'h Hold,
}

/// What happened to a repo.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Noticed {
    /// It is held from now on.
    Held,
    /// It is not held any more.
    Released,
}

/// Tells a command, through a shell, of every hold that nobody was told of and of every
/// release: each as one JSON object on its standard input. What it does with that is its
/// business; if it fails, it is told again by the next run. Returns who could not be told
/// of, and why.
///
/// # Errors
/// When the registry cannot be read or written.
pub fn tell(
    root: &Path,
    train: &mut Train,
    command: &str,
) -> Result<Vec<(RepoName, String)>, TrainError> {
    let mut failed = Vec::new();
    let mut holds = Holds::read(root, train.channel.as_ref())?;
    let untold: Vec<RepoName> = holds
        .held
        .values()
        .filter(|hold| !hold.told)
        .map(|hold| hold.repo.clone())
        .collect();
    for repo in untold {
        let Some(hold) = holds.held.get_mut(&repo) else {
            continue;
        };
        let event = Noticed::Held;
        match say(root, command, &Notice { event, hold }) {
            Ok(()) => {
                hold.told = true;
                holds.write(root)?;
            }
            Err(reason) => failed.push((repo, reason)),
        }
    }
    let before = std::mem::take(&mut train.owed).into_iter();
    let released = before.chain(train.released.clone());
    let released = released.filter(|hold| hold.told);
    // A repo that is held again was not released.
    train.owed = released
        .filter(|hold| !holds.held.contains_key(&hold.repo))
        .collect();
    for hold in train.owed.clone() {
        let event = Noticed::Released;
        match say(root, command, &Notice { event, hold: &hold }) {
            Ok(()) => {
                let is_other = |other: &Hold| other.repo != hold.repo;
                train.owed.retain(is_other);
                train.released.retain(is_other);
                train.write(root)?;
            }
            Err(reason) => failed.push((hold.repo, reason)),
        }
    }
    Ok(failed)
}

fn say(root: &Path, command: &str, notice: &Notice<'_>) -> Result<(), String> {
    checkpoint();
    let text = serde_json::to_string(notice).expect("a notice has text keys");
    let output = program::shell(command, root, &format!("{text}\n"));
    let output = output.map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let said = said.lines().next().unwrap_or("it said nothing").to_owned();
    Err(format!("the command ended with {}: {said}", output.status))
}
