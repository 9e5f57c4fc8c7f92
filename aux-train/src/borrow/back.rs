//! The way back: what a borrower changed becomes commits of the owner, and the copy goes. Both are
//! branches of one name, and so a change set.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::path::Path;

use aux_gen::disk::checkpoint;
use aux_gen::plan::Plan;
use aux_git::{Author, Authored, FileContent, TreeEntryKind, WorkTree};
use aux_model::{AttrName, Borrowed, BranchName, Catalog, Repo, RepoName, Rev};
use aux_nix::language::paths::is_within;

use crate::borrow::beside::{is_beside, of_owner, package_at, place_of};
use crate::borrow::error::BorrowError;
use crate::borrow::folder::{CopiedFile, Folder, entry_at, files_at};
use crate::borrow::record::{Link, RECORD, Record};
use crate::borrow::standing::{Sides, sides};
use crate::repository::tree_of;
use crate::state::Train;
use crate::wiring::texts;

/// A package that was given back, as branches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Returned {
    /// The owner.
    pub origin: RepoName,
    /// The tip of the branch there; none if the owner has all of it already.
    pub commit: Option<Rev>,
    /// How many commits lead to it.
    pub commits: usize,
    /// The tip of the branch in the borrower.
    pub dropped: Rev,
}

/// The files of a copy or of its origin.
type Files = BTreeMap<String, CopiedFile>;

/// Makes the branches. The plans are of the borrower: with the copy, and without it.
///
/// # Errors
/// When what both changed does not go together, or a branch of that name is there: nothing has
/// changed then.
pub fn give_back(
    root: &Path,
    catalog: &Catalog,
    (repo, package, borrowed): (&Repo, &AttrName, &Borrowed),
    plans: (&Plan, &Plan),
    branch: &BranchName,
) -> Result<Returned, BorrowError> {
    let tree = |name: &RepoName| {
        tree_of(root, catalog, name).ok_or_else(|| BorrowError::NoRepository(name.clone()))
    };
    let Sides {
        record,
        borrower,
        own,
        copy,
        owner,
    } = sides(root, catalog, repo, package, borrowed)?;
    let record = &record;
    let owner = owner.ok_or_else(|| BorrowError::NoRepository(record.origin.clone()))?;
    let onto = owner.newest;
    let gone = |commit: &Rev| BorrowError::NoPackage {
        repo: record.origin.clone(),
        commit: commit.to_string(),
        path: record.path.clone(),
    };
    let then = owner.then.ok_or_else(|| gone(&record.commit))?.files;
    let now = owner.now.ok_or_else(|| gone(&onto))?.files;
    let owner = owner.tree;
    let reference = Train::head(branch);
    let path = borrowed.directory(package);
    let here = Link {
        repo: repo.name.clone(),
        path: path.clone(),
        commit: own.clone(),
        tree: String::new(),
    };
    let conflict = |file: String| BorrowError::Conflict {
        borrower: repo.name.clone(),
        owner: record.origin.clone(),
        file,
    };
    let wanted = merged(&then, &now, &copy.files).map_err(conflict)?;
    must_be_free(&owner, &onto, &record.path, (&then, &now, &wanted)).map_err(
        |error| match error {
            Occupied::Place(place) => conflict(place),
            Occupied::Error(error) => error,
        },
    )?;
    // What somebody tried and took back is nothing to the owner.
    let is_known =
        |key: &String| then.contains_key(key) || now.contains_key(key) || wanted.contains_key(key);
    let known = |mut files: Files| {
        files.retain(|key, _| !is_beside(key) || is_known(key));
        files
    };
    let mut tip = onto.clone();
    let mut files = now.clone();
    let mut commits = 0;
    let steps = record.via.iter().chain([&here]);
    // What each copy of a chain began as.
    let start = package_at(&owner, &record.commit, &record.path)?;
    let mut start = start.map_or_else(|| then.clone(), |folder| folder.files);
    for link in steps {
        let Ok(tree) = tree(&link.repo) else { continue };
        let began = std::mem::take(&mut start);
        if let Some(folder) = files_at(&tree, &link.commit, &link.path)? {
            start = own_files(&folder);
        }
        let began_as = |record: &Record| began_as(catalog, root, &owner, record);
        for step in steps_of(&tree, link, (&began, &began_as))? {
            let step = Step {
                before: known(step.before),
                after: known(step.after),
                ..step
            };
            let Ok(next) = merged(&step.before, &files, &step.after) else {
                // What it is in the end goes together; who wrote which part is not told any more.
                break;
            };
            if step.before == step.after || next == files {
                continue;
            }
            let made = commit(
                &owner,
                &tip,
                &record.path,
                (&files, &next),
                &step.of.message,
                Some(&step.of.author),
            )?;
            commits += usize::from(made != tip);
            (tip, files) = (made, next);
        }
    }
    if files != wanted {
        let message = format!(
            "{package}: take what `{}` changed in its copy\n\nFrom {path} of `{}` at {own}.\n",
            repo.name, repo.name
        );
        let made = commit(
            &owner,
            &tip,
            &record.path,
            (&files, &wanted),
            &message,
            None,
        )?;
        commits += usize::from(made != tip);
        tip = made;
    }
    let generated = generated(&borrower, &own, plans, |file| BorrowError::Generated {
        repo: repo.name.clone(),
        file,
    })?;
    let dropped = without_copy(
        &borrower,
        &own,
        (&path, &copy),
        &generated,
        (package, record),
    )?;
    // A run that was ended has made the one and not the other: they are the same commits again.
    let wanted = [
        (&owner, &record.origin, (commits > 0).then_some(&tip)),
        (&borrower, &repo.name, Some(&dropped)),
    ];
    let mut open = Vec::new();
    for (tree, name, tip) in wanted {
        match (tree.resolve_ref(&reference)?, tip) {
            (None, Some(tip)) => open.push((tree, tip)),
            (known, tip) if known.as_ref() == tip => {}
            _ => {
                return Err(BorrowError::Taken {
                    repo: name.clone(),
                    branch: branch.to_string(),
                });
            }
        }
    }
    for (tree, tip) in open {
        checkpoint();
        tree.update_ref(&reference, None, Some(tip))?;
    }
    checkpoint();
    Ok(Returned {
        origin: record.origin.clone(),
        commit: (commits > 0).then_some(tip),
        commits,
        dropped,
    })
}

