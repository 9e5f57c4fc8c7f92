//! Commits of what was generated, for those who ask for them: one per git
//! repository, with the generator's own files and nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};

use aux_git::{FileChange, GitError, WorkTree};
use aux_model::Source;

use super::record::path_before;
use crate::disk::error::DiskError;
use crate::disk::reconcile::changes::{ChangeKind, Changes};
use crate::disk::reconcile::home::{PlannedHome, homes};
use crate::disk::reconcile::record::{Record, attributes_path, base_path, record_path};
use crate::disk::registry::Registry;
use crate::disk::write::{found, plain};
use crate::marker::RECORD;
use crate::plan::{FileKind, Plan};

/// What came of committing to one git repository.
#[derive(Debug)]
pub struct Committed {
    /// Its folder, relative to the registry if it is in it.
    pub repository: PathBuf,
    /// The files that differed, relative to the repository, and how.
    pub files: BTreeMap<String, FileChange>,
    /// The new commit, or why there is none.
    pub commit: Result<String, Uncommittable>,
    /// Files of people that what is committed speaks of, and that are not committed:
    /// packages, and the manifest itself. Relative to the repository.
    pub left: Vec<String>,
}

/// Why something that was generated is not committed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Uncommittable {
    /// git or one of its hooks refuses.
    #[error(transparent)]
    Git(#[from] GitError),
    /// The record says how a file was generated that somebody has changed since, and
    /// that is not committed: without it the record would be wrong in a clone.
    #[error("{} changes of yours that are not committed: commit that first", listed(.files))]
    Ahead {
        /// The files, relative to the repository.
        files: Vec<String>,
    },
    /// Something is under way there, such as a rebase, or no branch is checked out.
    #[error("{what}: what is committed now would be a part of that, or of nothing")]
    UnderWay {
        /// What it is.
        what: &'static str,
    },
    /// A part of a file is staged, which a commit of the file would take away.
    #[error("`{file}` is staged in part: commit that, or take it back, first")]
    Staged {
        /// The file, relative to the repository.
        file: String,
    },
}

/// Refuses to write where a commit would take along what somebody has not committed
/// yet: a file of theirs that is about to be merged with what is new.
///
/// # Errors
/// When there is such a file, or git refuses to say.
pub fn must_be_committed(changes: &Changes) -> Result<(), DiskError> {
    for home in changes.homes.values() {
        let merges = home.changes.iter();
        let mut merges = merges
            .filter(|change| change.kind == ChangeKind::Merge)
            .peekable();
        let Some(tree) = merges.peek().and(WorkTree::of(&home.directory)) else {
            continue;
        };
        // What git says of one repository is said when it is to be committed.
        let Ok(open) = tree.changed() else {
            continue;
        };
        let open = |path: &Path| {
            tree.relative(path)
                .is_some_and(|path| open.contains_key(&path))
        };
        if let Some(change) = merges.find(|change| open(&home.directory.join(change.path.as_str())))
        {
            return Err(DiskError::Uncommitted {
                file: change.file.clone(),
            });
        }
    }
    Ok(())
}

