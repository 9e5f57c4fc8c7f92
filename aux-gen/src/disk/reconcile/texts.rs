//! Texts that were written, found again by their names in git when a file that somebody
//! changed is to be merged with what is new.
//!
//! git has them as soon as they are committed. Until then, and where there is no git, the
//! state of the registry has them, by folder with a plan.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use aux_git::{WorkTree, blob_name};
use serde::{Deserialize, Serialize};

use crate::disk::reconcile::home::PlannedHome;
use crate::disk::reconcile::record::{Record, Written, copy_there};
use crate::disk::write::{State, replace};
use crate::hash::hash;

/// The folder of such files, in the state of a registry.
const FOLDER: &str = "texts";

/// The texts of one folder with a plan.
pub(super) struct Texts<'r> {
    repo: &'r Path,
    known: Option<BTreeMap<String, String>>,
    state: Option<State>,
    name: &'r str,
}

impl<'r> Texts<'r> {
    /// Those of a folder, by its name in the registry. Nothing is read yet.
    pub(super) fn of(state: Option<State>, repo: &'r Path, name: &'r str) -> Self {
        Self {
            repo,
            known: None,
            state,
            name,
        }
    }

    /// The texts that the generator last gave a file, as far as they are to be found: one, or
    /// one of each branch that was merged.
    pub(super) fn of_file(&mut self, path: &str, written: &Written) -> Vec<String> {
        let copy = copy_there(self.repo, path);
        let copy = copy.filter(|copy| written.is(copy.as_bytes()));
        let names: Vec<&str> = written.blobs().collect();
        if let (Some(copy), [_]) = (&copy, &names[..]) {
            return vec![copy.clone()];
        }
        names
            .into_iter()
            .filter_map(|name| self.get(name))
            .collect()
    }

    fn get(&mut self, name: &str) -> Option<String> {
        let known = match &self.known {
            Some(known) => known,
            None => {
                let kept = self
                    .state
                    .as_ref()
                    .map(|state| Kept::read(state, self.name));
                self.known.insert(kept.unwrap_or_default().all())
            }
        };
        if let Some(text) = known.get(name) {
            return Some(text.clone());
        }
        let tree = WorkTree::of(self.repo)?;
        let blob = tree.objects().ok()?.blob(name).ok()?;
        String::from_utf8(blob).ok()
    }
}

/// Keeps the texts that the files of a folder were written with, so far as they are the planned
/// ones.
pub(super) fn keep_planned(state: &State, home: PlannedHome<'_>, directory: &Path) {
    let Ok(record) = Record::read(directory) else {
        return;
    };
    let planned = home.files.iter().filter_map(|(path, file)| {
        let text = file.text.get().ok()?;
        record.wrote(path.as_str(), text.as_bytes()).then_some(text)
    });
    keep(state, home.name(), planned, &record);
}

/// Keeps texts beside those that are kept already and that a record still knows. State that
/// cannot be written is none: git has the texts as soon as they are committed.
pub(super) fn keep<'t>(
    state: &State,
    name: &str,
    texts: impl IntoIterator<Item = &'t str>,
    record: &Record,
) {
    let kept = Kept::read(state, name);
    let recorded: BTreeSet<&str> = record.files.values().flat_map(Written::blobs).collect();
    let mut now = kept.all();
    now.retain(|name, _| recorded.contains(name.as_str()));
    for text in texts {
        now.insert(blob_name(text.as_bytes()), text.to_owned());
    }
    if now != kept.now {
        let before = kept.now;
        let json = serde_json::to_string(&Kept { now, before });
        let json = json.expect("names and texts are texts");
        let _git_has_them_later = replace(&state.path(&file(name)), json);
    }
}

/// What is kept, by names in git.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Kept {
    now: BTreeMap<String, String>,
    /// What was kept before the last change: a folder may go one step back.
    before: BTreeMap<String, String>,
}

impl Kept {
    fn read(state: &State, name: &str) -> Self {
        let text = std::fs::read(state.path(&file(name))).unwrap_or_default();
        let mut kept: Self = serde_json::from_slice(&text).unwrap_or_default();
        // A file of this machine's, and still one that anything may have happened to.
        for texts in [&mut kept.now, &mut kept.before] {
            texts.retain(|name, text| *name == blob_name(text.as_bytes()));
        }
        kept
    }

    fn all(&self) -> BTreeMap<String, String> {
        let all = self.before.iter().chain(&self.now);
        all.map(|(name, text)| (name.clone(), text.clone()))
            .collect()
    }
}

/// A folder of its own for each: several are written at once, and writing a file clears
/// temporary ones away that lie beside it.
fn file(name: &str) -> String {
    format!("{FOLDER}/{}/texts.json", &hash(name.as_bytes())[..16])
}
