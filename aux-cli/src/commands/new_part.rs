//! `new-package REPO/NAME --module` and `--overlay`.

use aux_arguments::NewPackage as Args;
use aux_edit::{NewPart, RepoPart};
use aux_model::{ModuleName, OverlayName, printable};
use aux_output::AddedPackage;
use aux_session::{Exit, Failure, Session, repo, sig};

use crate::commands::generate::rewrite;
use crate::commands::manifest_edits::OnDisk;
use crate::commands::new_entry::generated;
use crate::commands::{added_package, manifest_edits};
use aux_session::name;

pub(crate) fn run(session: &Session, args: &Args) -> Result<Exit, Failure> {
    let (lock, family) = session.locked_family()?;
    let catalog = &family.catalog;
    let Some((of, text)) = args.package.split_once('/') else {
        return Err(Failure::refused(
            format!("`{}` names no repo", printable(&args.package)),
            "write REPO/NAME, such as `gnome/gdm`",
        ));
    };
    let of = repo(catalog, of)?;
    family.must_be_here(&of)?;
    generated(catalog, &of, "it")?;
    let part = if args.overlay {
        RepoPart::Overlay(name::<OverlayName>("overlay", text)?)
    } else {
        RepoPart::Module(name::<ModuleName>("module", text)?)
    };
    let owner = args.owner.as_deref();
    let new = NewPart {
        repo: of,
        part,
        class: args.module,
        description: args.description.clone(),
        owner: owner.map(|owner| sig(catalog, owner)).transpose()?,
    };
    let mut editor = manifest_edits::editor(&family.sources)?;
    editor.add_part(&new)?;
    let draft = manifest_edits::draft(&editor);
    let (exit, family) = rewrite(session, &lock, family, &draft, &OnDisk::default())?;
    drop(lock);
    let file = family.catalog.repo(new.repo.as_str()).and_then(|repo| {
        let file = match &new.part {
            RepoPart::Module(name) => repo.modules.get(name)?.file(),
            RepoPart::Overlay(name) => repo.overlays.get(name)?.file(),
        };
        Some(format!("{}/{file}", repo.path))
    });
    let added = AddedPackage {
        package: args.package.clone(),
        file: file.unwrap_or_default(),
    };
    session.terminal.report_with(&added, added_package::show)?;
    Ok(exit)
}
