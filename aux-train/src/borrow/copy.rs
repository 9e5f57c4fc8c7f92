//! The files of a package at a commit, as they are copied.

use std::collections::BTreeMap;
use std::path::Path;

use aux_git::{Objects, TreeEntryKind, WorkTree};
use aux_model::{AttrName, Catalog, Date, Repo, RepoName};
use aux_nix::language::paths::{PathStart, is_within, path_literals, resolve};

use crate::borrow::error::BorrowError;
use crate::borrow::record::{FORMAT, Link, RECORD, Record};
use crate::repository::repository;

/// A package as it is copied, with the record of that.
#[derive(Debug, Clone)]
pub struct PackageCopy {
    /// Its files, by path below its folder; the record is not one of them.
    pub files: BTreeMap<String, CopiedFile>,
    /// What it is a copy of.
    pub record: Record,
}

/// A file of a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopiedFile {
    /// Its bytes.
    pub content: Vec<u8>,
    /// Whether it may be run.
    pub is_executable: bool,
}

/// A package of one repo at a commit, or at what is checked out, for another. Of a repo that borrows
/// it itself the copy is copied, and the record names the first owner.
///
/// # Errors
/// When it is not there, or not one file with what is beside it.
pub fn copy_of(
    root: &Path,
    catalog: &Catalog,
    (from, package): (&Repo, &AttrName),
    rev: Option<&str>,
    (borrower, reason, today): (&RepoName, &str, Date),
) -> Result<PackageCopy, BorrowError> {
    let tree = repository(root, from);
    let none = || BorrowError::NoRepository(from.name.clone());
    let tree = tree.ok_or_else(none)?;
    tree.must_work()?;
    let head = tree.head().ok_or_else(none)?;
    let commit = match rev {
        Some(rev) => tree
            .commit_named(rev)
            .ok_or_else(|| BorrowError::NoCommit {
                repo: from.name.clone(),
                rev: rev.to_owned(),
            })?,
        None => head,
    };
    let known = from.borrowed.get(package);
    let path = match known {
        Some(borrowed) => borrowed.directory(package),
        None => package.directory(),
    };
    let found = files_at(&tree, &commit, &path)?.ok_or_else(|| BorrowError::NoPackage {
        repo: from.name.clone(),
        commit: commit.to_string(),
        path: path.clone(),
    })?;
    let Folder {
        mut files,
        tree: name,
    } = found;
    must_stand_alone(&files)?;
    let record = match (known, files.remove(RECORD)) {
        (None, _) => Record {
            format: FORMAT,
            package: package.clone(),
            origin: from.name.clone(),
            url: from.url.clone(),
            path,
            commit,
            tree: name,
            owner: catalog
                .repo(from.name.as_str())
                .and_then(|repo| repo.packages.get(package))
                .map_or_else(|| from.sig.clone(), |package| package.owner.clone()),
            borrower: borrower.clone(),
            reason: reason.to_owned(),
            since: today,
            via: Vec::new(),
        },
        (Some(_), record) => {
            let text = record.map(|record| String::from_utf8_lossy(&record.content).into_owned());
            let record = Record::parse(&text.unwrap_or_default(), &format!("{path}/{RECORD}"))?;
            let mut via = record.via.clone();
            via.push(Link {
                repo: from.name.clone(),
                path,
                commit,
                tree: name,
            });
            Record {
                borrower: borrower.clone(),
                reason: reason.to_owned(),
                since: today,
                via,
                ..record
            }
        }
    };
    Ok(PackageCopy { files, record })
}

/// A folder of a commit.
pub(crate) struct Folder {
    pub(crate) files: BTreeMap<String, CopiedFile>,
    /// The name of its tree.
    pub(crate) tree: String,
}

/// The files below a folder of a commit; none if there is no such folder.
pub(crate) fn files_at(
    tree: &WorkTree,
    commit: &str,
    path: &str,
) -> Result<Option<Folder>, BorrowError> {
    tree.complete(commit)?;
    let mut objects = tree.objects()?;
    let mut at = objects.commit(commit)?.tree;
    for name in path.split('/') {
        let entries = objects.tree(&at)?;
        let below = entries
            .into_iter()
            .find(|entry| entry.name == name.as_bytes() && entry.kind == TreeEntryKind::Directory);
        let Some(below) = below else {
            return Ok(None);
        };
        at = below.object;
    }
    let mut files = BTreeMap::new();
    collect(&mut objects, &at, &mut files)?;
    Ok(Some(Folder { files, tree: at }))
}

fn collect(
    objects: &mut Objects,
    tree: &str,
    files: &mut BTreeMap<String, CopiedFile>,
) -> Result<(), BorrowError> {
    let mut open = vec![(tree.to_owned(), String::new())];
    while let Some((tree, below)) = open.pop() {
        for entry in objects.tree(&tree)? {
            let name = format!("{below}{}", String::from_utf8_lossy(&entry.name));
            match entry.kind {
                TreeEntryKind::Directory => open.push((entry.object, format!("{name}/"))),
                TreeEntryKind::File | TreeEntryKind::Executable => {
                    let file = CopiedFile {
                        content: objects.blob(&entry.object)?,
                        is_executable: entry.kind == TreeEntryKind::Executable,
                    };
                    files.insert(name, file);
                }
                TreeEntryKind::Link => {
                    let to = objects.blob(&entry.object)?;
                    return Err(BorrowError::LeadsOut {
                        file: name,
                        to: String::from_utf8_lossy(&to).into_owned(),
                    });
                }
                TreeEntryKind::Repository => {
                    return Err(BorrowError::LeadsOut {
                        file: name,
                        to: "another repository".to_owned(),
                    });
                }
            }
        }
    }
    Ok(())
}

/// The copy is one function, and all that it names is beside it.
fn must_stand_alone(files: &BTreeMap<String, CopiedFile>) -> Result<(), BorrowError> {
    let is_one = ["package.nix", "default.nix"];
    if files.contains_key("packages.nix") || !is_one.iter().any(|name| files.contains_key(*name)) {
        let first = files.keys().find(|name| name.ends_with(".nix"));
        let first = first.cloned().unwrap_or_else(|| "its folder".to_owned());
        return Err(BorrowError::NotOneFile(first));
    }
    for (name, file) in files.iter().filter(|(name, _)| name.ends_with(".nix")) {
        let text = String::from_utf8_lossy(&file.content);
        let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
        // As if it lay deep in a tree: what leads above it leads out.
        let here = format!("x/x/x/x/copy/{folder}");
        for path in path_literals(&text) {
            let leads_out = match path.kind {
                PathStart::Relative => !resolve(here.trim_end_matches('/'), path.text)
                    .is_some_and(|to| is_within(&to, "x/x/x/x/copy")),
                // What the machine has is nobody's file of the repo.
                PathStart::Absolute | PathStart::Home | PathStart::Search => false,
            };
            if leads_out {
                return Err(BorrowError::LeadsOut {
                    file: name.clone(),
                    to: path.text.to_owned(),
                });
            }
        }
    }
    Ok(())
}
