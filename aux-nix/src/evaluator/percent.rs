//! Paths and attribute paths as parts of URLs (RFC 3986, "Percent-Encoding").

use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};

/// All but what RFC 3986 calls unreserved.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Sub-delimiters stay as they are, which RFC 3986 allows in a path: old versions of
/// Nix read them and do not decode them.
const IN_PATH: &AsciiSet = &RESERVED
    .remove(b'/')
    .remove(b'!')
    .remove(b'$')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b';')
    .remove(b'=')
    .remove(b':')
    .remove(b'@');

/// `path` as part of a URL.
pub(super) fn encoded(path: &Path) -> String {
    percent_encode(path.as_os_str().as_bytes(), IN_PATH).to_string()
}

/// `text` as the fragment of a URL: an attribute path.
pub(super) fn encoded_fragment(text: &str) -> String {
    percent_encode(text.as_bytes(), RESERVED).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_characters_are_encoded() {
        assert_eq!(
            encoded(Path::new("/a b/é#?%&\"x")),
            "/a%20b/%C3%A9%23%3F%25%26%22x"
        );
        assert_eq!(encoded(Path::new("/it's+a=b,c;@(d)!")), "/it's+a=b,c;@(d)!");
        assert_eq!(encoded_fragment("packages.\"a b\""), "packages.%22a%20b%22");
    }
}
