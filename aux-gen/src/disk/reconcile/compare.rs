//! The difference between a plan and what is on the disk.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use aux_git::WorkTree;
use aux_model::RelativePath;

use super::record::path_before;
use crate::disk::error::DiskError;
use crate::disk::reconcile::changes::{Change, ChangeKind, Changes, HomeChanges, LeftHome};
use crate::disk::reconcile::elsewhere::must_not_lie_elsewhere;
use crate::disk::reconcile::freshness::{FreshnessCache, remembered};
use crate::disk::reconcile::home::{PlannedHome, homes};
use crate::disk::reconcile::kept::{Kept, KeptReason};
use crate::disk::reconcile::markers::{Sides, has_conflict_markers};
use crate::disk::reconcile::record::{
    Record, Written, attributes, attributes_path, base_path, copy_there, record_path,
};
use crate::disk::reconcile::status::{FileState, FileStatus};
use crate::disk::reconcile::texts::Texts;
use crate::disk::registry::Registry;
use crate::disk::write::{DirGuard, LineEnds, State, is_file, plain, read_file};
use crate::marker::is_marked;
use crate::plan::{FileKind, Home, Plan, PlannedFile};

/// Compares a plan with the disk, without changing anything.
///
/// A generated file is replaced only if it is as the generator left it, as the
/// repo's record says. One that somebody changed since is merged with what is new,
/// or left alone where the two do not go together. Whatever else differs is a
/// person's and is kept.
///
/// A repo that cannot be compared is left as it is, and named: it stops nobody else.
///
/// # Errors
/// When a repo is to be begun anew although it lies elsewhere, or an override of a
/// template fails.
pub fn compare(registry: &Registry, plan: &Plan) -> Result<Changes, DiskError> {
    use rayon::prelude::*;
    must_not_lie_elsewhere(registry, plan)?;
    let remembered = remembered(registry);
    let known = FreshnessCache::of(&remembered);
    // All of them, then the first error in order, whichever thread was faster.
    let compared: Vec<_> = homes(plan)
        .into_par_iter()
        .map(|home| {
            let compared = home.directory(registry).and_then(|directory| {
                if known.holds(home) {
                    return Ok(Compared::Unchanged(home.name()));
                }
                Comparison::of(registry.root(), directory, home)
                    .map(|found| Compared::Anew(Box::new(found)))
            });
            match compared {
                // The same template serves all.
                Err(error @ DiskError::Template(_)) => Err(error),
                Err(error) => Ok(Compared::Left(home, error)),
                compared => compared,
            }
        })
        .collect();
    let mut changes = Changes::default();
    for compared in compared {
        let found = match compared? {
            Compared::Anew(found) => found,
            Compared::Unchanged(folder) => {
                changes.settled.insert(folder.to_owned());
                continue;
            }
            Compared::Left(home, error) => {
                changes.left.push(LeftHome {
                    home: home.home.clone(),
                    folder: home.name().to_owned(),
                    error,
                });
                continue;
            }
        };
        if let Some(home) = found.changes {
            changes.homes.insert(found.home, home);
        }
        changes.kept.extend(found.kept);
        changes.states.extend(found.states);
    }
    Ok(changes)
}

/// Folders of the registry that have generated files.
const OWN: [&str; 5] = [".forgejo", ".gitea", ".github", "ci", "hydra"];

/// A generated file at the top of a registry.
const ATTRIBUTES: &str = ".gitattributes";

/// The one generated file without a marker: Hydra reads nothing but jobsets in it.
const UNMARKED: &str = "hydra/spec.json";

