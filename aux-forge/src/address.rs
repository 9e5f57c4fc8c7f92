//! Which forge, and which repository on it.

use std::fmt;
use std::str::FromStr;

use crate::error::ForgeError;

/// The kinds of forges, by the API that they speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ForgeKind {
    /// GitHub's REST API, version 2022-11-28.
    Github,
    /// Forgejo's API, version 1, which is Gitea's.
    Forgejo,
}

/// `OWNER/NAME` on a forge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepositoryName(String);

impl RepositoryName {
    /// The text, `OWNER/NAME`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for RepositoryName {
    type Err = ForgeError;

    /// Both forges take letters, digits, `-`, `_` and `.` in either part. A part of dots alone
    /// would lead to another path of the API.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_part = |part: &str| {
            part.chars()
                .all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
                && part.chars().any(|c| c != '.')
        };
        match text.split_once('/') {
            Some((owner, name)) if is_part(owner) && is_part(name) => Ok(Self(text.to_owned())),
            _ => Err(ForgeError::Repository(text.to_owned())),
        }
    }
}

impl fmt::Display for RepositoryName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where a forge's API is, such as `https://api.github.com` or `https://codeberg.org/api/v1`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiAddress(String);

impl ApiAddress {
    /// The text, without a slash at its end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Which API it is: Forgejo's ends with its version, `/api/v1`. GitHub's is a host of its own,
    /// or ends with `/api/v3` ("GitHub Enterprise Server").
    #[must_use]
    pub fn kind(&self) -> ForgeKind {
        if self.0.ends_with("/api/v1") {
            ForgeKind::Forgejo
        } else {
            ForgeKind::Github
        }
    }

    /// The API of the forge at a host.
    ///
    /// # Errors
    /// When the host is none.
    pub fn of_host(host: &str) -> Result<Self, ForgeError> {
        match host {
            "github.com" => "https://api.github.com".parse(),
            host => format!("https://{host}/api/v1").parse(),
        }
    }
}

impl FromStr for ApiAddress {
    type Err = ForgeError;

    /// A token is sent there, so that nobody may be able to read along: only the machine itself is
    /// spoken to without TLS.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = |why| ForgeError::Address {
            address: text.to_owned(),
            why,
        };
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-._~:/[]".contains(c);
        let Some((scheme, rest)) = text.split_once("://") else {
            return Err(wrong("it starts with `https://`"));
        };
        if rest.is_empty() || rest.starts_with('/') || !rest.chars().all(is_plain) {
            return Err(wrong("it is a host and a path, and nothing else"));
        }
        let authority = rest.split('/').next().unwrap_or_default();
        let host = match authority.strip_prefix('[') {
            Some(six) => six.split(']').next().unwrap_or_default(),
            None => authority.split(':').next().unwrap_or_default(),
        };
        let is_here = ["localhost", "127.0.0.1", "::1"].contains(&host);
        match scheme {
            "https" => {}
            "http" if is_here => {}
            "http" => return Err(wrong("a token is sent there, so it has to be `https`")),
            _ => return Err(wrong("it starts with `https://`")),
        }
        Ok(Self(text.trim_end_matches('/').to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repository_is_an_owner_and_a_name() {
        for good in ["auxolotl/registry", "a.b/c_d-e"] {
            assert_eq!(good.parse::<RepositoryName>().unwrap().as_str(), good);
        }
        for bad in [
            "", "registry", "a/b/c", "../x", "a/..", "a/b?x", "a/b c", "/b", "a/",
        ] {
            assert!(bad.parse::<RepositoryName>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_token_goes_nowhere_in_the_clear() {
        for good in [
            "https://api.github.com",
            "https://codeberg.org/api/v1/",
            "http://localhost:3000/api/v1",
            "http://127.0.0.1:80",
            "http://[::1]:80/api/v1",
        ] {
            assert!(good.parse::<ApiAddress>().is_ok(), "{good}");
        }
        for bad in [
            "http://forge.example/api/v1",
            "http://localhost.example",
            "https://user@forge.example",
            "https://",
            "https:///x",
            "file:///x",
            "forge.example",
            "https://x?y",
        ] {
            assert!(bad.parse::<ApiAddress>().is_err(), "{bad}");
        }
    }

    #[test]
    fn the_address_tells_the_forge() {
        let kind = |address: &str| address.parse::<ApiAddress>().unwrap().kind();
        assert_eq!(kind("https://api.github.com"), ForgeKind::Github);
        assert_eq!(kind("https://ghe.example/api/v3"), ForgeKind::Github);
        assert_eq!(kind("https://codeberg.org/api/v1/"), ForgeKind::Forgejo);
        let of = |host| ApiAddress::of_host(host).unwrap();
        assert_eq!(of("github.com").as_str(), "https://api.github.com");
        assert_eq!(of("codeberg.org").kind(), ForgeKind::Forgejo);
    }
}