/// Commits what was generated, now or by an earlier run, and is not committed yet.
/// What people wrote, staged or changed stays as it is. Repos that are in no git
/// repository are named by the second part of the answer.
///
/// # Errors
/// When the disk refuses, or git does not say what has changed. A commit that git
/// refuses is part of the answer.
pub fn commit(
    registry: &Registry,
    plan: &Plan,
    changes: &Changes,
    manifest: &[Source],
) -> Result<(Vec<Committed>, Vec<String>), DiskError> {
    let mut trees: BTreeMap<WorkTree, Vec<PlannedHome<'_>>> = BTreeMap::new();
    let mut outside = Vec::new();
    for home in homes(plan)
        .into_iter()
        .filter(|home| !home.files.is_empty())
    {
        // What could not be compared is left alone, and named for that.
        let Ok(directory) = home.directory(registry) else {
            continue;
        };
        // Where a link stands for a checkout, git is asked where that is.
        let directory = directory.canonicalize().unwrap_or(directory);
        // Of a repo that is none yet, the registry's git may know nothing.
        match WorkTree::of(&directory).filter(|tree| !tree.ignores(&directory)) {
            Some(tree) => trees.entry(tree).or_default().push(home),
            None => outside.push(home.name().to_owned()),
        }
    }
    let root = registry.root();
    let root = root
        .canonicalize()
        .map_err(|error| DiskError::read(root, error))?;
    let mut commits = Vec::new();
    for (tree, homes) in trees {
        let repository = tree.root().strip_prefix(&root).unwrap_or(tree.root());
        let refused = |why: Uncommittable| Committed {
            repository: repository.to_owned(),
            files: BTreeMap::new(),
            commit: Err(why),
            left: Vec::new(),
        };
        let changed = match tree.must_work().and_then(|()| tree.changed()) {
            Ok(changed) => changed,
            // Whatever git says of one repository, the others are committed.
            Err(error) => {
                commits.push(refused(error.into()));
                continue;
            }
        };
        let mut ready = Vec::new();
        let mut files = BTreeMap::new();
        let own_place = tree.relative(registry.root());
        let manifest = manifest.iter().map(|source| match own_place.as_deref() {
            None => String::new(),
            Some("") => source.path().to_owned(),
            Some(place) => format!("{place}/{}", source.path()),
        });
        let mut left: Vec<String> = manifest.filter(|file| changed.contains_key(file)).collect();
        for home in homes {
            let own = Own::of(registry, home, changes, &tree)?;
            match own.files(&changed)? {
                Ok((ours, _)) if ours.is_empty() => {}
                Ok((ours, theirs)) => {
                    files.extend(ours);
                    left.extend(theirs);
                    ready.push(home);
                }
                Err(refused) => commits.push(Committed {
                    repository: repository.to_owned(),
                    files: BTreeMap::new(),
                    commit: Err(refused),
                    left: Vec::new(),
                }),
            }
        }
        if !files.is_empty() {
            let detached = || {
                tree.symbolic("HEAD")
                    .is_none()
                    .then_some("no branch is checked out")
            };
            if let Some(what) = tree.under_way().or_else(detached) {
                commits.push(refused(Uncommittable::UnderWay { what }));
                continue;
            }
            let commit = tree.commit(&files, &message(&ready, &files));
            commits.push(Committed {
                repository: repository.to_owned(),
                commit: commit.map_err(Uncommittable::Git),
                files,
                left,
            });
        }
    }
    Ok((commits, outside))
}

/// The generator's own files in one folder.
struct Own<'h> {
    home: PlannedHome<'h>,
    tree: &'h WorkTree,
    directory: PathBuf,
    /// The folder, relative to the git repository; empty, or ends with `/`.
    prefix: String,
    /// Those that this run wrote or removed.
    written: BTreeSet<&'h str>,
}

/// Whose a file is that differs from the last commit.
enum Whose {
    /// It is as the generator wrote it.
    Ours,
    /// It is planned, and somebody has changed it.
    Changed,
    /// It is no business of the generator's.
    Theirs,
}

/// The generator's files that belong into a commit, and those of people that the
/// commit speaks of; or why there is none.
type Sorted = Result<(BTreeMap<String, FileChange>, Vec<String>), Uncommittable>;

impl<'h> Own<'h> {
    fn of(
        registry: &Registry,
        home: PlannedHome<'h>,
        changes: &'h Changes,
        tree: &'h WorkTree,
    ) -> Result<Self, DiskError> {
        let of_home = changes.homes.get(home.home);
        let written = of_home.into_iter().flat_map(|home| &home.changes);
        let directory = home.directory(registry)?;
        let mut prefix = tree.relative(&directory).unwrap_or_default();
        if !prefix.is_empty() {
            prefix.push('/');
        }
        Ok(Self {
            home,
            tree,
            directory,
            prefix,
            written: written.map(|change| change.path.as_str()).collect(),
        })
    }