/// What came of comparing one folder.
enum Compared<'p> {
    /// It looks as it did when it was as planned; its name.
    Unchanged(&'p str),
    /// It was compared file by file.
    Anew(Box<Found>),
    /// It cannot be compared.
    Left(PlannedHome<'p>, DiskError),
}

/// What was found in one folder.
struct Found {
    home: Home,
    changes: Option<HomeChanges>,
    kept: Vec<Kept>,
    states: Vec<FileStatus>,
}

/// Whether a folder is simply as planned, by content.
pub(super) fn is_as_planned(
    registry: &Path,
    directory: PathBuf,
    home: PlannedHome<'_>,
) -> Result<bool, DiskError> {
    let found = Comparison::of(registry, directory, home)?;
    Ok(found.changes.is_none() && found.kept.is_empty() && found.states.is_empty())
}

struct Comparison<'p> {
    registry: &'p Path,
    /// The folder's name in the registry.
    name: &'p str,
    home: &'p Home,
    directory: PathBuf,
    place: Option<&'p RelativePath>,
    ways: DirGuard,
    old: Record,
    record: Record,
    changes: Vec<Change>,
    /// Texts that the generator gave files that somebody has changed, as they are to lie
    /// in the record's folder.
    copies: BTreeMap<String, String>,
    kept: Vec<Kept>,
    states: Vec<FileStatus>,
    /// What git has and the folder has not, since the checkout is sparse: asked for when
    /// the first file is missing.
    skipped: OnceCell<BTreeSet<String>>,
}

impl<'p> Comparison<'p> {
    fn of(
        registry: &'p Path,
        directory: PathBuf,
        plan: PlannedHome<'p>,
    ) -> Result<Found, DiskError> {
        let old = Record::read(&directory)?;
        let mut comparison = Self {
            skipped: OnceCell::new(),
            registry,
            name: plan.name(),
            home: plan.home,
            ways: DirGuard::default(),
            record: Record::default(),
            old,
            directory,
            place: plan.place,
            changes: Vec::new(),
            copies: BTreeMap::new(),
            kept: Vec::new(),
            states: Vec::new(),
        };
        comparison.must_have_record()?;
        for (path, file) in plan.files {
            match comparison.file(&plan, path, file) {
                Err(DiskError::InTheWay { .. }) => comparison.blocked(path),
                done => done?,
            }
        }
        comparison.orphans(&plan)?;
        comparison.changes.sort_by(|a, b| a.path.cmp(&b.path));
        let own = comparison.own_files();
        comparison.must_have_folders(&own)?;
        let settled = comparison.changes.is_empty() && own.is_empty();
        let changes = (!settled).then_some(HomeChanges {
            directory: comparison.directory,
            changes: comparison.changes,
            own,
            recorded: comparison.old.files.len(),
        });
        comparison.states.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(Found {
            home: comparison.home.clone(),
            changes,
            kept: comparison.kept,
            states: comparison.states,
        })
    }

    /// A sparse checkout without the record says nothing of the files that it has.
    fn must_have_record(&self) -> Result<(), DiskError> {
        for path in [record_path, path_before] {
            let here = path(Path::new(""));
            if path(&self.directory).exists() {
                return Ok(());
            }
            if self.is_skipped(&here.to_string_lossy())? {
                return Err(DiskError::Sparse {
                    path: path(&self.directory),
                });
            }
        }
        Ok(())
    }

    /// Whether git has a file that is not in the folder because the checkout is sparse.
    fn is_skipped(&self, path: &str) -> Result<bool, DiskError> {
        if let Some(skipped) = self.skipped.get() {
            return Ok(skipped.contains(path));
        }
        let skipped = match WorkTree::of(&self.directory) {
            Some(tree) => tree.skipped(&self.directory)?,
            None => BTreeSet::new(),
        };
        Ok(self.skipped.get_or_init(|| skipped).contains(path))
    }

    /// Something else stands where a file is planned, or on the way to it.
    fn blocked(&mut self, path: &RelativePath) {
        let name = path.as_str();
        self.remember(name);
        if self.old.scaffolds.contains(name) {
            self.record.scaffolds.insert(name.to_owned());
        }
        self.keep(name, KeptReason::Blocked, None);
    }

