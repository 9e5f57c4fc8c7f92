//! What people decide about generated files that the generator left alone.

use std::collections::BTreeMap;
use std::path::Path;

use aux_model::RelativePath;

use super::record::path_before;
use crate::disk::error::DiskError;
use crate::disk::reconcile::record::{
    Record, Written, attributes, attributes_path, base_path, record_path,
};
use crate::disk::reconcile::texts;
use crate::disk::reconcile::texts::Texts;
use crate::disk::registry::Registry;
use crate::disk::write::{
    LineEnds, State, Transaction, found, is_file, must_be_directories, plain, read_file,
};
use crate::plan::{FileKind, Plan, PlannedFile};

/// What to do about a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// It stays as it is; what is new from now on is merged into it.
    Ours,
    /// It becomes as planned; one that was removed comes back.
    Theirs,
    /// Both texts go into it, with git's conflict markers where they differ.
    Merge,
    /// It is a person's for good.
    Eject,
    /// It is the generator's again: it stays as it is, and is merged from now on.
    Uneject,
}

/// Carries out a decision about a file, named relative to the registry, which must
/// be held. Returns whether the file has conflict markers now.
///
/// # Errors
/// When no repo is generated with such a file, the file is not there although the
/// decision is about what it holds, or the disk refuses; then nothing has changed.
pub fn decide(
    registry: &Registry,
    plan: &Plan,
    file: &str,
    decision: Decision,
) -> Result<bool, DiskError> {
    let (folder, files, path) = place(plan, file)?;
    let directory = registry.root().join(folder);
    let mut record = Record::read(&directory)?;
    let name = path.as_str();
    let planned = files.get(&path);
    let is_ejected = record.ejected.contains(name);
    let mut transaction = Transaction::default();
    let Some(planned) = planned else {
        // What the model has no more can still be given back.
        if decision == Decision::Uneject && record.ejected.remove(name) {
            settle(&mut transaction, &directory, name, &record, None)?;
            transaction.commit(registry.root())?;
            return Ok(false);
        }
        return Err(DiskError::NotGenerated {
            file: file.to_owned(),
        });
    };
    let target = directory.join(name);
    if let FileKind::Scaffold { .. } = planned.kind {
        // It is a person's as soon as it is there: all that can be wanted is to have it back.
        if decision != Decision::Theirs || is_file(&target)? {
            return Err(DiskError::NotGenerated {
                file: file.to_owned(),
            });
        }
        write(&mut transaction, &target, None, planned.text.get()?);
        record.scaffolds.insert(name.to_owned());
        settle(&mut transaction, &directory, name, &record, None)?;
        transaction.commit(registry.root())?;
        return Ok(false);
    }
    if is_ejected != (decision == Decision::Uneject) && decision != Decision::Eject {
        return Err(DiskError::Ejected {
            file: file.to_owned(),
            ejected: is_ejected,
        });
    }
    let text = planned.text.get()?;
    let before = match decision {
        // Whatever stands there is theirs from now on.
        Decision::Eject => None,
        _ => {
            must_be_directories(&directory, &path)?;
            read_file(&target)?
        }
    };
    let not_text = |_| DiskError::NotText {
        path: target.clone(),
    };
    let base = record.files.get(name).and_then(|written| {
        let mut texts = Texts::of(State::of(registry.root()), &directory, folder);
        texts.of_file(name, written).into_iter().next()
    });
    record.removed.remove(name);
    record.ejected.remove(name);
    let mut is_marked = false;
    let mut kept = Some(text);
    // What the file holds then, if that is not what was generated.
    let mut own = None;
    match decision {
        Decision::Theirs => write(&mut transaction, &target, before.as_deref(), text),
        Decision::Ours | Decision::Uneject if before.is_none() => return Err(absent(&target)),
        Decision::Ours | Decision::Uneject => own = before,
        Decision::Merge => {
            let ours = before.ok_or_else(|| absent(&target))?;
            let mine = String::from_utf8(ours.clone()).map_err(not_text)?;
            let ends = LineEnds::of(&mine);
            let base = base.unwrap_or_default();
            let merged = diffy::merge(&base, &ends.plain(mine), text);
            is_marked = merged.is_err();
            let merged = merged.unwrap_or_else(|marked| marked);
            let merged = ends.applied(merged);
            write(&mut transaction, &target, Some(&ours), &merged);
            own = Some(merged.into_bytes());
        }
        Decision::Eject => {
            record.ejected.insert(name.to_owned());
            kept = None;
        }
    }
    match kept {
        Some(text) => {
            let written = Written::new(text, &planned.provenance);
            record.files.insert(name.to_owned(), written);
        }
        None => {
            record.files.remove(name);
        }
    }
    let own = own.and_then(|own| String::from_utf8(own).ok()).map(plain);
    let is_changed = own.is_some_and(|own| own != text);
    if let Ok(state) = State::make(registry.root()) {
        texts::keep(&state, folder, kept, &record);
    }
    let copy = kept.filter(|_| is_changed);
    settle(&mut transaction, &directory, name, &record, copy)?;
    transaction.commit(registry.root())?;
    Ok(is_marked)
}

/// The folder of the repo that a file is in, what is planned there, and its path
/// there; for the registry's own files, the registry.
pub(super) fn place<'p>(
    plan: &'p Plan,
    file: &str,
) -> Result<(&'p str, &'p Files, RelativePath), DiskError> {
    let file = file.trim_start_matches("./");
    let mut homes = plan.homes.values();
    let found = homes.find_map(|home| {
        let folder = home.path.as_ref()?.as_str();
        let path = file.strip_prefix(folder)?.strip_prefix('/')?;
        Some((folder, &home.files, path.parse().ok()?))
    });
    let own = || {
        let registry = plan.registry()?;
        Some(("", &registry.files, file.parse().ok()?))
    };
    found.or_else(own).ok_or_else(|| DiskError::NotGenerated {
        file: file.to_owned(),
    })
}

/// What is planned for one folder.
pub(super) type Files = BTreeMap<RelativePath, PlannedFile>;

fn absent(path: &Path) -> DiskError {
    DiskError::read(path, std::io::ErrorKind::NotFound.into())
}

fn write(transaction: &mut Transaction, path: &Path, before: Option<&[u8]>, text: &str) {
    if before != Some(text.as_bytes()) {
        transaction.write(path, before, text, 0);
    }
}

/// The record, and beside it the text that was generated for one file, if somebody has
/// changed that file.
fn settle(
    transaction: &mut Transaction,
    directory: &Path,
    name: &str,
    record: &Record,
    copy: Option<&str>,
) -> Result<(), DiskError> {
    let own = [
        (base_path(directory, name), copy.map(str::to_owned)),
        (attributes_path(directory), Some(attributes())),
        (record_path(directory), Some(record.to_text())),
        (path_before(directory), None),
    ];
    for (path, text) in own {
        match (text, found(&path)?) {
            (Some(text), before) => write(transaction, &path, before.as_deref(), &text),
            (None, Some(before)) => transaction.remove(&path, &before, 0),
            (None, None) => {}
        }
    }
    Ok(())
}
