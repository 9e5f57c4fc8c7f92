//! Debian's names as ours.

use aux_model::{AttrName, NameError, RepoName};

/// A package's name as an attribute: `.` becomes `_dot` and `+` becomes `_plus`.
/// Where that is a word of Nix or starts with a digit, `_` comes first.
///
/// No two packages get one attribute, because no name in Debian has a `_`: one
/// at the start was put there, and every other starts a `_dot` or a `_plus`.
pub(crate) fn attribute(package: &str) -> Result<AttrName, NameError> {
    let plain = package.replace('.', "_dot").replace('+', "_plus");
    plain.parse().or_else(|_| format!("_{plain}").parse())
}

/// The name part of a maintainer, such as `Debian Games Team <games@...>`.
pub(crate) fn team(maintainer: &str) -> &str {
    let name = maintainer.split('<').next().unwrap_or_default().trim();
    if name.is_empty() { "nobody" } else { name }
}

/// A team's name as a repo and a SIG: its words in lower case, joined by `-`,
/// and a letter that ASCII lacks as `_CODE_`. Where that is a word of Nix, `core`
/// or `top-level`, or starts with a digit, `_` comes first.
pub(crate) fn repo(team: &str) -> Result<RepoName, NameError> {
    let mut slug = String::new();
    for c in team.chars().flat_map(char::to_lowercase) {
        if c.is_ascii_alphanumeric() {
            slug.push(c);
        } else if c.is_alphanumeric() {
            slug.push_str(&format!("_{:x}_", u32::from(c)));
        } else if !slug.ends_with('-') {
            slug.push('-');
        }
    }
    let slug = slug.trim_matches('-');
    match slug.parse::<RepoName>() {
        Ok(name) if name != "core" && name != "top-level" => Ok(name),
        _ => format!("_{slug}").parse(),
    }
}