/// What a copy was when it was made, by its record of then.
type BeganAs<'a> = dyn Fn(&Record) -> Result<Option<Files>, BorrowError> + 'a;

/// A commit of a borrower, and what it made of the copy.
struct Step {
    of: Authored,
    before: Files,
    after: Files,
}

/// What a borrower committed to its copy, since it has it.
fn steps_of(
    tree: &WorkTree,
    link: &Link,
    (began, began_as): (&Files, &BeganAs<'_>),
) -> Result<Vec<Step>, BorrowError> {
    let mut steps = Vec::new();
    for of in tree.commits_of_folder(&link.commit, &link.path)? {
        let parents = tree.parents(&of.commit)?;
        let before = match parents.first() {
            Some(parent) => files_at(tree, parent, &link.path)?,
            None => None,
        };
        let after = files_at(tree, &of.commit, &link.path)?;
        match (before, after) {
            (Some(before), Some(after)) => steps.push(Step {
                of,
                before: own_files(&before),
                after: own_files(&after),
            }),
            // It was borrowed, perhaps once more: what was before is over. It may have been changed
            // before it was committed.
            (None, Some(after)) => {
                steps.clear();
                // The record says of which commit it was a copy then: it may have been refreshed since.
                let record = after.files.get(RECORD);
                let record = record.and_then(|record| {
                    Record::parse(&String::from_utf8_lossy(&record.content), &link.path).ok()
                });
                let was = match record {
                    Some(record) => began_as(&record)?,
                    None => None,
                };
                steps.push(Step {
                    of,
                    before: was.unwrap_or_else(|| began.clone()),
                    after: own_files(&after),
                });
            }
            _ => steps.clear(),
        }
    }
    Ok(steps)
}

/// What a copy was when it was made, as its record of then says; none if that is of something else.
fn began_as(
    catalog: &Catalog,
    root: &Path,
    owner: &WorkTree,
    record: &Record,
) -> Result<Option<Files>, BorrowError> {
    let repo = catalog.repo(record.origin.as_str());
    let package = repo.and_then(|repo| repo.packages.get(&record.package));
    if package.is_none_or(|package| package.directory() != record.path) {
        return Ok(None);
    }
    let folder = match record.via.last() {
        None if owner.commit_named(&record.commit).is_none() => None,
        None => package_at(owner, &record.commit, &record.path)?,
        Some(link) => match tree_of(root, catalog, &link.repo) {
            Some(tree) if tree.commit_named(&link.commit).is_some() => {
                files_at(&tree, &link.commit, &link.path)?
            }
            _ => None,
        },
    };
    Ok(folder.map(|folder| own_files(&folder)))
}

/// Why what a borrower added has no place in the owner's repo.
enum Occupied {
    /// Something else is there, or two files would be.
    Place(String),
    Error(BorrowError),
}

/// What a borrower added beside its copy goes where nothing is, or where the same is.
fn must_be_free(
    owner: &WorkTree,
    onto: &Rev,
    path: &str,
    (then, now, wanted): (&Files, &Files, &Files),
) -> Result<(), Occupied> {
    let mut objects = owner
        .objects()
        .map_err(|error| Occupied::Error(error.into()))?;
    let added = wanted
        .iter()
        .filter(|(key, _)| is_beside(key) && !then.contains_key(*key) && !now.contains_key(*key));
    for (key, file) in added {
        let (place, file) = of_owner(key, file, path);
        if is_within(&place, path) {
            return Err(Occupied::Place(place));
        }
        let ends = place.match_indices('/').map(|(end, _)| end);
        for end in ends.chain([place.len()]) {
            let found = entry_at(&mut objects, onto, &place[..end]).map_err(Occupied::Error)?;
            match found {
                None => break,
                Some((TreeEntryKind::Directory, _)) if end < place.len() => {}
                Some((TreeEntryKind::File | TreeEntryKind::Executable, object))
                    if end == place.len() =>
                {
                    let content = objects.blob(&object);
                    let content = content.map_err(|error| Occupied::Error(error.into()))?;
                    if content != file.content {
                        return Err(Occupied::Place(place));
                    }
                }
                Some(_) => return Err(Occupied::Place(place)),
            }
        }
    }
    Ok(())
}

/// The files of a copy without its record.
fn own_files(folder: &Folder) -> Files {
    let mut files = folder.files.clone();
    files.remove(RECORD);
    files
}

/// What two made of the same files, as one; the file that they made different things of is the
/// error.
fn merged(base: &Files, ours: &Files, theirs: &Files) -> Result<Files, String> {
    merged_with(base, ours, theirs, |name, _| Err(name.clone()))
}

/// As [`merged`], where something else says what becomes of such a file.
fn merged_with<E>(
    base: &Files,
    ours: &Files,
    theirs: &Files,
    mut conflict: impl FnMut(&String, [Option<&CopiedFile>; 3]) -> Result<Option<CopiedFile>, E>,
) -> Result<Files, E> {
    let names: BTreeSet<&String> = base
        .keys()
        .chain(ours.keys())
        .chain(theirs.keys())
        .collect();
    let mut files = Files::new();
    for name in names {
        let (was, here, there) = (base.get(name), ours.get(name), theirs.get(name));
        let file = if here == there || there == was {
            here.cloned()
        } else if here == was {
            there.cloned()
        } else {
            match merged_file(was, here, there) {
                Some(merged) => Some(merged),
                None => conflict(name, [was, here, there])?,
            }
        };
        files.extend(file.map(|file| (name.clone(), file)));
    }
    Ok(files)
}

fn merged_file(
    base: Option<&CopiedFile>,
    ours: Option<&CopiedFile>,
    theirs: Option<&CopiedFile>,
) -> Option<CopiedFile> {
    let (base, ours, theirs) = (base?, ours?, theirs?);
    let text = |file: &CopiedFile| String::from_utf8(file.content.clone()).ok();
    let merged = diffy::merge(&text(base)?, &text(ours)?, &text(theirs)?).ok()?;
    Some(CopiedFile {
        content: merged.into_bytes(),
        is_executable: if ours.is_executable == base.is_executable {
            theirs.is_executable
        } else {
            ours.is_executable
        },
    })
}

/// A commit that makes the files of a folder other ones.
fn commit(
    tree: &WorkTree,
    parent: &Rev,
    folder: &str,
    (before, after): (&Files, &Files),
    message: &str,
    author: Option<&Author>,
) -> Result<Rev, BorrowError> {
    let paths: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let changed = paths
        .into_iter()
        .filter(|path| before.get(*path) != after.get(*path))
        // What a copy leads to no more is the owner's still.
        .filter(|path| after.contains_key(*path) || !is_beside(path));
    let changed: Vec<(String, Option<CopiedFile>)> = changed
        .map(|path| {
            let file = after.get(path);
            match file.map(|file| of_owner(path, file, folder)) {
                Some((place, file)) => (place, Some(file)),
                None => (place_of(path, folder), None),
            }
        })
        .collect();
    let changed: Vec<(&str, FileContent<'_>)> = changed
        .iter()
        .map(|(path, file)| {
            let content = match file {
                Some(file) if file.is_executable => FileContent::Program(&file.content),
                Some(file) => FileContent::Text(&file.content),
                None => FileContent::Gone,
            };
            (path.as_str(), content)
        })
        .collect();
    if changed.is_empty() {
        return Ok(parent.clone());
    }
    Ok(tree.with_changes(parent, &changed, message, author)?)
}

/// What files are to say in a commit on top of another one, where what is generated changes. What
/// people changed in them is merged.
fn generated(
    tree: &WorkTree,
    head: &Rev,
    (before, after): (&Plan, &Plan),
    conflict: impl Fn(String) -> BorrowError,
) -> Result<BTreeMap<String, String>, BorrowError> {
    let before = texts(before, |_| true)?;
    let mut changed = BTreeMap::new();
    for (key, text) in texts(after, |_| true)? {
        let path = &key.1;
        let Some(old) = before.get(&key).filter(|old| **old != text) else {
            continue;
        };
        let Some(now) = tree.text_at(head, path)? else {
            continue;
        };
        let merged = diffy::merge(old, &now, &text).map_err(|_| conflict(path.clone()))?;
        changed.insert(path.clone(), merged);
    }
    Ok(changed)
}

/// What the owner has by now, merged into the copy in the borrower's folder; and the record of that.
#[derive(Debug, Clone)]
pub struct Refreshed {
    /// The files of the copy; none for one that goes.
    pub files: BTreeMap<String, Option<CopiedFile>>,
    /// The new record.
    pub record: Record,
    /// Files in which both changed the same lines, with marks around them.
    pub conflicts: Vec<String>,
}

/// Merges what the owner has by now into a copy.
///
/// # Errors
/// When the owner does not have the package, or a file that is no text was changed by both.
pub fn refresh(
    root: &Path,
    catalog: &Catalog,
    (repo, package, borrowed): (&Repo, &AttrName, &Borrowed),
) -> Result<Refreshed, BorrowError> {
    let sides = sides(root, catalog, repo, package, borrowed)?;
    let record = sides.record;
    let owner = sides
        .owner
        .ok_or_else(|| BorrowError::NoRepository(record.origin.clone()))?;
    let gone = || BorrowError::NoPackage {
        repo: record.origin.clone(),
        commit: owner.newest.to_string(),
        path: record.path.clone(),
    };
    let now = owner.now.as_ref().ok_or_else(gone)?;
    let then = owner.then.as_ref().ok_or_else(gone)?;
    let copy = &sides.copy.files;
    let mut conflicts = Vec::new();
    let Ok(merged) = merged_with(&then.files, copy, &now.files, |name, [was, here, there]| {
        conflicts.push(name.clone());
        // What is no text: the owner's, and the borrower's commit still has its own.
        let marked = marked(was, here, there).or_else(|| there.or(here).cloned());
        Ok::<_, Infallible>(marked)
    });
    let gone = copy.keys().filter(|name| !merged.contains_key(*name));
    let mut files: BTreeMap<String, Option<CopiedFile>> =
        gone.map(|name| (name.clone(), None)).collect();
    files.extend(merged.into_iter().map(|(name, file)| (name, Some(file))));
    let record = Record {
        commit: owner.newest.clone(),
        tree: now.tree.clone(),
        via: Vec::new(),
        ..record
    };
    Ok(Refreshed {
        files,
        record,
        conflicts,
    })
}

/// A file in which both changed the same lines, with marks as git's.
fn marked(
    base: Option<&CopiedFile>,
    ours: Option<&CopiedFile>,
    theirs: Option<&CopiedFile>,
) -> Option<CopiedFile> {
    let text = |file: Option<&CopiedFile>| match file {
        Some(file) => String::from_utf8(file.content.clone()).ok(),
        None => Some(String::new()),
    };
    let merged = diffy::merge(&text(base)?, &text(ours)?, &text(theirs)?);
    Some(CopiedFile {
        content: merged.unwrap_or_else(|marked| marked).into_bytes(),
        is_executable: ours.or(theirs)?.is_executable,
    })
}

/// The commit of the borrower that drops the copy.
fn without_copy(
    tree: &WorkTree,
    head: &Rev,
    (path, copy): (&str, &Folder),
    generated: &BTreeMap<String, String>,
    (package, record): (&AttrName, &Record),
) -> Result<Rev, BorrowError> {
    let record_file = RECORD.to_owned();
    let gone: Vec<String> = copy
        .files
        .keys()
        .chain([&record_file])
        .map(|file| format!("{path}/{file}"))
        .collect();
    let gone = gone.iter().map(|file| (file.as_str(), FileContent::Gone));
    let new = generated
        .iter()
        .map(|(path, text)| (path.as_str(), FileContent::Text(text.as_bytes())));
    let files: Vec<(&str, FileContent<'_>)> = gone.chain(new).collect();
    let message = format!(
        "{package}: use that of `{}` again\n\nWhat was changed in the copy since {} of `{}` is given back to {}.\n",
        record.origin, record.commit, record.origin, record.path
    );
    Ok(tree.with_changes(head, &files, &message, None)?)
}
