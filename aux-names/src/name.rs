//! Checked names: each is a type of its own, with one way in (`FromStr`).
//!
//! A repo name becomes a flake input and an attribute; an attribute name
//! becomes a lambda argument of every package that asks for it. Both must
//! therefore be Nix identifiers that no keyword and no reserved word takes.
//! The identifier rule is the one of the Nix language reference
//! (`[a-zA-Z_][a-zA-Z0-9_'-]*`), without the quote sign, which by-name
//! directories (RFC 140) do not allow.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::git_name::is_branch_name;
use crate::recent::Recent;

/// Nix keywords: none of them can be an attribute path written without quotes
/// or a lambda argument.
const KEYWORDS: [&str; 10] = [
    "assert", "else", "if", "in", "inherit", "let", "or", "rec", "then", "with",
];

/// Names that mean something in every Nix expression or in every flake.
const RESERVED: [&str; 8] = [
    "builtins", "false", "import", "null", "outPath", "self", "throw", "true",
];

/// Attributes that every package set has already; a package of that name would
/// take them away from everybody else.
const PACKAGE_SET: [&str; 11] = [
    "callPackage",
    "callPackages",
    "config",
    "lib",
    "newScope",
    "override",
    "overrideDerivation",
    "pkgs",
    "recurseForDerivations",
    "system",
    "type",
];

/// What the branches that repos are on without a channel are called; no channel is.
pub const MAIN: &str = "main";

/// The longest name taken, in bytes. A store path name may have 211 and carries
/// a version and an output name too.
pub const MAX_NAME_LENGTH: usize = 128;

