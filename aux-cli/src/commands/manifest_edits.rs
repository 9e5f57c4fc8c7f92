//! Edits of the manifest that commands make: checked as a whole before anything is written.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use aux_edit::Editor;
use aux_gen::disk::{
    Changes, DiskError, Draft, LineEnds, MANIFEST, Registry, Transaction, packages_of, tell_git,
};
use aux_gen::plan::Plan;
use aux_model::{Manifest, Source};
use aux_session::{CheckedRegistry, DIM, Failure, NOTE, Session};

/// The manifest of a family, to be edited.
pub(super) fn editor(sources: &[Source]) -> Result<Editor, Failure> {
    Ok(Editor::open(sources.iter().cloned())?)
}

/// What an editor changed, as it is to be written.
pub(super) fn draft(editor: &Editor) -> Draft {
    let texts = editor.changed();
    let before = texts.keys().filter_map(|path| {
        let before = editor.before(path)?;
        Some((path.clone(), before.to_owned()))
    });
    let gone: BTreeSet<String> = editor.gone().iter().cloned().collect();
    Draft {
        before: before.collect(),
        texts,
        gone,
        ..Draft::default()
    }
}

/// What is done on the disk beside the manifest.
#[derive(Debug, Default)]
pub(super) struct OnDisk {
    /// Files and folders that go to where nothing is, relative to the registry.
    pub(super) moves: Vec<(String, String)>,
    /// Files that are deleted, relative to the registry.
    pub(super) deletes: Vec<String>,
    /// Files that are written, and their texts.
    pub(super) texts: BTreeMap<String, String>,
}

impl OnDisk {
    /// Whether there is nothing beside the manifest.
    pub(super) fn is_empty(&self) -> bool {
        self.moves.is_empty() && self.deletes.is_empty() && self.texts.is_empty()
    }
}

/// The family as it will be with the draft; its plan and the disk are checked
/// too, so that what follows is only writing.
pub(super) fn drafted(
    family: CheckedRegistry,
    draft: &Draft,
) -> Result<(CheckedRegistry, Plan, Changes), Failure> {
    let drafted = CheckedRegistry {
        alone: family.alone,
        ..CheckedRegistry::load_with(family.registry, draft)?
    };
    let plan = drafted.plan(&[])?;
    let changes = aux_gen::disk::compare(&drafted.registry, &plan)?;
    // The manifest is written before the files are.
    aux_gen::disk::must_be_possible(&drafted.registry, &changes)?;
    Ok((drafted, plan, changes))
}

/// The new manifest, with the trees that are there, must be one before a byte of it is
/// written.
pub(super) fn must_be_a_manifest(
    here: &Path,
    texts: &BTreeMap<String, String>,
) -> Result<(), Failure> {
    let source = |path: &String| Source::new(path, &texts[path]);
    let mut manifest = Manifest::open(source(&MANIFEST.to_owned()));
    let sigs = texts.keys().filter(|path| path.starts_with("sigs/"));
    manifest.include("sigs/*.toml", sigs.map(source).collect());
    for (repo, path) in manifest.checkouts() {
        let checkout = here.join(path.as_str());
        if checkout.is_dir() {
            let tree = packages_of(&checkout, &manifest.layout(&repo))?;
            manifest.tree(&repo, tree);
        }
    }
    let sources = manifest.sources().to_vec();
    let checked = manifest.check();
    checked.map(drop).map_err(|problems| Failure::Problems {
        problems,
        sources,
        drafted: true,
    })
}

/// Adds the manifest files of a draft; each must still be what was read.
pub(super) fn write_texts(transaction: &mut Transaction, root: &Path, draft: &Draft) {
    for (path, text) in &draft.texts {
        let before = draft.before.get(path);
        let text = match before {
            Some(before) => LineEnds::kept(before, text),
            None => text.clone(),
        };
        transaction.write(&root.join(path), before.map(String::as_bytes), text, 0);
    }
}

/// Writes the manifest files of a draft and moves directories, all or nothing.
/// Each file must still be what was read.
pub(super) fn write_manifest(
    session: &Session,
    registry: &Registry,
    draft: &Draft,
    moves: &[(String, String)],
) -> Result<(), Failure> {
    let on_disk = OnDisk {
        moves: moves.to_vec(),
        ..OnDisk::default()
    };
    write_with(session, registry, draft, &on_disk)
}

/// As [`write_manifest`], with what else is done on the disk, all or nothing.
pub(super) fn write_with(
    session: &Session,
    registry: &Registry,
    draft: &Draft,
    on_disk: &OnDisk,
) -> Result<(), Failure> {
    let root = registry.root();
    let moves = &on_disk.moves;
    let mut transaction = Transaction::default();
    let gone = draft.gone.iter().chain(&on_disk.deletes);
    for path in gone {
        let place = root.join(path);
        let before = std::fs::read(&place).map_err(|source| DiskError::Read {
            path: place.clone(),
            source,
        })?;
        transaction.remove(&place, &before, 0);
    }
    for (path, text) in &on_disk.texts {
        let place = root.join(path);
        let before = std::fs::read(&place).ok();
        transaction.write(&place, before.as_deref(), text, 0);
    }
    // What cannot be moved after all, as between two mounts, stays where the manifest has it.
    for (from, to) in moves {
        transaction.relocate(&root.join(from), &root.join(to), 0);
    }
    write_texts(&mut transaction, root, draft);
    transaction.commit(root)?;
    for path in draft.texts.keys().chain(on_disk.texts.keys()) {
        session.terminal.say(format!("{DIM}write{DIM:#}  {path}"));
    }
    for path in draft.gone.iter().chain(&on_disk.deletes) {
        session.terminal.say(format!("{DIM}delete{DIM:#} {path}"));
    }
    if session.is_alone() && !draft.texts.is_empty() {
        session.terminal.say(format!(
            "{NOTE}registry{NOTE:#}: that is in {}: commit it there, and propose it to the registry as a change of its own",
            root.display()
        ));
    }
    for (from, to) in moves {
        let terminal = &session.terminal;
        terminal.say(format!("{DIM}move{DIM:#}   {from} -> {to}"));
        // The files have moved, whatever git makes of it.
        if let Err(error) = tell_git(&root.join(from), &root.join(to)) {
            let why = std::error::Error::source(&error).map(ToString::to_string);
            terminal.warn(format!(
                "{NOTE}git{NOTE:#} was not told of {to}: {}",
                why.unwrap_or_else(|| error.to_string())
            ));
        }
    }
    Ok(())
}
