//! Addresses of sites: where pages are put behind.

use std::fmt;
use std::str::FromStr;

/// The address of a site, `https://HOST/PATH/`, with the slash at the end that pages are put behind.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(transparent)]
pub struct SiteUrl(String);

/// A text that is no address of a site.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a site is at an address of the form `https://HOST/PATH/`")]
pub struct SiteUrlError;

impl SiteUrl {
    /// The address as text; it ends with `/`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for SiteUrl {
    type Err = SiteUrlError;

    fn from_str(text: &str) -> Result<Self, SiteUrlError> {
        let rest = text
            .strip_prefix("https://")
            .or_else(|| text.strip_prefix("http://"))
            .ok_or(SiteUrlError)?;
        let host = rest.split('/').next().unwrap_or_default();
        // RFC 3986: what a path may have unescaped, without what begins a query or a fragment.
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-._~/%!$&()*+,;=:@[]".contains(c);
        let is_escaped = |rest: &str| {
            let digits = rest.as_bytes().get(..2);
            digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
        };
        let is_page = rest.ends_with(".html") || rest.ends_with(".htm");
        if host.is_empty()
            || is_page
            || !rest.chars().all(is_plain)
            || !rest.split('%').skip(1).all(is_escaped)
        {
            return Err(SiteUrlError);
        }
        Ok(Self(format!("{}/", text.trim_end_matches('/'))))
    }
}

impl fmt::Display for SiteUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_is_at_a_whole_address() {
        for (text, expected) in [
            ("https://example.org", Some("https://example.org/")),
            ("https://a.example.org/b/", Some("https://a.example.org/b/")),
            ("http://localhost:8000", Some("http://localhost:8000/")),
            ("example.org", None),
            ("https://", None),
            ("https:///a", None),
            ("https://example.org/?a", None),
            ("https://example.org/#a", None),
            ("https://example.org/index.html", None),
            ("https://example.org/%%/", None),
            (
                "https://example.org/a%20b",
                Some("https://example.org/a%20b/"),
            ),
            ("https://example.org/\"><script>", None),
            ("javascript:alert(1)", None),
        ] {
            let found: Option<SiteUrl> = text.parse().ok();
            assert_eq!(found.as_ref().map(SiteUrl::as_str), expected, "{text}");
        }
    }
}