/// Why a text is not a name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NameError {
    /// Nothing was written.
    #[error("a name cannot be empty")]
    Empty,
    /// More than [`MAX_NAME_LENGTH`] bytes.
    #[error("a name has at most {MAX_NAME_LENGTH} bytes, this one has {0}")]
    TooLong(usize),
    /// The first character cannot start an identifier.
    #[error("a name cannot start with `{}`", crate::printable(&.0.to_string()))]
    Start(char),
    /// A character that no identifier has.
    #[error("a name cannot contain `{}`", crate::printable(&.0.to_string()))]
    Character(char),
    /// The first character cannot start a handle or a variant.
    #[error("a name cannot start with `{}`", crate::printable(&.0.to_string()))]
    FreeStart(char),
    /// A character that no handle and no variant has.
    #[error("a name cannot contain `{}`", crate::printable(&.0.to_string()))]
    FreeCharacter(char),
    /// A keyword of the Nix language.
    #[error("`{0}` is a keyword of the Nix language")]
    Keyword(&'static str),
    /// A word with a fixed meaning in Nix or in flakes.
    #[error("`{0}` has a meaning of its own in Nix")]
    Reserved(&'static str),
    /// A word that every package set already has.
    #[error("`{0}` is part of every package set")]
    PackageSet(&'static str),
    /// Two leading underscores are Nix's own attributes (`__functor`, ...).
    #[error("names that start with `__` are special attributes of Nix")]
    Dunder,
    /// What repos are on without a channel.
    #[error("`{MAIN}` is what repos are on without a channel")]
    Main,
    /// A channel that no branch can be called after.
    #[error("no branch and folder of holds can be called `{0}`")]
    NoBranch(String),
}

impl NameError {
    /// What to do about it, one sentence.
    #[must_use]
    pub fn help(&self) -> String {
        match self {
            Self::Empty => "write a name such as `python`".to_owned(),
            Self::TooLong(_) => "choose a shorter name".to_owned(),
            Self::Start(c) if c.is_ascii_digit() => {
                "put a letter or `_` first, as in `_7zz`: a lambda argument cannot start with a digit"
                    .to_owned()
            }
            Self::Start(_) | Self::Character(_) => {
                "use letters, digits, `-` and `_`, and start with a letter or `_`".to_owned()
            }
            Self::FreeStart(_) | Self::FreeCharacter(_) => {
                "use letters, digits, `-`, `_` and `.`, and start with a letter or a digit"
                    .to_owned()
            }
            Self::Keyword(word) | Self::Reserved(word) | Self::PackageSet(word) => {
                format!("choose another name, such as `{word}-tool`")
            }
            Self::Main => "choose another name, such as `unstable`".to_owned(),
            Self::NoBranch(_) => {
                "choose another name, such as `26.11`".to_owned()
            }
            Self::Dunder => "drop the leading underscores".to_owned(),
        }
    }
}

/// Checks that `text` is a Nix identifier that can be a lambda argument.
fn check_identifier(text: &str) -> Result<(), NameError> {
    let first = text.chars().next().ok_or(NameError::Empty)?;
    if text.len() > MAX_NAME_LENGTH {
        return Err(NameError::TooLong(text.len()));
    }
    if !(first.is_ascii_alphabetic() || first == '_') {
        return Err(NameError::Start(first));
    }
    if let Some(bad) = text
        .chars()
        .find(|c| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-')))
    {
        return Err(NameError::Character(bad));
    }
    if let Some(word) = KEYWORDS.iter().find(|word| **word == text) {
        return Err(NameError::Keyword(word));
    }
    if let Some(word) = RESERVED.iter().find(|word| **word == text) {
        return Err(NameError::Reserved(word));
    }
    if text.starts_with("__") {
        return Err(NameError::Dunder);
    }
    Ok(())
}

/// As [`check_identifier`], and not a word that every package set has.
fn check_attribute(text: &str) -> Result<(), NameError> {
    check_identifier(text)?;
    match PACKAGE_SET.iter().find(|word| **word == text) {
        Some(word) => Err(NameError::PackageSet(word)),
        None => Ok(()),
    }
}

/// A handle may start with a digit and hold dots, as account names on forges do.
fn check_handle(text: &str) -> Result<(), NameError> {
    let first = text.chars().next().ok_or(NameError::Empty)?;
    if text.len() > MAX_NAME_LENGTH {
        return Err(NameError::TooLong(text.len()));
    }
    if !first.is_ascii_alphanumeric() {
        return Err(NameError::FreeStart(first));
    }
    match text
        .chars()
        .find(|c| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')))
    {
        Some(bad) => Err(NameError::FreeCharacter(bad)),
        None => Ok(()),
    }
}

/// A variant may be a version: digits first and dots are fine.
fn check_variant(text: &str) -> Result<(), NameError> {
    check_handle(text)
}

/// A channel names a branch, and a folder of holds.
fn check_channel(text: &str) -> Result<(), NameError> {
    check_handle(text)?;
    if text == MAIN {
        return Err(NameError::Main);
    }
    // Its holds are a folder beside those that are no channel's, which are `REPO.json`.
    if is_branch_name(text) && !text.ends_with(".json") {
        Ok(())
    } else {
        Err(NameError::NoBranch(text.to_owned()))
    }
}

macro_rules! name_type {
    ($(#[$doc:meta])* $name:ident, $check:path) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
        #[serde(transparent)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = NameError;

            fn from_str(text: &str) -> Result<Self, NameError> {
                thread_local! {
                    static RECENT: Recent = const { Recent::new() };
                }
                RECENT.with(|recent| recent.shared(text, $check)).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl PartialEq<str> for $name {
            fn eq(&self, other: &str) -> bool {
                &*self.0 == other
            }
        }

        impl PartialEq<&str> for $name {
            fn eq(&self, other: &&str) -> bool {
                &*self.0 == *other
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                crate::as_text::read_text(from)
            }
        }
    };
}

name_type! {
    /// The name of a repo: a flake input and a directory.
    RepoName, check_identifier
}
name_type! {
    /// The name of a special interest group.
    SigName, check_identifier
}
name_type! {
    /// The name of a tier.
    TierName, check_identifier
}
name_type! {
    /// An attribute of the package set, and a lambda argument of what needs it.
    AttrName, check_attribute
}
name_type! {
    /// An argument of a function: an attribute of the package set, or a word such as `pkgs`.
    ArgumentName, check_identifier
}
name_type! {
    /// The name of a module: an attribute such as `nixosModules.gdm`.
    ModuleName, check_identifier
}
name_type! {
    /// The name of an overlay: an attribute such as `overlays.lto`.
    OverlayName, check_identifier
}
name_type! {
    /// A person's account name on the forge, without `@`.
    Handle, check_handle
}
name_type! {
    /// One implementation of a package, such as `18`, `3.12` or `lts`.
    VariantName, check_variant
}
name_type! {
    /// The file of a program in `bin`, such as `git` or `python3.12`.
    ProgramName, check_variant
}
name_type! {
    /// The name of a channel, such as `unstable` or `26.11`.
    ChannelName, check_channel
}

/// Where by-name directories lie below a repo (RFC 140).
pub const BY_NAME: &str = "pkgs/by-name";

impl AttrName {
    /// The by-name shard of this attribute: the first two letters in lower case
    /// (RFC 140), so `OpenSSL` lies in `op/OpenSSL`.
    #[must_use]
    pub fn shard(&self) -> String {
        shard_of(&self.0)
    }

    /// Where its directory stands below a repo, such as `pkgs/by-name/op/openssl`
    /// (RFC 140).
    #[must_use]
    pub fn directory(&self) -> String {
        format!("{BY_NAME}/{}/{self}", self.shard())
    }

    /// The attribute of one variant: `nodejs` and `18` give `nodejs_18`. A dot
    /// becomes `_`, because an attribute path would take it as a separator.
    ///
    /// # Errors
    /// When the joined name is no attribute name, such as one that is too long.
    pub fn variant(&self, variant: &VariantName) -> Result<Self, NameError> {
        format!("{self}_{}", variant.as_str().replace('.', "_")).parse()
    }
}

/// The by-name shard of a directory of that name: the first two letters in lower case
/// (RFC 140). Also of one that is no name of a package.
#[must_use]
pub fn shard_of(name: &str) -> String {
    name.chars()
        .take(2)
        .map(|c| c.to_ascii_lowercase())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_and_reserved_words_are_refused() {
        for word in KEYWORDS.iter().chain(&RESERVED) {
            assert!(word.parse::<RepoName>().is_err(), "{word}");
            assert!(word.parse::<AttrName>().is_err(), "{word}");
        }
        for word in PACKAGE_SET {
            assert!(word.parse::<RepoName>().is_ok(), "{word}");
            assert!(word.parse::<AttrName>().is_err(), "{word}");
        }
    }

    #[test]
    fn what_cannot_be_a_lambda_argument_is_refused() {
        for bad in [
            "",
            "7zip",
            "a b",
            "a.b",
            "a\"",
            "a${b}",
            "-a",
            "ä",
            "a'",
            "__functor",
        ] {
            assert!(bad.parse::<AttrName>().is_err(), "{bad}");
        }
        for good in ["a", "_7zip", "python3Packages", "node-gyp", "gtk_4"] {
            assert!(good.parse::<AttrName>().is_ok(), "{good}");
        }
    }

    #[test]
    fn shards_are_the_first_two_letters_in_lower_case() {
        for (name, shard) in [
            ("openssl", "op"),
            ("OpenSSL", "op"),
            ("a", "a"),
            ("X11", "x1"),
        ] {
            assert_eq!(name.parse::<AttrName>().unwrap().shard(), shard);
        }
    }

    #[test]
    fn a_variant_with_a_dot_is_one_attribute() {
        let python: AttrName = "python".parse().unwrap();
        let variant: VariantName = "3.12".parse().unwrap();
        assert_eq!(python.variant(&variant).unwrap(), "python_3_12");
    }
}
