//! `borrowed agree`: the owner of a package lets another repo override it for the whole family.

use std::io;

use aux_output::AgreedOverride;
use aux_session::{DIM, Exit, Failure, GOOD, Session, Terminal, repo};

use super::named::own;
use crate::commands::generate::rewrite;
use crate::commands::manifest_edits::{self, OnDisk};
use crate::commands::relocate::package;

pub(super) fn agree(session: &Session, text: &str, to: &str) -> Result<Exit, Failure> {
    let (lock, family) = session.locked_family()?;
    let catalog = &family.catalog;
    let id = package(catalog, text)?;
    let to = repo(catalog, to)?;
    if own(catalog, &to)?.name == id.repo {
        return Err(Failure::refused(
            format!("`{id}` is of `{to}` itself"),
            "name the repo that overrides it with `--to`",
        ));
    }
    let known = catalog.repo(id.repo.as_str());
    let known = known.and_then(|repo| repo.lent.get(&id.name));
    if let Some(known) = known.filter(|known| known.to != to) {
        return Err(Failure::refused(
            format!("`{}` overrides `{id}` already", known.to),
            "one repo can: drop its entry of `lent` first",
        ));
    }
    let mut editor = manifest_edits::editor(&family.sources)?;
    editor.lend(&id.repo, &id.name, &to)?;
    let draft = manifest_edits::draft(&editor);
    let (exit, _) = rewrite(session, &lock, family, &draft, &OnDisk::default())?;
    drop(lock);
    let agreed = AgreedOverride {
        package: id.to_string(),
        repo: to.to_string(),
    };
    session.terminal.report_with(&agreed, show)?;
    Ok(exit)
}

/// Shows it to people.
fn show(output: &AgreedOverride, terminal: &Terminal) -> io::Result<()> {
    let AgreedOverride { package, repo } = output;
    terminal.say(format!(
        "{GOOD}agreed{GOOD:#} that {repo} overrides {package} for the whole family"
    ));
    terminal.say(format!(
        "{DIM}aux-gen borrow {package} --to {repo} --scope family --reason TEXT{DIM:#}"
    ));
    Ok(())
}
