//! Texts of a manifest that have a type, and how a refusal is reported.

use std::fmt;
use std::str::FromStr;

use aux_names::{
    ArgumentName, AttrName, BranchName, ChannelName, CheckoutPath, CheckoutPathError, Date,
    DateError, FlakeRef, FlakeRefError, GitNameError, Handle, ModuleName, NameError, OverlayName,
    ProgramName, RelativePath, RelativePathError, RepoName, Rev, SigName, SiteUrl, SiteUrlError,
    System, SystemError, Team, TeamError, TierName, VariantName,
};
use semver::{Version, VersionReq};

use crate::access::Access;
use crate::channel::Followed;
use crate::ci::BuildScope;
use crate::layout::Layout;
use crate::manifest::line::Line;
use crate::manifest::table::Value;
use crate::module::ModuleClass;
use crate::policy::{Differing, Weight};
use crate::repo::{BorrowScope, RepoKind, Wiring};
use aux_problems::Code;
use aux_problems::UnknownWord;

macro_rules! names {
    ($($name:ty),*) => {$(
        impl Value for $name {
            const CODE: Code = Code::InvalidName;

            fn help(error: &NameError) -> Option<String> {
                Some(error.help())
            }
        }
    )*};
}
names!(
    RepoName,
    SigName,
    TierName,
    ArgumentName,
    AttrName,
    ModuleName,
    OverlayName,
    ProgramName,
    Handle,
    VariantName,
    ChannelName,
    Followed
);

macro_rules! words {
    ($($name:ty),*) => {$(
        impl Value for $name {
            fn help(error: &UnknownWord) -> Option<String> {
                error.help()
            }
        }
    )*};
}
words!(
    RepoKind,
    Wiring,
    Layout,
    ModuleClass,
    Weight,
    Differing,
    Access,
    BuildScope,
    BorrowScope
);

impl Value for Line {}

impl Value for SiteUrl {
    fn help(_: &SiteUrlError) -> Option<String> {
        Some("write it as `https://example.org/`".to_owned())
    }
}

impl Value for Rev {
    fn help(_: &GitNameError) -> Option<String> {
        Some("write all 40 digits, as `git rev-parse HEAD` prints them".to_owned())
    }
}

impl Value for BranchName {
    fn help(_: &GitNameError) -> Option<String> {
        Some("write a name that git takes, such as `main` or `release-26.11`".to_owned())
    }
}

impl Value for Team {
    fn help(error: &TeamError) -> Option<String> {
        Some(error.help())
    }
}

impl Value for System {
    fn help(_: &SystemError) -> Option<String> {
        Some("write one such as `x86_64-linux` or `aarch64-darwin`".to_owned())
    }
}

impl Value for Date {
    const MAY_BE_A_DATE: bool = true;

    fn help(_: &DateError) -> Option<String> {
        Some("write a day such as `2027-06-01`".to_owned())
    }
}

impl Value for Version {
    fn help(_: &semver::Error) -> Option<String> {
        Some("write a semantic version such as `1.2.0`".to_owned())
    }
}

impl Value for VersionReq {
    fn help(_: &semver::Error) -> Option<String> {
        Some("write a requirement such as `^1.2`, `>=1.0, <3` or `*`".to_owned())
    }
}

impl Value for FlakeRef {
    fn help(error: &FlakeRefError) -> Option<String> {
        let help = match error {
            FlakeRefError::Branch(_) => "`git check-ref-format --branch NAME` says what it takes",
            FlakeRefError::NoArchive(_) => {
                "write `git+https://...` for a git repository, or `github:OWNER/REPO`"
            }
            _ => "write one such as `github:owner/repo` or `git+https://host/repo`",
        };
        Some(help.to_owned())
    }
}

impl Value for RelativePath {
    fn help(_: &RelativePathError) -> Option<String> {
        Some("write a path below the registry such as `repos/python`".to_owned())
    }
}

impl Value for CheckoutPath {
    fn help(_: &CheckoutPathError) -> Option<String> {
        Some("write a folder of its own below the registry such as `repos/python`".to_owned())
    }
}

/// The version of the format: `1` or `1.0`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Format {
    pub(super) major: u64,
    pub(super) minor: u64,
}

/// A text that is no version of the format.
#[derive(Debug, thiserror::Error)]
#[error("a format version has the form `MAJOR.MINOR`")]
pub(crate) struct FormatError;

impl FromStr for Format {
    type Err = FormatError;

    fn from_str(text: &str) -> Result<Self, FormatError> {
        let mut parts = text.splitn(2, '.');
        let mut number = |default: Option<u64>| match parts.next() {
            Some(part) => part.parse().map_err(|_| FormatError),
            None => default.ok_or(FormatError),
        };
        Ok(Self {
            major: number(None)?,
            minor: number(Some(0))?,
        })
    }
}

impl Value for Format {
    fn help(_: &FormatError) -> Option<String> {
        Some(format!(
            "write `format = \"{}.{}\"`",
            FORMAT.major, FORMAT.minor
        ))
    }
}

/// A file, or a pattern in which `*` stands for any characters of one component:
/// `sigs/*.toml`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pattern(pub(crate) String);

/// Why a text is no pattern.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PatternError {
    #[error(transparent)]
    Path(RelativePathError),
    /// What other patterns know and these do not.
    #[error("a pattern has no `{0}`, only `*` for any characters of one folder's or file's name")]
    Wildcard(&'static str),
}

impl FromStr for Pattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        text.parse::<RelativePath>().map_err(PatternError::Path)?;
        match ["**", "?", "[", "]"]
            .into_iter()
            .find(|bad| text.contains(bad))
        {
            Some(bad) => Err(PatternError::Wildcard(bad)),
            None => Ok(Self(text.to_owned())),
        }
    }
}

impl Value for Pattern {
    fn help(_: &PatternError) -> Option<String> {
        Some("write a path below the registry such as `sigs/*.toml`".to_owned())
    }
}

/// How an edge names a package: bare, or keyed by its repo.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PackageRef {
    /// The repo, if it was named.
    pub repo: Option<RepoName>,
    /// The attribute: a package, one of its variants or an alias.
    pub attribute: AttrName,
}

/// Why a text names no package.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct PackageRefError(NameError);

impl PackageRefError {
    /// What to do about it, one sentence.
    #[must_use]
    pub fn help(&self) -> String {
        self.0.help()
    }
}

impl FromStr for PackageRef {
    type Err = PackageRefError;

    fn from_str(text: &str) -> Result<Self, PackageRefError> {
        let (repo, attribute) = match text.split_once('/') {
            Some((repo, attribute)) => (Some(repo), attribute),
            None => (None, text),
        };
        Ok(Self {
            repo: repo.map(str::parse).transpose().map_err(PackageRefError)?,
            attribute: attribute.parse().map_err(PackageRefError)?,
        })
    }
}

impl fmt::Display for PackageRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(repo) = &self.repo {
            write!(f, "{repo}/")?;
        }
        self.attribute.fmt(f)
    }
}

impl Value for PackageRef {
    const CODE: Code = Code::InvalidName;

    fn help(error: &PackageRefError) -> Option<String> {
        Some(error.help())
    }
}

/// The version of the manifest's format that this crate reads and writes.
pub const FORMAT: Version = Version::new(1, 0, 0);
