//! Stubs: what core has in place of packages that have moved to other repos.

use std::collections::BTreeMap;

use aux_model::RepoName;
use aux_nix::language::quote;

/// The stubs that a text of [`stubs`] has; none if it is somebody's own.
#[must_use]
pub fn read_stubs(text: &str) -> Option<BTreeMap<String, RepoName>> {
    if !text.starts_with(STUBS_START) {
        return None;
    }
    let entries = text.lines().filter_map(|line| {
        let (name, repo) = line.trim().strip_suffix(';')?.split_once(" = ")?;
        let repo = repo.trim_matches('"').parse().ok()?;
        Some((name.to_owned(), repo))
    });
    Some(entries.collect())
}

/// How [`stubs`] starts.
const STUBS_START: &str = "# Names that packages of this repo ask for and other repos own: ";

/// The text of the file with stubs: a throw for each attribute that core's packages ask for and
/// another repo owns, by attribute.
///
/// ```
/// # use aux_adopt::ready::{read_stubs, stubs};
/// let of = [("maturin".to_owned(), "rust".parse()?)].into();
/// assert_eq!(read_stubs(&stubs(&of)), Some(of));
/// assert_eq!(read_stubs("{ maturin = 1; }"), None);
/// # Ok::<(), aux_model::NameError>(())
/// ```
#[must_use]
pub fn stubs(of: &BTreeMap<String, RepoName>) -> String {
    let entries: String = of
        .iter()
        .map(|(name, repo)| format!("    {} = {};\n", name, quote(repo.as_str())))
        .collect();
    format!(
        "{STUBS_START}at the bottom of the
# package set, so that a set without those repos evaluates and says who has them.
builtins.mapAttrs
  (name: repo: throw \"`${{name}}` belongs to the repo `${{repo}}`, which is not part of this package set\")
  {{
{entries}  }}
"
    )
}
