//! The file of a release, and how it is made.

use std::collections::BTreeMap;
use std::path::Path;
use std::str::FromStr;
use std::{fmt, fs};

use aux_eval::commits::CommitsError;
use aux_gen::disk::{DiskError, checkout, must_stay_inside, read_text, replace_below};
use aux_gen::lock::{LOCK, LockFile};
use aux_git::{GitError, WorkTree};
use aux_model::{Catalog, ChannelName, CheckoutPath, Date, FlakeRef, RepoName, Rev};
use semver::Version;
use serde::{Deserialize, Serialize};

/// The folder of the registry that has them.
pub const FOLDER: &str = "releases";

/// The version of the format.
const FORMAT: u32 = 1;

/// The name of a release: a version (semver 2.0) or a day (`2026-11-23`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ReleaseName(Kind);

/// Days come before versions; each in its own order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Day(Date),
    Version(Version),
}

/// A text that names no release.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a release is named by a version such as `1.2.0` or a day such as `2026-11-23`")]
pub struct ReleaseNameError;

impl FromStr for ReleaseName {
    type Err = ReleaseNameError;

    fn from_str(text: &str) -> Result<Self, ReleaseNameError> {
        let day = text.parse().map(Kind::Day).ok();
        let kind = day.or_else(|| text.parse().map(Kind::Version).ok());
        kind.map(Self).ok_or(ReleaseNameError)
    }
}

impl TryFrom<String> for ReleaseName {
    type Error = ReleaseNameError;

    fn try_from(text: String) -> Result<Self, ReleaseNameError> {
        text.parse()
    }
}

impl From<ReleaseName> for String {
    fn from(name: ReleaseName) -> Self {
        name.to_string()
    }
}

impl fmt::Display for ReleaseName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Day(day) => day.fmt(f),
            Kind::Version(version) => version.fmt(f),
        }
    }
}

/// A release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Release {
    format: u32,
    /// Its name.
    pub name: ReleaseName,
    /// The day when it was frozen.
    pub day: Date,
    /// The channel that it is of; none for the branches without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<ChannelName>,
    /// The commit of the registry then; none if it is no git repository.
    pub registry: Option<Rev>,
    /// Every repo.
    pub repos: BTreeMap<RepoName, Frozen>,
}

/// One repo of a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Frozen {
    /// Its flake reference.
    pub url: FlakeRef,
    /// Where it is checked out, relative to the registry.
    pub path: CheckoutPath,
    /// The commit.
    pub commit: Rev,
}