    fn file(
        &mut self,
        plan: &PlannedHome<'_>,
        path: &RelativePath,
        file: &PlannedFile,
    ) -> Result<(), DiskError> {
        let name = path.as_str();
        if self.old.ejected.contains(name) {
            self.record.ejected.insert(name.to_owned());
            self.state(name, FileState::Ejected);
            return Ok(());
        }
        self.ways.must_be_directories(&self.directory, path)?;
        if self.directory.join(name).symlink_metadata().is_err()
            && self.was_written(name)
            && self.is_skipped(name)?
        {
            return self.left_out(path, file);
        }
        match &file.kind {
            FileKind::Generated { hides } => {
                for hidden in self.siblings(plan, path, hides) {
                    self.keep(&hidden, KeptReason::Hidden, None);
                }
                match read_file(&self.directory.join(name))? {
                    Some(before) => self.generated(path, file, before),
                    None => self.absent(path, file),
                }
            }
            FileKind::Scaffold { part_of, .. } if self.is_part_of_own(path, *part_of) => Ok(()),
            FileKind::Scaffold { unless, .. } => self.written_once(plan, path, file, unless),
        }
    }

    /// Whether the record knows a file.
    fn was_written(&self, name: &str) -> bool {
        let old = &self.old;
        old.files.contains_key(name) || old.scaffolds.contains(name) || old.removed.contains(name)
    }

    /// A file that the sparse checkout leaves out stays as git has it.
    fn left_out(&mut self, path: &RelativePath, file: &PlannedFile) -> Result<(), DiskError> {
        let name = path.as_str();
        if self.old.scaffolds.contains(name) {
            self.record.scaffolds.insert(name.to_owned());
        }
        if self.old.removed.contains(name) {
            self.record.removed.insert(name.to_owned());
        }
        let Some(written) = self.old.files.get(name) else {
            return Ok(());
        };
        let is_new = !written.is(file.text.get()?.as_bytes());
        self.remember(name);
        if is_new {
            self.keep(name, KeptReason::Sparse, None);
        }
        Ok(())
    }

    /// Whether what a scaffold is a part of is there and never was the generator's.
    fn is_part_of_own(&self, path: &RelativePath, whole: Option<&str>) -> bool {
        let folder = path.as_str().rsplit_once('/');
        let (Some(whole), Some((folder, _))) = (whole, folder) else {
            return false;
        };
        let whole = format!("{folder}/{whole}");
        let was_ours = self.old.scaffolds.contains(&whole) || self.old.files.contains_key(&whole);
        !was_ours && self.directory.join(&whole).exists()
    }

