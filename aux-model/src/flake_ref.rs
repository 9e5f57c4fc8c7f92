//! Flake references: where a repo can be fetched from.

use std::fmt;
use std::str::FromStr;

/// The URL-like form of a flake reference, as the Nix manual's page on
/// `nix flake` defines it: `github:auxolotl/core`,
/// `git+https://codeberg.org/aux/core`, `path:./core`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(transparent)]
pub struct FlakeRef(String);

/// Why a text is not a flake reference.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FlakeRefError {
    /// There is no `scheme:` in front.
    #[error("a flake reference starts with a scheme such as `github:` or `git+https:`")]
    NoScheme,
    /// The scheme is none that Nix fetches.
    #[error("`{0}:` is not a scheme that Nix fetches flakes with")]
    UnknownScheme(String),
    /// A character that must be percent-encoded in a URL.
    #[error("a flake reference cannot contain `{}`", crate::printable(&.0.to_string()))]
    Character(char),
    /// A `%` without two hexadecimal digits.
    #[error("`%` is followed by two hexadecimal digits in a flake reference")]
    Escape,
    /// The scheme of a URL, and no `//` behind it.
    #[error("`{0}:` is followed by `//`")]
    NoSlashes(String),
    /// Nothing behind the scheme.
    #[error("nothing follows the scheme")]
    Empty,
}

/// Schemes of the Nix manual (`nix flake`, "Types").
const SCHEMES: [&str; 15] = [
    "github",
    "gitlab",
    "sourcehut",
    "git+https",
    "git+http",
    "git+ssh",
    "git+git",
    "git+file",
    "hg+https",
    "hg+ssh",
    "https",
    "http",
    "tarball+https",
    "file",
    "path",
];

impl FlakeRef {
    /// The reference as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it names a repo and not only an owner: `github:auxolotl` is a
    /// prefix, `github:auxolotl/core` a repo.
    #[must_use]
    pub fn names_a_repo(&self) -> bool {
        match self.0.split_once(':') {
            Some(("github" | "gitlab" | "sourcehut", rest)) => {
                let path = rest.split('?').next().unwrap_or(rest);
                path.trim_matches('/').contains('/')
            }
            _ => true,
        }
    }

    /// The reference of a repo below this prefix: `github:auxolotl` and
    /// `python` give `github:auxolotl/python`.
    #[must_use]
    pub fn join(&self, name: &str) -> Self {
        Self(format!("{}/{name}", self.0.trim_end_matches('/')))
    }
}

impl FromStr for FlakeRef {
    type Err = FlakeRefError;

    fn from_str(text: &str) -> Result<Self, FlakeRefError> {
        let (scheme, rest) = text.split_once(':').ok_or(FlakeRefError::NoScheme)?;
        if !SCHEMES.contains(&scheme) {
            return Err(FlakeRefError::UnknownScheme(scheme.to_owned()));
        }
        if let Some(bad) = rest
            .chars()
            .find(|c| !(c.is_ascii_alphanumeric() || "-._~:/?[]@!&'()*+,;=%".contains(*c)))
        {
            return Err(FlakeRefError::Character(bad));
        }
        let mut escapes = rest.split('%');
        escapes.next();
        for escape in escapes {
            let digits = escape.get(..2).unwrap_or(escape);
            if digits.len() < 2 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
                return Err(FlakeRefError::Escape);
            }
            if digits == "00" {
                return Err(FlakeRefError::Character('\0'));
            }
        }
        let of_a_url = scheme.contains('+') || scheme.starts_with("http");
        if of_a_url && !rest.starts_with("//") {
            return Err(FlakeRefError::NoSlashes(scheme.to_owned()));
        }
        if rest.trim_matches('/').is_empty() {
            return Err(FlakeRefError::Empty);
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for FlakeRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_nix_takes_are_taken() {
        for good in [
            "github:auxolotl/core",
            "github:auxolotl/core/main",
            "git+https://codeberg.org/aux/core?ref=main",
            "git+file:///srv/git/core",
            "path:./core",
            "github:a/b?ref=feature%2Fx",
        ] {
            assert!(good.parse::<FlakeRef>().is_ok(), "{good}");
        }
    }

    #[test]
    fn an_owner_is_no_repo() {
        let names = |text: &str| text.parse::<FlakeRef>().unwrap().names_a_repo();
        assert!(!names("github:auxolotl"));
        assert!(!names("github:auxolotl/?ref=a/b"));
        assert!(names("github:auxolotl/core"));
        assert!(names("git+https://host/core"));
    }

    #[test]
    fn what_would_break_a_nix_string_is_refused() {
        for bad in [
            "core",
            "github:",
            "x:y",
            "git+file:///x#foo",
            "https:x",
            "github:a/\"b",
            "github:a/${b}",
            "github:a b",
            "github:a\n",
            "github:a%",
            "github:a%2",
            "github:a%zz",
            "github:a%00",
        ] {
            assert!(bad.parse::<FlakeRef>().is_err(), "{bad}");
        }
    }
}
