//! What makes a repo as large, and as slow, as it is.

use std::collections::BTreeMap;
use std::path::Path;

use aux_git::{GitError, TreeEntryKind, WorkTree};
use aux_model::Repo;
use aux_nix::{Heap, NixError};

use crate::cost::evaluated::Views;

/// A folder of a repo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LargeFolder {
    /// Its path.
    pub path: String,
    /// Bytes of all files below it, as they are committed.
    pub bytes: u64,
    /// How many those are.
    pub files: usize,
}

/// An attribute of a repo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CostlyAttribute {
    /// Its name.
    pub attribute: String,
    /// Thunks that it takes alone, in a process of its own; those that the empty set takes, too.
    pub thunks: u64,
}

/// The largest folders of a repo as its last commit has it, the largest first. One that is almost as large as
/// a single folder in it is left out.
///
/// # Errors
/// When git refuses.
pub fn largest(folder: &Path, most: usize) -> Result<Vec<LargeFolder>, GitError> {
    let Some(tree) = WorkTree::at(folder) else {
        return Ok(Vec::new());
    };
    let Some(head) = tree.commit_of_head()? else {
        return Ok(Vec::new());
    };
    let mut objects = tree.objects()?;
    let mut folders: BTreeMap<String, (u64, usize)> = BTreeMap::new();
    for entry in objects.files_below(&head.tree)? {
        // What is in a submodule is not fetched.
        if entry.kind == TreeEntryKind::Repository {
            continue;
        }
        let blob = objects.blob_reader(&entry.object)?;
        let size = blob.size();
        blob.each(|_| {})?;
        let path = String::from_utf8_lossy(&entry.name);
        for (end, _) in path.match_indices('/') {
            let (bytes, files) = folders.entry(path[..end].to_owned()).or_default();
            *bytes += size;
            *files += 1;
        }
    }
    // More than nine tenths of it in one folder: that says more.
    let is_wrapped = |path: &String, bytes: u64| {
        let start = format!("{path}/");
        let mut below = folders
            .range(start.clone()..)
            .take_while(|(other, _)| other.starts_with(&start));
        below.any(|(_, (other, _))| *other > bytes / 10 * 9)
    };
    let mut largest: Vec<LargeFolder> = folders
        .iter()
        .filter(|(path, (bytes, _))| !is_wrapped(path, *bytes))
        .map(|(path, (bytes, files))| LargeFolder {
            path: path.clone(),
            bytes: *bytes,
            files: *files,
        })
        .collect();
    largest.sort_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| a.path.cmp(&b.path)));
    largest.truncate(most);
    Ok(largest)
}

/// What attributes of a repo take, one by one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Costly {
    /// Thunks of the set before any attribute of it is evaluated; none if the repo has no view of its own.
    pub empty: Option<u64>,
    /// The attributes, the costliest first.
    pub attributes: Vec<CostlyAttribute>,
    /// Those without a value.
    pub without_value: Vec<String>,
}

/// What some attributes of a repo take in its own view, each in a process of its own.
///
/// # Errors
/// When Nix cannot be started.
pub fn costliest(
    views: &Views<'_>,
    repo: &Repo,
    attributes: &[String],
) -> Result<Costly, NixError> {
    let Some(set) = views.alone(repo)? else {
        return Ok(Costly {
            without_value: attributes.to_vec(),
            ..Costly::default()
        });
    };
    let empty = views.take(&set, &[], Heap::Usual, views.limits())?;
    let mut costly = Costly {
        empty: empty.ok().map(|taken| taken.thunks),
        ..Costly::default()
    };
    for attribute in attributes {
        match views.take(
            &set,
            std::slice::from_ref(attribute),
            Heap::Usual,
            views.limits(),
        )? {
            Ok(taken) => costly.attributes.push(CostlyAttribute {
                attribute: attribute.clone(),
                thunks: taken.thunks,
            }),
            Err(_) => costly.without_value.push(attribute.clone()),
        }
    }
    costly.attributes.sort_by(|a, b| {
        let by_name = || a.attribute.cmp(&b.attribute);
        b.thunks.cmp(&a.thunks).then_with(by_name)
    });
    Ok(costly)
}
