//! Who owns a repo, as its CODEOWNERS file says.

use std::collections::BTreeSet;

/// The owners of everything in a repo.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Owners {
    /// Handles of people.
    pub(super) people: BTreeSet<String>,
    /// `ORGANIZATION/TEAM`.
    pub(super) teams: BTreeSet<String>,
    /// Rules about parts of the repo, which say nothing of the whole.
    pub(super) partial: usize,
}

/// Where forges look, first match first.
pub(super) const PLACES: [&str; 4] = [
    ".github/CODEOWNERS",
    ".gitea/CODEOWNERS",
    "CODEOWNERS",
    "docs/CODEOWNERS",
];

/// Reads the rules for everything: `*` on GitHub, `.*` on Forgejo.
pub(super) fn read(text: &str) -> Owners {
    let mut owners = Owners::default();
    for line in text.lines() {
        let line = line.split('#').next().unwrap_or_default();
        let mut words = line.split_whitespace();
        let Some(pattern) = words.next() else {
            continue;
        };
        if !matches!(pattern, "*" | ".*" | "/" | "/**" | "**") {
            owners.partial += 1;
            continue;
        }
        for word in words.filter_map(|word| word.strip_prefix('@')) {
            if word.contains('/') {
                owners.teams.insert(word.to_owned());
            } else {
                owners.people.insert(word.to_owned());
            }
        }
    }
    owners
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_and_teams_of_everything() {
        let owners = read("# all\n* @ada @org/core # them\n/lib @grace\n");
        assert_eq!(owners.people, ["ada".to_owned()].into());
        assert_eq!(owners.teams, ["org/core".to_owned()].into());
        assert_eq!(owners.partial, 1);
    }
}
