//! Names of branches and of objects, before they become arguments.

pub use aux_model::is_branch_name;
use sha1::{Digest, Sha1};

/// Whether a text is the full name of an object: 40 hexadecimal digits, or 64 where names
/// are SHA-256.
#[must_use]
pub fn is_object_name(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// git's name of a content: SHA-1 of the word `blob`, its length and itself, as `git
/// hash-object` prints it where names are SHA-1.
#[must_use]
pub fn blob_name(content: &[u8]) -> String {
    let mut digest = Sha1::new();
    digest.update(format!("blob {}\0", content.len()));
    digest.update(content);
    hex::encode(digest.finalize())
}

/// The name of no object.
pub(crate) const NO_OBJECT: &str = "0000000000000000000000000000000000000000";

/// The name of the empty file, which is what git notes of a file that is announced.
pub(crate) const EMPTY: &str = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_content_has_the_name_that_git_gives_it() {
        assert_eq!(blob_name(b""), EMPTY);
        assert_eq!(
            blob_name(b"hello\n"),
            "ce013625030ba8dba906f756967f9e9ca394464a"
        );
    }

    #[test]
    fn names_are_those_that_git_takes() {
        for name in [
            "main",
            "a/b",
            "v1.0",
            "@x",
            "a-b",
            "-x",
            "a..b",
            "a/.b",
            "a.lock",
            "a/b.lock/c",
            "a b",
            "a\nb",
            "a~1",
            "a^",
            "a:b",
            "a?",
            "a*",
            "a[",
            "a\\b",
            "a.",
            "/a",
            "a/",
            "a//b",
            "a@{b",
            "",
            "\u{7f}",
        ] {
            let git = std::process::Command::new("git")
                .args(["check-ref-format", "--branch", name])
                .output()
                .unwrap();
            assert_eq!(is_branch_name(name), git.status.success(), "{name:?}");
        }
        // git reads it as `HEAD`.
        assert!(!is_branch_name("@"));
        assert!(is_object_name(&"a".repeat(40)) && is_object_name(&"0".repeat(64)));
        assert!(!is_object_name("HEAD") && !is_object_name(&"g".repeat(40)));
    }
}
