//! Where packages were copied from: what an import records, and what changed there since.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use aux_git::{Authored, GitError, WorkTree};
use aux_model::{Imported, RelativePath, Rev};
use aux_nix::language::literal_attribute;

use crate::import::gather::Gathered;

/// How a package stands to what it was copied from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upstream {
    /// In one word.
    pub state: UpstreamState,
    /// The commit that it was compared with; none if there was none to compare with.
    pub newest: Option<Rev>,
    /// The version that it says at the commit that it was copied from.
    pub version: Option<String>,
    /// The version that it says at the other one.
    pub newest_version: Option<String>,
    /// The commits between that changed what was copied, oldest first for each path, without merges.
    pub commits: Vec<Authored>,
}

/// What became of what was copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UpstreamState {
    /// Nothing.
    Same,
    /// Some of it changed.
    Changed,
    /// Some of it is not there any more.
    Gone,
    /// No tree has the commit.
    Unknown,
}

impl UpstreamState {
    /// The state in one word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Changed => "changed",
            Self::Gone => "gone",
            Self::Unknown => "unknown",
        }
    }
}

/// The commit and the paths that files were gathered from.
///
/// # Errors
/// Why nobody can say: they are in no repository, in several, or not as they are committed.
pub fn recorded(gathered: &Gathered) -> Result<Imported, String> {
    let none = || format!("`{}` is in no git repository", gathered.source.display());
    let tree = WorkTree::of(&gathered.source).ok_or_else(none)?;
    let rev = tree
        .head()
        .ok_or_else(|| "the repository that it is from has no commit".to_owned())?;
    let relative = |path: &Path| -> Result<RelativePath, String> {
        let outside = || {
            format!(
                "`{}` is not in the repository that the rest is from",
                path.display()
            )
        };
        let path = tree.relative(path).ok_or_else(outside)?;
        let path: Result<RelativePath, _> = path.parse();
        path.map_err(|error| error.to_string())
    };
    let path = relative(&gathered.source)?;
    let commit = tree
        .commit_of(rev.as_str())
        .map_err(|error| error.to_string())?;
    let mut with = Vec::new();
    for source in gathered
        .files
        .values()
        .filter_map(|file| file.source.as_deref())
    {
        let file = relative(source)?;
        let committed = tree
            .objects()
            .and_then(|mut objects| objects.file(&commit.tree, file.as_str()));
        let committed = committed.map_err(|error| error.to_string())?;
        if committed != fs::read(source).ok() {
            return Err(format!("`{file}` is not as it is committed"));
        }
        let is_below = file
            .as_str()
            .strip_prefix(path.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        if !is_below {
            with.push(file);
        }
    }
    with.sort();
    with.dedup();
    Ok(Imported {
        from: tree.origin(),
        rev,
        path,
        with,
    })
}

/// How a package stands to its upstream, in the first of some trees that has the commit it was copied
/// from; at the commit that is checked out there.
///
/// # Errors
/// When a tree cannot be read.
pub fn upstream(imported: &Imported, trees: &[WorkTree]) -> Result<Upstream, GitError> {
    let mut trees = trees.iter();
    let tree = trees.find(|tree| tree.commit_named(imported.rev.as_str()).is_some());
    let Some((tree, newest)) = tree.and_then(|tree| Some((tree, tree.head()?))) else {
        return Ok(Upstream {
            state: UpstreamState::Unknown,
            newest: None,
            version: None,
            newest_version: None,
            commits: Vec::new(),
        });
    };
    let (mut commits, mut seen) = (Vec::new(), BTreeSet::new());
    let mut state = UpstreamState::Same;
    let range = format!("{}..{newest}", imported.rev);
    for path in std::iter::once(&imported.path).chain(&imported.with) {
        let path = path.as_str();
        let now = tree.object_at(&newest, path);
        if tree.object_at(&imported.rev, path) == now {
            continue;
        }
        state = match (now, state) {
            (None, _) | (_, UpstreamState::Gone) => UpstreamState::Gone,
            _ => UpstreamState::Changed,
        };
        let changed = tree.commits_of_folder(&range, path)?;
        commits.extend(
            changed
                .into_iter()
                .filter(|it| seen.insert(it.commit.clone())),
        );
    }
    Ok(Upstream {
        state,
        version: version(tree, &imported.rev, imported.path.as_str())?,
        newest_version: version(tree, &newest, imported.path.as_str())?,
        newest: Some(newest),
        commits,
    })
}

/// The version that the text of a package says.
fn version(tree: &WorkTree, commit: &Rev, path: &str) -> Result<Option<String>, GitError> {
    let files = if path.ends_with(".nix") {
        vec![path.to_owned()]
    } else {
        ["package.nix", "default.nix"]
            .map(|file| format!("{path}/{file}"))
            .to_vec()
    };
    for file in files {
        if let Some(text) = tree.text_at(commit.as_str(), &file)? {
            return Ok(literal_attribute(&text, "version"));
        }
    }
    Ok(None)
}
