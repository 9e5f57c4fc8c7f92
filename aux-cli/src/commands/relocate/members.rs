//! `move SET.NAME REPO`: members of package sets go to another repo; the set stays as it is.

use aux_model::RepoName;
use aux_output::MovedOther;
use aux_session::{Exit, Failure, Session, repo};

use super::named::members;
use super::report::report;
use crate::commands::names::Edit;

pub(super) fn run(session: &Session, named: &[String], to: &str) -> Result<Exit, Failure> {
    let mut edit = Edit::of(session)?;
    let to = repo(&edit.family, to)?;
    let target = edit.own_repo(&to)?.clone();
    let mut moved = Vec::new();
    let found = members(&edit.family, named)?.into_iter();
    let found: Vec<_> = found
        .map(|(set, name)| (set.clone(), name.clone()))
        .collect();
    for (set, name) in found {
        if set.repo == to {
            let what = format!("`{to}/{}.{name}` is there already", set.name);
            return Err(Failure::refused(what, ""));
        }
        let source = edit.own_repo(&set.repo)?.clone();
        let is_part = target.sets.contains_key(&set.name);
        let owner = set.members.get(&name).map(|member| &member.owner);
        let owner = owner.filter(|owner| **owner != target.sig);
        let extends: Option<&RepoName> = Some(set.root()).filter(|_| !is_part);
        edit.editor
            .move_member(&set.repo, (&set.name, &name), (&to, extends), owner)?;
        let from = format!("{}/{}", source.path, set.directory_of(&name));
        let place = format!("{}/{}", target.path, set.directory_of(&name));
        moved.push(MovedOther {
            package: set.full_name(&name),
            directory: place.clone(),
        });
        if edit.registry.root().join(&from).is_dir() {
            edit.on_disk.moves.push((from, place));
        }
    }
    let exit = edit.write()?;
    report(session, moved, &to, None)?;
    Ok(exit)
}
