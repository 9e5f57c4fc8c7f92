//! Why there is no site.

use std::path::PathBuf;

use aux_gen::disk::DiskError;

/// A site cannot be made or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SiteError {
    /// A template of this crate cannot be filled in: a fault of ours.
    #[error("the page `{page}` cannot be made: {message}")]
    Template {
        /// The page.
        page: String,
        /// What the template engine says.
        message: String,
    },
    /// The disk refuses.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// The folder cannot be made.
    #[error("`{}` is no folder, and cannot be made one", .folder.display())]
    NoFolder {
        /// It.
        folder: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The disk refuses when a part of the site is written.
    #[error("a part of the site is written: {0}")]
    Partly(#[source] DiskError),
    /// Files stand there that no site had.
    #[error("`{folder}` has files that are not of a site, such as `{file}`")]
    Foreign {
        /// The folder.
        folder: String,
        /// The first of them.
        file: String,
    },
    /// Somebody changed pages.
    #[error("{count} {} of the site {} by hand, such as `{file}`", if *.count == 1 { "file" } else { "files" }, if *.count == 1 { "was changed" } else { "were changed" })]
    Changed {
        /// The first of them, with its folder.
        file: String,
        /// How many there are.
        count: usize,
    },
    /// What was written down of the site before cannot be read.
    #[error("`{}` is damaged", .path.display())]
    Record {
        /// The file.
        path: PathBuf,
    },
}

impl SiteError {
    /// A way out.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::NoFolder { .. } => Some("name another one: `--out DIR`"),
            Self::Partly(_) => Some(
                "what is written is right; look at who may write there, and the next run writes the rest",
            ),
            Self::Foreign { .. } => Some(
                "move it away, or name an empty folder or one that only a site is in: `--out DIR`",
            ),
            Self::Changed { .. } => Some(
                "move them away, or remove the folder: a site is made anew from what the registry says",
            ),
            Self::Record { .. } => Some("remove the folder, and make the site anew"),
            Self::Disk(error) => error.hint(),
            Self::Template { .. } => None,
        }
    }
}
