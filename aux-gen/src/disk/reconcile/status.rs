//! How generated files stand.

use crate::plan::Home;

/// A generated file that is not simply as planned.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct FileStatus {
    /// Where it is.
    #[serde(rename = "repo")]
    pub home: Home,
    /// The file, relative to its repo.
    pub path: String,
    /// The file, relative to the registry.
    pub file: String,
    /// How it stands.
    pub state: FileState,
}

/// How a generated file stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FileState {
    /// It is planned, and not there yet.
    New,
    /// The plan has something new for it.
    Stale,
    /// Two branches generated it, and git has put lines of both into it: the plan has it whole.
    #[serde(rename = "half-merged")]
    HalfMerged,
    /// The plan has it no more, and nobody changed it.
    Surplus,
    /// Somebody changed it.
    Modified,
    /// Somebody changed it, and the plan has something new that goes with that.
    Merging,
    /// Somebody changed it, and what is new does not go with that.
    Conflict,
    /// It has conflict markers.
    Unmerged,
    /// Somebody wrote it, or how it was generated is not known any more.
    Foreign,
    /// Somebody removed it, and it stays removed.
    Removed,
    /// Somebody took it over for good.
    Ejected,
    /// Somebody changed it, and the plan has it no more.
    Orphan,
    /// It does not count: another file of the same package does.
    Hidden,
    /// Something that is no file stands in its place.
    Blocked,
    /// The sparse checkout leaves it out, and the plan has something new for it.
    Sparse,
}
