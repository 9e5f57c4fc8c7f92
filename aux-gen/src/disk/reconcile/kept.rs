//! Files that are left alone, and why.

use crate::plan::Home;

/// A file that is left alone, and why.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Kept {
    /// Where it is.
    #[serde(rename = "repo")]
    pub home: Home,
    /// The file, relative to its repo.
    pub path: String,
    /// The file, relative to the registry.
    pub file: String,
    /// Why.
    pub reason: KeptReason,
    /// What it holds, and what the plan has for it; nothing if that is no text
    /// or the plan has nothing.
    #[serde(skip)]
    pub instead: Option<(String, String)>,
}

/// Why a file is left alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(into = "&'static str")]
#[non_exhaustive]
pub enum KeptReason {
    /// Somebody changed a generated file, and what is new does not go with that.
    Conflict,
    /// Somebody changed a generated file, and how it was is not known any more.
    Changed,
    /// It still has conflict markers.
    Unmerged,
    /// Somebody wrote it; the generator never did.
    Written,
    /// Somebody removed a scaffold.
    Removed,
    /// Somebody removed a generated file since the last run.
    Gone,
    /// The model has it no more, and somebody changed it.
    Orphan,
    /// The package has another layout now, and this file does not count.
    Hidden,
    /// A symbolic link, a directory or the like stands in its place or on the way to it.
    Blocked,
    /// git has it, and the sparse checkout leaves it out.
    Sparse,
}

impl KeptReason {
    /// The reason in one sentence.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Conflict => {
                "it was changed by hand, and what is new for it does not go with that"
            }
            Self::Changed => "it was changed by hand since it was generated",
            Self::Unmerged => "it has conflict markers",
            Self::Written => "it was written by hand",
            Self::Removed | Self::Gone => "it was removed by hand and stays removed",
            Self::Orphan => "the model has it no more, but it was changed by hand",
            Self::Hidden => "the package has a `packages.nix` now, and this file does not count",
            Self::Blocked => {
                "something else than a file of this repo stands there: a symbolic link, a directory or a device"
            }
            Self::Sparse => "the sparse checkout leaves it out, and there is something new for it",
        }
    }

    /// The way out.
    #[must_use]
    pub fn hint(self) -> &'static str {
        match self {
            Self::Conflict => {
                "`aux-gen resolve --merge FILE` puts both into the file, `--ours` keeps yours, `--theirs` takes the generated one"
            }
            Self::Changed | Self::Written => {
                "`aux-gen resolve --theirs FILE` takes the generated one, `--ours` keeps yours, `aux-gen eject FILE` keeps it for good"
            }
            Self::Unmerged => "edit it until the markers are gone",
            Self::Removed => "write it, or take what it belongs to out of the manifest",
            Self::Gone => "`aux-gen resolve --theirs FILE` brings it back",
            Self::Hidden => {
                "move what is worth keeping into the files of the variants, and remove it"
            }
            Self::Blocked => "move it away, or keep it for good with `aux-gen eject FILE`",
            Self::Sparse => "`git sparse-checkout add` its folder, and generate again",
            Self::Orphan => "remove it, or put what it belongs to back into the manifest",
        }
    }
}

impl From<KeptReason> for &'static str {
    fn from(reason: KeptReason) -> Self {
        reason.as_str()
    }
}