    /// A planned file that is a person's as soon as it is there.
    fn written_once(
        &mut self,
        plan: &PlannedHome<'_>,
        path: &RelativePath,
        file: &PlannedFile,
        unless: &[&'static str],
    ) -> Result<(), DiskError> {
        let name = path.as_str();
        let place = self.directory.join(name);
        let known = self.old.scaffolds.contains(name);
        if self.old.files.contains_key(name)
            && let Some(before) = read_file(&place)?
            && self.old.wrote(name, &before)
        {
            // It was the generator's before the package changed its layout.
            let before = String::from_utf8_lossy(&before).into_owned();
            self.record.scaffolds.insert(name.to_owned());
            let text = file.text.get()?.to_owned();
            self.change(path, ChangeKind::Update, before, text);
        } else if is_file(&place)? || !self.siblings(plan, path, unless).is_empty() {
            if known {
                self.record.scaffolds.insert(name.to_owned());
            }
        } else {
            self.record.scaffolds.insert(name.to_owned());
            if known {
                self.keep(name, KeptReason::Removed, None);
            } else {
                let text = file.text.get()?.to_owned();
                self.change(path, ChangeKind::Create, String::new(), text);
            }
        }
        Ok(())
    }

    /// A planned file that is not there: new, or removed by somebody.
    fn absent(&mut self, path: &RelativePath, file: &PlannedFile) -> Result<(), DiskError> {
        let name = path.as_str();
        if self.old.removed.contains(name) {
            self.record.removed.insert(name.to_owned());
            self.state(name, FileState::Removed);
        } else if self.old.files.contains_key(name) {
            self.record.removed.insert(name.to_owned());
            self.keep(name, KeptReason::Gone, None);
        } else {
            let text = file.text.get()?;
            self.record(path, text, file);
            self.change(path, ChangeKind::Create, String::new(), text.to_owned());
        }
        Ok(())
    }

    /// A planned file that is there: the generator's own, changed by somebody, or
    /// somebody's own.
    fn generated(
        &mut self,
        path: &RelativePath,
        file: &PlannedFile,
        before: Vec<u8>,
    ) -> Result<(), DiskError> {
        let name = path.as_str();
        let text = file.text.get()?;
        let Ok(before) = String::from_utf8(before) else {
            self.remember(name);
            self.keep(name, KeptReason::Changed, None);
            return Ok(());
        };
        let plain = plain(before.clone());
        if plain == text {
            self.record(path, text, file);
            return Ok(());
        }
        if self.old.wrote(name, plain.as_bytes()) {
            self.record(path, text, file);
            self.change(path, ChangeKind::Update, before, text.to_owned());
            return Ok(());
        }
        if self.is_half_merged(name, &plain) {
            self.record(path, text, file);
            self.change(path, ChangeKind::Update, before, text.to_owned());
            if let Some(status) = self.states.last_mut() {
                status.state = FileState::HalfMerged;
            }
            return Ok(());
        }
        self.changed_by_hand(path, file, text, before);
        Ok(())
    }

    /// Whether a text is what git made of those that two branches generated, with conflict
    /// markers or without, and nobody's else.
    fn is_half_merged(&self, name: &str, text: &str) -> bool {
        let Some(written) = self.old.files.get(name) else {
            return false;
        };
        let sides = Sides::of(text);
        if let Some(sides) = &sides
            && written.is(sides.ours.as_bytes())
            && written.is(sides.theirs.as_bytes())
        {
            return true;
        }
        if !written.is_of_two_branches() || !is_marked(text) {
            return false;
        }
        // What a merge makes of two texts has lines of theirs, and no others.
        let both = self.texts().of_file(name, written);
        let lines: BTreeSet<&str> = both.iter().flat_map(|text| text.lines()).collect();
        let is_theirs = |text: &str| text.lines().all(|line| lines.contains(line));
        match &sides {
            Some(sides) => is_theirs(&sides.ours) && is_theirs(&sides.theirs),
            None => is_theirs(text),
        }
    }

    fn texts(&self) -> Texts<'_> {
        Texts::of(State::of(self.registry), &self.directory, self.name)
    }

    /// A file that is neither as planned nor as it was last written.
    fn changed_by_hand(
        &mut self,
        path: &RelativePath,
        file: &PlannedFile,
        text: &str,
        before: String,
    ) {
        let name = path.as_str();
        let instead = Some((before.clone(), text.to_owned()));
        let plain = plain(before.clone());
        let written = self.old.files.get(name);
        let is_known = written.is_some();
        let bases = written.map(|written| self.texts().of_file(name, written));
        let bases = bases.unwrap_or_default();
        if bases.is_empty() {
            self.remember(name);
            let marked = is_marked(&before) || is_known;
            let reason = if marked {
                KeptReason::Changed
            } else {
                KeptReason::Written
            };
            self.keep(name, reason, instead);
            return;
        }
        if has_conflict_markers(&before) {
            self.remember(name);
            self.keep(name, KeptReason::Unmerged, None);
            return;
        }
        if bases.iter().any(|base| base == text) {
            // Nothing is new for it, so it is as its owner wants it.
            self.record(path, text, file);
            self.copies.insert(name.to_owned(), text.to_owned());
            self.state(name, FileState::Modified);
            return;
        }
        // Of two branches any text will do by which it merges.
        let merged = bases
            .iter()
            .find_map(|base| diffy::merge(base, &plain, text).ok());
        let Some(merged) = merged else {
            self.remember(name);
            self.keep(name, KeptReason::Conflict, instead);
            return;
        };
        self.record(path, text, file);
        self.copies.insert(name.to_owned(), text.to_owned());
        if merged == plain {
            self.state(name, FileState::Modified);
        } else {
            self.change(path, ChangeKind::Merge, before, merged);
        }
    }

