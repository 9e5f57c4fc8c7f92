//! A repo's own workflow: whether its flake is one, with nothing but its inputs.

use aux_model::{Catalog, Repo};
use serde::Serialize;

use crate::marker::MARKER;
use crate::plan::ci::forge::Forge;
use crate::plan::ci::forge::staging_of;
use crate::plan::ci::runner::Runner;
use crate::render::{Context, quote};

#[derive(Serialize)]
pub(in crate::plan) struct Check {
    marker: &'static str,
    runner: Runner,
    /// The patterns of the branches whose pushes are checked, as YAML.
    branches: String,
    /// The repo, if its registry can be found from it: then it is evaluated with the family.
    repo: Option<String>,
    /// The option of aux-gen that names the channel, if the repo is on one.
    channel: Option<String>,
}

impl Check {
    pub(in crate::plan) fn on(forge: Forge, catalog: &Catalog, repo: &Repo) -> Self {
        let has_registry = catalog.organization().registry.is_some();
        Self {
            marker: MARKER,
            runner: forge.runner(catalog.ci()),
            repo: has_registry.then(|| repo.name.to_string()),
            channel: catalog
                .channel()
                .map(|channel| format!(" --channel {}", channel.name)),
            branches: match (repo.published_branch(), staging_of(catalog)) {
                (branch, staging) if branch == staging => pattern(&branch),
                (branch, staging) => format!("{}, {}", pattern(&branch), pattern(&staging)),
            },
        }
    }
}

/// The pattern that a branch's name is matched by (GitHub, "Filter pattern cheat sheet"),
/// as a value of YAML. Of what means something in a pattern, git has only `+` and `!` in
/// names. A workflow has no expressions here, but would be refused for a `${{`; `*` stands
/// for its end, as for any characters.
fn pattern(branch: &str) -> String {
    let pattern = branch.replace('+', "\\+").replace("${{", "$*");
    let pattern = match pattern.strip_prefix('!') {
        Some(rest) => format!("\\!{rest}"),
        None => pattern,
    };
    let is_plain = pattern.starts_with(|c: char| c.is_ascii_alphabetic())
        && pattern
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-_./".contains(c));
    // Words with a meaning of their own in YAML 1.1.
    let words = ["true", "false", "yes", "no", "on", "off", "null", "y", "n"];
    if is_plain && !words.contains(&pattern.to_ascii_lowercase().as_str()) {
        pattern
    } else {
        quote::yaml(&pattern)
    }
}

impl Context for Check {
    fn template(&self) -> &'static str {
        "ci/check.yml"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_branch_is_matched_by_its_pattern() {
        for (branch, expected) in [
            ("main", "main"),
            ("release/24.05", "release/24.05"),
            ("on", "\"on\""),
            ("1.0", "\"1.0\""),
            ("a+b", r#""a\\+b""#),
            ("!a", r#""\\!a""#),
            ("a\"], x: [b", r#""a\"], x: [b""#),
            ("${{secrets.x}}", "\"$*secrets.x}}\""),
        ] {
            assert_eq!(pattern(branch), expected);
        }
    }
}
