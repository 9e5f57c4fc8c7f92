//! URLs as Nix reads and writes them: RFC 3986 with the exceptions of its `parseURL`, which
//! are not the same in all versions.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::flake::lock_format::LockFormat;

/// A URL in parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FlakeUrl {
    pub(super) scheme: String,
    pub(super) authority: Option<String>,
    /// As it is written.
    pub(super) path: String,
    /// Parameters, decoded. Of two with one name the first counts.
    pub(super) query: BTreeMap<String, String>,
    pub(super) fragment: String,
}

impl FlakeUrl {
    /// Reads a URL; none if Nix would take it for something else.
    pub(super) fn read(text: &str, format: LockFormat) -> Option<Self> {
        let (text, fragment) = text.split_once('#').unwrap_or((text, ""));
        let (address, query) = text.split_once('?').unwrap_or((text, ""));
        let (scheme, rest) = address.split_once(':')?;
        let is_scheme = scheme.starts_with(|first: char| first.is_ascii_lowercase())
            && scheme.bytes().all(|byte| {
                byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"+.-".contains(&byte)
            });
        let (authority, path) = match rest.strip_prefix("//") {
            Some(rest) => {
                let end = rest.find('/').unwrap_or(rest.len());
                (Some(rest[..end].to_owned()), &rest[end..])
            }
            None => (None, rest),
        };
        let is_file = match format {
            LockFormat::Short => scheme.contains("file"),
            LockFormat::Full => scheme.rsplit('+').next() == Some("file"),
        };
        let is_read = is_scheme
            && is_made_of(authority.as_deref().unwrap_or_default(), b":@[]")
            && is_made_of(path, b":@/")
            && is_made_of(query, b":@/? ")
            && is_made_of(fragment, b":@/? ^")
            && !(is_file && authority.as_ref().is_some_and(|host| !host.is_empty()));
        if !is_read {
            return None;
        }
        Some(Self {
            scheme: scheme.to_owned(),
            authority,
            path: match path {
                "" if is_file => "/".to_owned(),
                path => path.to_owned(),
            },
            query: parameters(query)?,
            fragment: decoded(fragment)?,
        })
    }

    /// The path as attributes have it.
    pub(super) fn decoded_path(&self, format: LockFormat) -> Option<String> {
        match format {
            LockFormat::Short => Some(self.path.clone()),
            LockFormat::Full => decoded(&self.path),
        }
    }

    /// The text, with its parameters in the order of their names.
    pub(super) fn text(&self, format: LockFormat) -> String {
        let mut text = format!("{}:", self.scheme);
        if let Some(authority) = &self.authority {
            text.push_str("//");
            text.push_str(authority);
        }
        match format {
            LockFormat::Short => text.push_str(&self.path),
            LockFormat::Full => {
                let path = decoded(&self.path).unwrap_or_default();
                encode(&path, ":@/", format, &mut text);
            }
        }
        for (number, (name, value)) in self.query.iter().enumerate() {
            text.push(if number == 0 { '?' } else { '&' });
            encode(name, ":@/?", format, &mut text);
            text.push('=');
            encode(value, ":@/?", format, &mut text);
        }
        text
    }
}

/// The parameters of a query; none if one is badly coded. What has no `=` is left out.
pub(super) fn parameters(query: &str) -> Option<BTreeMap<String, String>> {
    let mut parameters = BTreeMap::new();
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    for (name, value) in pairs {
        let value = decoded(value)?;
        parameters.entry(name.to_owned()).or_insert(value);
    }
    Some(parameters)
}

/// Whether a part has only what every part may have, some bytes, and bytes in `%` and two
/// digits.
fn is_made_of(part: &str, more: &[u8]) -> bool {
    let mut bytes = part.bytes();
    while let Some(byte) = bytes.next() {
        let is_known = match byte {
            b'%' => {
                let mut digit = || bytes.next().is_some_and(|byte| byte.is_ascii_hexdigit());
                digit() && digit()
            }
            _ => {
                byte.is_ascii_alphanumeric()
                    || b"-._~!$&'\"()*+,;=".contains(&byte)
                    || more.contains(&byte)
            }
        };
        if !is_known {
            return false;
        }
    }
    true
}

/// A text with `%` and two digits as the byte they mean; none if the bytes are no text.
pub(super) fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut parts = text.split('%');
    bytes.extend(parts.next().unwrap_or_default().bytes());
    for part in parts {
        let digits = part.get(..2)?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        bytes.extend(part[2..].bytes());
    }
    String::from_utf8(bytes).ok()
}

/// Up to 2.25 Nix keeps all that a path may have, but `/`, writes digits small, and a byte
/// beyond ASCII as the negative number that a `char` of C++ is.
fn encode(text: &str, keeps: &str, format: LockFormat, to: &mut String) {
    let keeps = match format {
        LockFormat::Short => "!$&'()*+,;=:@",
        LockFormat::Full => keeps,
    };
    for byte in text.bytes() {
        let character = char::from(byte);
        let is_plain = byte.is_ascii_alphanumeric() || "-._~".contains(character);
        let _never_fails = match format {
            _ if is_plain || (byte.is_ascii() && keeps.contains(character)) => {
                to.push(character);
                Ok(())
            }
            LockFormat::Short => {
                let signed = i32::from(i8::from_ne_bytes([byte]));
                write!(to, "%{signed:02x}")
            }
            LockFormat::Full => write!(to, "%{byte:02X}"),
        };
    }
}