    /// What of the folder belongs into a commit, and new files of people in directories
    /// of packages that the contract names; or why nothing of it does.
    fn files(&self, changed: &BTreeMap<String, FileChange>) -> Result<Sorted, DiskError> {
        let scaffolds = self.home.files.iter();
        let scaffolds =
            scaffolds.filter(|(_, file)| matches!(file.kind, FileKind::Scaffold { .. }));
        let packages: BTreeSet<&str> = scaffolds
            .filter_map(|(path, _)| Some(path.as_str().rsplit_once('/')?.0))
            .collect();
        let mut ours = BTreeMap::new();
        let (mut left, mut ahead) = (Vec::new(), Vec::new());
        // A repository may hold a thousand folders: only what is below this one.
        let below = changed.range(self.prefix.clone()..);
        for (file, change) in below.take_while(|(file, _)| file.starts_with(&self.prefix)) {
            let name = &file[self.prefix.len()..];
            let whose = self.whose(name)?;
            if matches!(whose, Whose::Ours) {
                if *change == FileChange::Split {
                    return Ok(Err(Uncommittable::Staged { file: file.clone() }));
                }
                ours.insert(file.clone(), *change);
                continue;
            }
            if matches!(whose, Whose::Changed) && self.is_noted_anew(name)? {
                ahead.push(file.clone());
            }
            let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
            if *change == FileChange::Add && packages.contains(folder) {
                left.push(file.clone());
            }
        }
        Ok(if ahead.is_empty() {
            Ok((ours, left))
        } else {
            Err(Uncommittable::Ahead { files: ahead })
        })
    }

    /// Whether the record says another text of a file than the one that is committed does.
    fn is_noted_anew(&self, name: &str) -> Result<bool, DiskError> {
        let path = record_path(Path::new(&self.prefix));
        // Without a commit there is none that it could be ahead of.
        let text = self.tree.text_at("HEAD", &path.to_string_lossy());
        let Some(text) = text.ok().flatten() else {
            return Ok(false);
        };
        let committed = Record::parse(&text, &path)?;
        let now = Record::read(&self.directory)?;
        let blobs = |record: &Record| {
            let written = record.files.get(name);
            written.map(|written| written.blobs().map(str::to_owned).collect::<Vec<_>>())
        };
        Ok(blobs(&committed) != blobs(&now))
    }

    fn whose(&self, name: &str) -> Result<Whose, DiskError> {
        let here = Path::new("");
        let own = [record_path(here), attributes_path(here), path_before(here)];
        if own.contains(&PathBuf::from(name)) || self.written.contains(name) {
            return Ok(Whose::Ours);
        }
        let planned = |name: &str| self.home.files.get(name);
        if let Ok(base) = Path::new(name).strip_prefix(base_path(here, "")) {
            // A text of the record, or one that it has no more.
            let is_known = planned(&base.to_string_lossy()).is_some();
            let is_ours = is_known || !self.directory.join(name).exists();
            return Ok(if is_ours { Whose::Ours } else { Whose::Theirs });
        }
        let Some(planned) = planned(name) else {
            return Ok(Whose::Theirs);
        };
        let holds = found(&self.directory.join(name))?;
        let holds = holds
            .and_then(|text| String::from_utf8(text).ok())
            .map(plain);
        if holds.as_deref() == Some(planned.text.get()?) {
            return Ok(Whose::Ours);
        }
        Ok(match planned.kind {
            FileKind::Generated { .. } => Whose::Changed,
            FileKind::Scaffold { .. } => Whose::Theirs,
        })
    }
}

/// "`a` has", "`a` and `b` have".
fn listed(files: &[String]) -> String {
    let names: Vec<String> = files.iter().map(|file| format!("`{file}`")).collect();
    match names.as_slice() {
        [one] => format!("{one} has"),
        [all @ .., last] => format!("{} and {last} have", all.join(", ")),
        [] => String::new(),
    }
}

/// More files than this are counted in a message, not listed.
const LISTED: usize = 200;

/// What a commit says: whose files, then each that is not the generator's own
/// book-keeping.
fn message(homes: &[PlannedHome<'_>], files: &BTreeMap<String, FileChange>) -> String {
    let of = match homes {
        [home] => home
            .home
            .repo()
            .map_or("the registry's checks".to_owned(), ToString::to_string),
        homes => format!(
            "{} repos",
            homes
                .iter()
                .filter(|home| home.home.repo().is_some())
                .count()
        ),
    };
    let mut message = format!("Regenerate {of}\n");
    let record = |file: &str| file.split('/').any(|part| part == RECORD);
    let listed: Vec<_> = files.iter().filter(|(file, _)| !record(file)).collect();
    for (file, change) in listed.iter().take(LISTED) {
        let _ = write!(message, "\n{} {file}", change.verb());
    }
    if let Some(more) = listed.len().checked_sub(LISTED).filter(|more| *more > 0) {
        let _ = write!(message, "\nand {more} more");
    }
    message.push('\n');
    message
}
