//! Checked texts: one type for each kind of text, and one way to make it.
//!
//! A name, a path, a flake reference or a day that a person wrote is read once, by `FromStr`, and is right from
//! then on. What is wrong with a text is an error of its own, which says what to write instead.
//!
//! It knows nothing of manifests: whether what a name means exists is for aux-model to say.

// This crate starts no process: see `clippy.toml`.
#![forbid(clippy::disallowed_types)]

mod as_text;
mod checkout_path;
mod counted;
mod date;
mod flake_ref;
mod git_name;
mod include;
mod name;
mod printable;
mod recent;
mod relative_path;
mod site_url;
mod suggest;
mod system;
mod team;

pub use as_text::read_text;
pub use checkout_path::{CheckoutPath, CheckoutPathError};
pub use counted::counted;
pub use date::{Date, DateError};
pub use flake_ref::{FlakeRef, FlakeRefError, GitUrl};
pub use git_name::{BranchName, GitNameError, Rev, is_branch_name, is_commit_name};
pub use include::{IncludePart, IncludePattern};
pub use name::{
    ArgumentName, AttrName, BY_NAME, ChannelName, Handle, MAIN, MAX_NAME_LENGTH, ModuleName,
    NameError, OverlayName, ProgramName, RepoName, SigName, TierName, VariantName, shard_of,
};
pub use printable::{escaped, invisible_characters, is_invisible, printable, visible};
pub use relative_path::{RelativePath, RelativePathError, is_git_directory};
pub use site_url::{SiteUrl, SiteUrlError};
pub use suggest::{did_you_mean, folded, likeness, nearest};
pub use system::{System, SystemError};
pub use team::{Team, TeamError};