/// There is no such release, or it cannot be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReleaseError {
    /// git refuses.
    #[error(transparent)]
    Git(#[from] GitError),
    /// The disk refuses.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// Commits cannot be looked at.
    #[error(transparent)]
    Commits(#[from] CommitsError),
    /// The name is taken.
    #[error("there is a release `{0}` already")]
    Taken(ReleaseName),
    /// A tag of that name is elsewhere.
    #[error("`{repo}` has a tag `{name}` at another commit than the release, so nothing is tagged")]
    Tagged {
        /// The release.
        name: ReleaseName,
        /// The repo.
        repo: RepoName,
    },
    /// Nobody made it.
    #[error("there is no release `{0}`")]
    Unknown(ReleaseName),
    /// There is nothing to freeze.
    #[error("`{0}` is no git repository with a branch `{1}`")]
    NoTopLevel(String, String),
    /// Something is not locked.
    #[error("the lock of top-level names no commit of {}", names(.0))]
    Unlocked(Vec<RepoName>),
    /// Commits cannot be had.
    #[error("commits that a release names are not here: {}", names(.0))]
    Missing(Vec<RepoName>),
    /// Somebody's work is in the way.
    #[error("what is not committed, or on no branch, is in the way in {}", names(.0))]
    Changed(Vec<RepoName>),
    /// Something stands there.
    #[error("`{0}` is not empty")]
    InTheWay(String),
    /// Another archive stands there.
    #[error("`{0}` is there already, and is another one")]
    Other(String),
    /// An archive cannot be made.
    #[error("`{0}` cannot be put into an archive: {1}")]
    Archive(String, std::io::Error),
    /// A file has a name that is no text.
    #[error("a file in `{0}` has a name that is not UTF-8, and is not put into an archive")]
    Name(String),
    /// A reference that git cannot clone.
    #[error("`{url}` of `{repo}` is nothing that git can clone")]
    Address {
        /// The repo.
        repo: RepoName,
        /// Its reference.
        url: String,
    },
}

fn names(repos: &[RepoName]) -> String {
    let names: Vec<String> = repos.iter().map(|repo| format!("`{repo}`")).collect();
    names.join(", ")
}

impl ReleaseError {
    /// A way out.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Tagged { .. } => {
                "choose another name, or delete that tag if it is nobody's".to_owned()
            }
            Self::Git(_) | Self::Commits(_) | Self::Archive(..) => return None,
            Self::Other(_) => "move it away, or name another folder".to_owned(),
            Self::Name(_) => "give it another name".to_owned(),
            Self::Disk(error) => return error.hint().map(str::to_owned),
            Self::Taken(_) => "a release never changes: take another name".to_owned(),
            Self::Unknown(_) => "`aux-gen release list` shows them".to_owned(),
            Self::NoTopLevel(..) => "clone it there first, or name the branch that it is on with `--branch`, or with `branch` in the manifest".to_owned(),
            Self::Unlocked(_) => {
                "`aux-gen update` and `aux-gen promote` lock everything".to_owned()
            }
            Self::Missing(_) => "fetch them there first".to_owned(),
            Self::Changed(_) => "commit them, or check out elsewhere: `--to DIR`".to_owned(),
            Self::InTheWay(_) => "name a folder that is not there yet".to_owned(),
            Self::Address { .. } => "clone it by hand to where the manifest says".to_owned(),
        })
    }
}

impl Release {
    /// Reads a release of a registry.
    ///
    /// # Errors
    /// When there is none of that name, or it cannot be read.
    pub fn read(root: &Path, name: &ReleaseName) -> Result<Self, ReleaseError> {
        let path = root.join(FOLDER).join(format!("{name}.json"));
        if !path.is_file() {
            return Err(ReleaseError::Unknown(name.clone()));
        }
        let damaged = |message: String| DiskError::Record {
            path: path.clone(),
            message,
        };
        must_stay_inside(root, &path)?;
        let text = read_text(&path)?;
        let release: Self =
            serde_json::from_str(&text).map_err(|error| damaged(error.to_string()))?;
        if release.format != FORMAT {
            let message = format!("it has format {}, and not {FORMAT}", release.format);
            return Err(damaged(message).into());
        }
        release.check(name).map_err(damaged)?;
        Ok(release)
    }

    /// It is committed, and so anybody's: what it says becomes paths and arguments of git.
    fn check(&self, name: &ReleaseName) -> Result<(), String> {
        if self.name != *name {
            return Err(format!("it is of the release `{}`", self.name));
        }
        let mut folders: Vec<(String, &RepoName)> = Vec::new();
        for (repo, frozen) in &self.repos {
            let folder = frozen.path.as_str().to_ascii_lowercase();
            folders.push((format!("{folder}/"), repo));
        }
        // Sorted, a folder comes right before everything inside it.
        folders.sort();
        for two in folders.windows(2) {
            if let [(outer, one), (inner, other)] = two
                && inner.starts_with(outer.as_str())
            {
                return Err(format!("`{one}` and `{other}` lie in one folder"));
            }
        }
        Ok(())
    }
}

