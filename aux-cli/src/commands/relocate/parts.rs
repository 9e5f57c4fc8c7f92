//! `move --module` and `--overlay`: what of a repo is a file of its own goes to another one.

use aux_arguments::Aliases;
use aux_edit::{FormerName, Removal, RepoPart};
use aux_model::{ModuleClass, RepoName, SigName};
use aux_output::MovedOther;
use aux_session::{Exit, Failure, Session, answered_until, repo};

use super::report::report;
use crate::commands::names::Edit;

/// What moves.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum PartKind {
    Module,
    Overlay,
}

/// One thing that moves.
struct Part {
    from: RepoName,
    part: RepoPart,
    owner: SigName,
    /// Below the repo.
    file: String,
    /// What it is a module of, if it is one.
    class: Option<ModuleClass>,
}

pub(super) fn run(
    session: &Session,
    kind: PartKind,
    (named, to): (&[String], &str),
    aliases: &Aliases,
) -> Result<Exit, Failure> {
    let mut edit = Edit::of(session)?;
    let to = repo(&edit.family, to)?;
    let target = edit.own_repo(&to)?.clone();
    let until = answered_until(aliases.alias_until, aliases.no_alias);
    let mut moved = Vec::new();
    for text in named {
        let part = named_part(&edit, kind, text)?;
        if part.from == to {
            return Err(Failure::refused(format!("`{text}` is there already"), ""));
        }
        let source = edit.own_repo(&part.from)?.clone();
        let owner = Some(&part.owner).filter(|owner| **owner != target.sig);
        edit.editor.move_part(&part.from, &part.part, &to, owner)?;
        // Modules of one flake cannot come from another that it need not have: the old one says where it is.
        if let (Some(class), RepoPart::Module(name), Some(until)) = (part.class, &part.part, until)
        {
            let removal = Removal {
                reason: format!("it is in the repo {to} now"),
                instead: Some(format!("{}#{}.{name}", target.url, class.flake_output())),
                until: Some(until),
            };
            let old = FormerName::Module(part.from.clone(), name.clone());
            edit.editor.say_removed(&old, Some(class), &removal)?;
        }
        let from = format!("{}/{}", source.path, part.file);
        let place = format!("{}/{}", target.path, part.file);
        moved.push(MovedOther {
            package: text.clone(),
            directory: place.clone(),
        });
        if edit.registry.root().join(&from).is_file() {
            edit.on_disk.moves.push((from, place));
        }
    }
    let exit = edit.write()?;
    report(session, moved, &to, until)?;
    Ok(exit)
}

fn named_part(edit: &Edit<'_>, kind: PartKind, text: &str) -> Result<Part, Failure> {
    if kind == PartKind::Module {
        let (of, name) = edit.module(text)?;
        let module = &edit.own_repo(&of)?.modules[&name];
        return Ok(Part {
            owner: module.owner.clone(),
            file: module.file(),
            class: Some(module.class),
            from: of,
            part: RepoPart::Module(name),
        });
    }
    let mut overlays = edit.family.overlays();
    let found = overlays.find(|overlay| format!("{}/{}", overlay.repo, overlay.name) == text);
    let overlay = found.ok_or_else(|| {
        Failure::not_found(
            format!("there is no overlay `{}`", aux_model::printable(text)),
            "name it as REPO/NAME",
        )
    })?;
    Ok(Part {
        from: overlay.repo.clone(),
        part: RepoPart::Overlay(overlay.name.clone()),
        owner: overlay.owner.clone(),
        file: overlay.file(),
        class: None,
    })
}
