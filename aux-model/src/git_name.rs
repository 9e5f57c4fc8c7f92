//! Names of branches and of commits.

use crate::printable::is_invisible;

/// Whether git can have a branch of this name: what `git check-ref-format --branch` takes
/// (git-check-ref-format(1)), without characters that nobody sees.
///
/// ```
/// assert!(aux_model::is_branch_name("release/26.11"));
/// assert!(!aux_model::is_branch_name("-x") && !aux_model::is_branch_name("a..b"));
/// ```
#[must_use]
pub fn is_branch_name(name: &str) -> bool {
    let is_component =
        |part: &str| !part.is_empty() && !part.starts_with('.') && !part.ends_with(".lock");
    name.split('/').all(is_component)
        && !name.starts_with('-')
        && !name.ends_with('.')
        && !name.contains("..")
        && !name.contains("@{")
        && !matches!(name, "@" | "HEAD")
        && !name.contains(|c: char| is_invisible(c) || " ~^:?*[\\".contains(c))
}

/// Whether a text is the full name of a commit as flakes take it: 40 hexadecimal digits
/// (`nix flake`, "Flake references").
#[must_use]
pub fn is_commit_name(text: &str) -> bool {
    text.len() == 40 && text.bytes().all(|digit| digit.is_ascii_hexdigit())
}
