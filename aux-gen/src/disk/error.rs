//! What can go wrong with the disk.

use std::io;
use std::path::{Path, PathBuf};

use aux_git::GitError;

use crate::plan::Home;
use crate::render::TemplateError;

/// The disk did not do what was asked. Nothing was changed unless a message
/// says so.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DiskError {
    /// No registry here or in any folder above.
    #[error("there is no `aux.toml` in `{}` or any folder above it", .start.display())]
    NoRegistry {
        /// Where the search started.
        start: PathBuf,
    },
    /// A file could not be read.
    #[error("cannot read `{}`", .path.display())]
    Read {
        /// The file or directory.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A file could not be written.
    #[error("cannot write `{}`", .path.display())]
    Write {
        /// The file or directory.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A file is no text.
    #[error("`{}` is not UTF-8 text", .path.display())]
    NotText {
        /// The file.
        path: PathBuf,
    },
    /// Something else stands where a file or a directory must be.
    #[error("`{}` is in the way: it is {what}", .path.display())]
    InTheWay {
        /// What is in the way.
        path: PathBuf,
        /// What it is, such as "a directory".
        what: &'static str,
    },
    /// A repo is to be written anew although it lies elsewhere.
    #[error("repo `{repo}` is planned in `{planned}`, but lies in `{}`", .found.display())]
    Elsewhere {
        /// The repo.
        repo: String,
        /// Where the manifest has it, relative to the registry.
        planned: String,
        /// Where it is.
        found: PathBuf,
    },
    /// A repo is to be written anew although its files lie there under another name.
    #[error(
        "`{}` was generated for the repo `{was}`, which the manifest does not have: was it renamed to `{is}`?",
        .found.display()
    )]
    Renamed {
        /// The repo that the files were generated for.
        was: String,
        /// The repo that the manifest has.
        is: String,
        /// Where the manifest has it, relative to the registry.
        planned: String,
        /// Where the files are.
        found: PathBuf,
    },
    /// The record of what was written cannot be understood.
    #[error("`{}` is damaged: {message}", .path.display())]
    Record {
        /// The record.
        path: PathBuf,
        /// What is wrong with it.
        message: String,
    },
    /// Somebody saved a file while it was about to be replaced.
    #[error("`{}` has changed since it was read, and was left alone", .path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// A run that was ended half way cannot be finished.
    #[error("what an earlier run began in `{}` cannot be finished", .registry.display())]
    Unfinished {
        /// The registry.
        registry: PathBuf,
        /// Why not.
        source: Box<DiskError>,
    },
    /// A directory is to move to another file system.
    #[error("`{}` and `{}` are on two file systems, between which nothing can be renamed", .from.display(), .to.display())]
    OtherDevice {
        /// The directory.
        from: PathBuf,
        /// Where it is to go.
        to: PathBuf,
    },
    /// A file is larger than anything that is read as text here.
    #[error("`{}` has {size} bytes, and a file of this kind has at most {most}", .path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// How many bytes it has.
        size: u64,
        /// How many it may have.
        most: u64,
    },
    /// A sparse checkout leaves the record out.
    #[error("the sparse checkout leaves `{}` out, which says which files are generated", .path.display())]
    Sparse {
        /// The record.
        path: PathBuf,
    },
    /// A sparse checkout leaves a part of the manifest out.
    #[error("the sparse checkout leaves `{}` out, which is a part of the manifest", .path.display())]
    SparseManifest {
        /// The file.
        path: PathBuf,
    },
    /// A file lies outside of the registry, behind a link.
    #[error("`{}` is a symbolic link that leads out of the registry", .path.display())]
    LeadsOut {
        /// The link.
        path: PathBuf,
    },
    /// A decision about a file that no repo is generated with.
    #[error("no repo is generated with a file `{file}`")]
    NotGenerated {
        /// The file, relative to the registry.
        file: String,
    },
    /// A decision that goes only with files that are ejected, or are not.
    #[error("`{file}` is {}", if *.ejected { "ejected: it is yours" } else { "not ejected" })]
    Ejected {
        /// The file, relative to the registry.
        file: String,
        /// Whether it is.
        ejected: bool,
    },
    /// A run would remove a large part of a repo.
    #[error("{removed} of the {recorded} generated files of {home} would be removed")]
    MassLoss {
        /// Where they are.
        home: Home,
        /// How many files.
        removed: usize,
        /// Of how many.
        recorded: usize,
    },
    /// A text could not be made.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// git did not stage what was moved.
    #[error("the files have moved, but git was not told")]
    Untold(#[source] GitError),
    /// git did not answer.
    #[error(transparent)]
    Git(#[from] GitError),
    /// A commit would take along what somebody has not committed yet.
    #[error(
        "`{file}` has changes of yours that are not committed, and would be merged and committed"
    )]
    Uncommitted {
        /// The file, relative to the registry.
        file: String,
    },
    /// Another run holds the registry.
    #[error("another aux-gen is at work in `{}`", .path.display())]
    Busy {
        /// The registry.
        path: PathBuf,
    },
}