    /// Which of the files of these names stand beside a path and stay there: not
    /// those that this very run removes or that are planned themselves.
    fn siblings(
        &self,
        plan: &PlannedHome<'_>,
        path: &RelativePath,
        names: &[&'static str],
    ) -> Vec<String> {
        let folder = path
            .as_str()
            .rsplit_once('/')
            .map_or("", |(folder, _)| folder);
        names
            .iter()
            .map(|name| format!("{folder}/{name}"))
            .filter(|sibling| sibling != path.as_str())
            .filter(|sibling| self.directory.join(sibling).exists())
            .filter(|sibling| {
                let planned = sibling
                    .parse::<RelativePath>()
                    .is_ok_and(|sibling| plan.files.contains_key(&sibling));
                let goes = std::fs::read(self.directory.join(sibling))
                    .is_ok_and(|text| self.old.wrote(sibling, &text));
                !planned && !goes
            })
            .collect()
    }

    /// Files written before that the plan has no more.
    fn orphans(&mut self, plan: &PlannedHome<'_>) -> Result<(), DiskError> {
        let recorded: Vec<String> = self.old.files.keys().cloned().collect();
        for name in recorded {
            let path: RelativePath = name
                .parse()
                .expect("the paths of a record were checked when it was read");
            if plan.files.contains_key(&path) {
                continue;
            }
            // Behind a link lies what is no part of this repo.
            if self
                .ways
                .must_be_directories(&self.directory, &path)
                .is_err()
            {
                continue;
            }
            let before = match read_file(&self.directory.join(&name)) {
                Ok(Some(before)) => before,
                Ok(None) => {
                    if self.is_skipped(&name)? {
                        self.remember(&name);
                    }
                    continue;
                }
                Err(DiskError::InTheWay { .. }) => continue,
                Err(error) => return Err(error),
            };
            let plain = String::from_utf8(before.clone()).ok().map(plain);
            let is_ours = plain.is_some_and(|text| {
                self.old.wrote(&name, text.as_bytes()) && self.may_be_removed(&name, &text)
            });
            if is_ours {
                let before = String::from_utf8_lossy(&before).into_owned();
                self.change(&path, ChangeKind::Remove, before, String::new());
            } else {
                self.remember(&name);
                self.keep(&name, KeptReason::Orphan, None);
            }
        }
        Ok(())
    }

    /// Whether a file can be one that the generator wrote. A record is a file like others,
    /// and anybody's: it must not be able to have any file removed whose hash it knows.
    fn may_be_removed(&self, name: &str, text: &str) -> bool {
        match self.home {
            Home::Repo(_) => is_marked(text),
            // The registry's record does not speak of what is below its repos.
            Home::Registry => {
                let first = name.split('/').next().unwrap_or_default();
                (OWN.contains(&first) || name == ATTRIBUTES)
                    && (is_marked(text) || name == UNMARKED)
            }
        }
    }

    /// Notes that a file is, or will be, as planned or a merge with that. An entry
    /// that says the same already stays as it is, whichever version wrote it.
    fn record(&mut self, path: &RelativePath, text: &str, file: &PlannedFile) {
        let name = path.as_str();
        let known = self.old.files.get(name);
        let known = known.filter(|known| known.is(text.as_bytes()) && !known.is_of_two_branches());
        let written = match known {
            Some(known) => known.clone(),
            None => Written::new(text, &file.provenance),
        };
        self.record.files.insert(name.to_owned(), written);
    }

    /// Keeps what the old record knew of a file that stays as it is, and the text that the
    /// generator gave it: git may forget that one.
    fn remember(&mut self, path: &str) {
        let Some(written) = self.old.files.get(path) else {
            return;
        };
        self.record.files.insert(path.to_owned(), written.clone());
        if let [base] = &self.texts().of_file(path, written)[..] {
            self.copies.insert(path.to_owned(), base.clone());
        }
    }

    /// The files in the record's folder that have to change, and their texts; none for those
    /// that go.
    fn own_files(&self) -> BTreeMap<PathBuf, Option<String>> {
        let here = Path::new("");
        let mut own = BTreeMap::new();
        let is_first = !attributes_path(&self.directory).exists();
        if self.record != self.old || self.old.is_to_be_rewritten || is_first {
            let text = self.record.to_text();
            own.insert(record_path(here), Some(text));
            let before = path_before(here);
            if self.directory.join(&before).exists() {
                own.insert(before, None);
            }
            if is_first {
                own.insert(attributes_path(here), Some(attributes()));
            }
        }
        for (name, text) in &self.copies {
            if copy_there(&self.directory, name).as_ref() != Some(text) {
                own.insert(base_path(here, name), Some(text.clone()));
            }
        }
        for name in self.old.files.keys() {
            let is_kept = self.copies.contains_key(name);
            let copy = base_path(here, name);
            if !is_kept && self.directory.join(&copy).symlink_metadata().is_ok() {
                own.insert(copy, None);
            }
        }
        own
    }

    /// The record's folder is a folder of the repo's own, all the way down.
    fn must_have_folders(
        &mut self,
        own: &BTreeMap<PathBuf, Option<String>>,
    ) -> Result<(), DiskError> {
        for path in own.keys() {
            let path = path.to_string_lossy().parse();
            let path = path.expect("the paths of a record were checked when it was read");
            self.ways.must_be_directories(&self.directory, &path)?;
        }
        Ok(())
    }

    /// A path relative to the registry.
    fn in_registry(&self, path: &str) -> String {
        match self.place {
            Some(place) => format!("{place}/{path}"),
            None => path.to_owned(),
        }
    }

    fn state(&mut self, path: &str, state: FileState) {
        self.states.push(FileStatus {
            home: self.home.clone(),
            path: path.to_owned(),
            file: self.in_registry(path),
            state,
        });
    }

    fn change(&mut self, path: &RelativePath, kind: ChangeKind, before: String, after: String) {
        let after = LineEnds::of(&before).applied(after);
        let state = match kind {
            ChangeKind::Create => FileState::New,
            ChangeKind::Update => FileState::Stale,
            ChangeKind::Merge => FileState::Merging,
            ChangeKind::Remove => FileState::Surplus,
        };
        self.state(path.as_str(), state);
        self.changes.push(Change {
            path: path.clone(),
            file: self.in_registry(path.as_str()),
            kind,
            before,
            after,
        });
    }

    fn keep(&mut self, path: &str, reason: KeptReason, instead: Option<(String, String)>) {
        let state = match reason {
            KeptReason::Conflict => FileState::Conflict,
            KeptReason::Unmerged => FileState::Unmerged,
            KeptReason::Changed | KeptReason::Written => FileState::Foreign,
            KeptReason::Removed | KeptReason::Gone => FileState::Removed,
            KeptReason::Orphan => FileState::Orphan,
            KeptReason::Hidden => FileState::Hidden,
            KeptReason::Blocked => FileState::Blocked,
            KeptReason::Sparse => FileState::Sparse,
        };
        self.state(path, state);
        self.kept.push(Kept {
            home: self.home.clone(),
            path: path.to_owned(),
            file: self.in_registry(path),
            reason,
            instead,
        });
    }
}