/// The releases of a registry, in order of name, and why others cannot be read.
#[must_use]
pub fn releases(root: &Path) -> (Vec<Release>, Vec<ReleaseError>) {
    let (mut releases, mut damaged) = (Vec::new(), Vec::new());
    // Without the folder there is none.
    for entry in fs::read_dir(root.join(FOLDER))
        .into_iter()
        .flatten()
        .flatten()
    {
        let name = entry.file_name().to_string_lossy().into_owned();
        let name = name
            .strip_suffix(".json")
            .and_then(|name| name.parse().ok());
        if let Some(name) = name {
            match Release::read(root, &name) {
                Ok(release) => releases.push(release),
                Err(error) => damaged.push(error),
            }
        }
    }
    releases.sort_by(|a, b| a.name.cmp(&b.name));
    (releases, damaged)
}

/// The commits that belong together now: those that top-level has locked on a branch, and
/// its own. The registry's is the last one.
///
/// # Errors
/// When top-level has not locked every repo, or a commit is not here.
pub fn now(
    root: &Path,
    catalog: &Catalog,
    branch: &str,
    name: ReleaseName,
    day: Date,
) -> Result<Release, ReleaseError> {
    let tree_of = |path: &CheckoutPath| WorkTree::at(&checkout(root, path)?);
    let top = catalog.top_level();
    let none = || ReleaseError::NoTopLevel(top.path.to_string(), branch.to_owned());
    let tree = tree_of(&top.path).ok_or_else(none)?;
    let head = format!("refs/heads/{branch}");
    let commit = tree.resolve_ref(&head)?.ok_or_else(none)?;
    let text = tree.text_at(&commit, LOCK)?;
    let lock = text.and_then(|text| LockFile::read(&text).ok());
    let (mut repos, mut unlocked, mut missing) = (BTreeMap::new(), Vec::new(), Vec::new());
    for repo in catalog.repos() {
        let rev = if repo.name == top.name {
            Some(commit.clone())
        } else {
            lock.as_ref().and_then(|lock| lock.rev(repo.name.as_str()))
        };
        let Some(commit) = rev else {
            unlocked.push(repo.name.clone());
            continue;
        };
        let is_here = match tree_of(&repo.path) {
            Some(tree) if tree.commit_named(&commit).is_some() => true,
            Some(tree) => {
                // A commit that is not here is one thing, git refusing to look another.
                tree.resolve_ref(&head)?;
                false
            }
            None => false,
        };
        if !is_here {
            missing.push(repo.name.clone());
        }
        let frozen = Frozen {
            url: repo.url.clone(),
            path: repo.path.clone(),
            commit,
        };
        repos.insert(repo.name.clone(), frozen);
    }
    if !unlocked.is_empty() {
        return Err(ReleaseError::Unlocked(unlocked));
    }
    if !missing.is_empty() {
        return Err(ReleaseError::Missing(missing));
    }
    Ok(Release {
        format: FORMAT,
        name,
        day,
        channel: catalog.channel().map(|channel| channel.name.clone()),
        registry: WorkTree::at(root).and_then(|tree| tree.head()),
        repos,
    })
}

/// Writes a release down; one that is there is never changed. The registry must be held.
///
/// # Errors
/// When the name is taken, or the disk refuses.
pub fn freeze(root: &Path, release: &Release) -> Result<(), ReleaseError> {
    let path = root.join(FOLDER).join(format!("{}.json", release.name));
    if path.exists() {
        return Err(ReleaseError::Taken(release.name.clone()));
    }
    let text = serde_json::to_string_pretty(release).expect("a release has text keys");
    replace_below(root, &path, None, text + "\n")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::ReleaseName;

    #[test]
    fn a_release_is_named_by_a_version_or_a_day() {
        for good in ["1.2.0", "2026-11-23", "0.1.0-rc.1"] {
            assert_eq!(good.parse::<ReleaseName>().unwrap().to_string(), good);
        }
        for bad in ["", "1.2", "main", "../x", "2026-13-01", "v1.0.0"] {
            assert!(bad.parse::<ReleaseName>().is_err(), "{bad}");
        }
        let name = |text: &str| text.parse::<ReleaseName>().unwrap();
        assert!(name("1.9.0") < name("1.10.0"));
        assert!(name("2026-11-23") < name("2026-12-01"));
    }
}