impl DiskError {
    /// A file could not be read.
    pub fn read(path: &Path, source: io::Error) -> Self {
        Self::Read {
            path: path.to_owned(),
            source,
        }
    }

    /// A file could not be written.
    pub fn write(path: &Path, source: io::Error) -> Self {
        Self::Write {
            path: path.to_owned(),
            source,
        }
    }

    /// Whether another process changed the file system meanwhile, and the disk itself works:
    /// the change is left alone, and the rest of a run goes on.
    pub(super) fn is_concurrent_change(&self) -> bool {
        matches!(
            self,
            Self::Changed { .. } | Self::InTheWay { .. } | Self::OtherDevice { .. }
        )
    }

    /// The way out.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::NoRegistry { .. } => {
                Some("start one with `aux-gen init`, or name its folder with `-C DIR`")
            }
            Self::InTheWay { .. } => Some("move it away and run the command again"),
            Self::Unfinished { .. } => Some(
                "mend that and run the command again, or give the rest up with `aux-gen recover --abandon`",
            ),
            Self::OtherDevice { .. } => Some(
                "move it by hand, with `cp -a` and `rm -r`, and change the manifest by hand too",
            ),
            Self::TooLarge { .. } => Some("is it the file that was meant?"),
            Self::Sparse { .. } => {
                Some("`git sparse-checkout add .aux-gen` there, and generate again")
            }
            Self::SparseManifest { .. } => {
                Some("`git sparse-checkout add` its folder, or `git sparse-checkout disable`")
            }
            Self::LeadsOut { .. } => Some("put the file itself there"),
            Self::Elsewhere { .. } => {
                Some("move it to where it is planned, or set `path` of the repo to where it lies")
            }
            Self::Renamed { .. } => Some(
                "move the folder to where the new name has it, or set `path` of the repo to where it lies; if it is another repo, move the old folder away",
            ),
            Self::Record { .. } => Some(
                "restore it from git; without it, files that differ from the plan are kept and not replaced",
            ),
            Self::Changed { .. } => Some("run the command again: it will see what you saved"),
            Self::Busy { .. } => {
                Some("wait for it to end; the lock goes with it, also when it is killed")
            }
            Self::NotText { .. } => Some("save it as UTF-8"),
            Self::NotGenerated { .. } => {
                Some("name it as `aux-gen status` does, such as `repos/python/flake.nix`")
            }
            Self::Ejected { ejected: true, .. } => {
                Some("give it back with `aux-gen uneject FILE` first")
            }
            Self::Ejected { .. } => Some("`aux-gen status` names those that are"),
            Self::MassLoss { .. } => Some(
                "look at `aux-gen generate --check`; if it is meant, run `aux-gen generate --allow-removals`",
            ),
            Self::Uncommitted { .. } => {
                Some("commit them first: then what is merged into them is a commit of its own")
            }
            Self::Untold(_) => Some("look at `git status` in both repos"),
            Self::Write { source, .. }
                if matches!(
                    source.kind(),
                    io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem
                ) =>
            {
                Some("nothing was written; look at who may write there")
            }
            Self::Read { .. } | Self::Write { .. } | Self::Template(_) | Self::Git(_) => None,
        }
    }
}
