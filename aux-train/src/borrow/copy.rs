//! The files of a package at a commit, as they are copied.

use std::collections::BTreeMap;
use std::path::Path;

use aux_model::{AttrName, Catalog, Date, Repo, RepoName};

use crate::borrow::beside::package_at;
use crate::borrow::error::BorrowError;
use crate::borrow::folder::{CopiedFile, Folder, files_at};
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

/// A package of one repo at a commit, or at what is checked out, for another. Of a repo that borrows
/// it itself the copy is copied, and the record names the first owner.
///
/// # Errors
/// When it is not there, is not one function, or leads to what cannot be copied.
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
    let found = match known {
        Some(_) => files_at(&tree, &commit, &path)?,
        None => package_at(&tree, &commit, &path)?,
    };
    let found = found.ok_or_else(|| BorrowError::NoPackage {
        repo: from.name.clone(),
        commit: commit.to_string(),
        path: path.clone(),
    })?;
    let Folder {
        mut files,
        tree: name,
    } = found;
    must_be_one(&files)?;
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

/// The copy is one function.
fn must_be_one(files: &BTreeMap<String, CopiedFile>) -> Result<(), BorrowError> {
    let is_one = ["package.nix", "default.nix"];
    if files.contains_key("packages.nix") || !is_one.iter().any(|name| files.contains_key(*name)) {
        let first = files.keys().find(|name| name.ends_with(".nix"));
        let first = first.cloned().unwrap_or_else(|| "its folder".to_owned());
        return Err(BorrowError::NotOneFile(first));
    }
    Ok(())
}
