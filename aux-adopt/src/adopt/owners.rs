//! Who owns a repo and its parts, as its CODEOWNERS file says.

use std::collections::BTreeSet;
use std::path::Path;

use ignore::gitignore::{Gitignore, GitignoreBuilder};
use regex::Regex;

/// The owners of everything in a repo, and of parts of it.
#[derive(Debug, Default)]
pub(crate) struct Owners {
    /// Handles of people who own everything.
    pub(super) people: BTreeSet<String>,
    /// `ORGANIZATION/TEAM` that own everything.
    pub(super) teams: BTreeSet<String>,
    /// Rules about parts of the repo, in their order.
    parts: Vec<Rule>,
    /// Rules that cannot be read, by line.
    pub(super) unread: Vec<usize>,
    /// Owners by an e-mail address, by line: a manifest knows handles.
    pub(super) addresses: Vec<(usize, String)>,
    dialect: Dialect,
}

/// One line of the file.
#[derive(Debug)]
struct Rule {
    /// Its line as it is written, without a comment.
    text: String,
    which: Which,
    owners: BTreeSet<String>,
}

/// What a rule is about.
#[derive(Debug)]
enum Which {
    /// GitHub: what a line of `.gitignore` would ignore.
    Ignored(Gitignore),
    /// Forgejo and Gitea: paths that an expression matches as a whole, or does not.
    Matching(Regex, bool),
}

/// How a forge reads its file.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// Patterns as of `.gitignore`; the last rule that fits counts.
    #[default]
    GitHub,
    /// Regular expressions; all rules that fit count.
    Forgejo,
}

/// Where forges look, first match first.
pub(super) const PLACES: [(&str, Dialect); 4] = [
    (".github/CODEOWNERS", Dialect::GitHub),
    (".gitea/CODEOWNERS", Dialect::Forgejo),
    ("CODEOWNERS", Dialect::GitHub),
    ("docs/CODEOWNERS", Dialect::GitHub),
];

/// Reads the rules of a file.
pub(super) fn read(text: &str, dialect: Dialect) -> Owners {
    let mut owners = Owners {
        dialect,
        ..Owners::default()
    };
    for (number, line) in text.lines().enumerate() {
        let mut words = words(line).into_iter();
        let Some(pattern) = words.next() else {
            continue;
        };
        let (named, others): (Vec<String>, Vec<String>) =
            words.partition(|word| word.starts_with('@'));
        let text = [std::slice::from_ref(&pattern), &named[..], &others]
            .concat()
            .join(" ");
        let addresses = others.into_iter().map(|address| (number + 1, address));
        owners.addresses.extend(addresses);
        let named: BTreeSet<String> = named.iter().map(|name| name[1..].to_owned()).collect();
        let pattern = pattern.as_str();
        if matches!(pattern, "*" | ".*" | "/" | "/**" | "**") {
            let (teams, people): (Vec<_>, Vec<_>) =
                named.into_iter().partition(|name| name.contains('/'));
            owners.people.extend(people);
            owners.teams.extend(teams);
            continue;
        }
        match which(pattern, dialect) {
            Some(which) => owners.parts.push(Rule {
                text,
                which,
                owners: named,
            }),
            None => owners.unread.push(number + 1),
        }
    }
    owners
}

/// The words of a line. A backslash before a blank or a `#` makes it a part of a word; another
/// `#` at the start of a word ends the line.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut characters = line.chars().peekable();
    while let Some(character) = characters.next() {
        let is_escape = character == '\\'
            && characters
                .peek()
                .is_some_and(|next| [' ', '#'].contains(next));
        match character {
            '\\' if is_escape => {
                // The patterns of both forges know it.
                word.push(character);
                word.extend(characters.next());
            }
            '#' if word.is_empty() => break,
            blank if blank.is_whitespace() => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
            }
            other => word.push(other),
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

fn which(pattern: &str, dialect: Dialect) -> Option<Which> {
    match dialect {
        Dialect::GitHub => {
            let mut builder = GitignoreBuilder::new("");
            builder.add_line(None, pattern).ok()?;
            builder.build().ok().map(Which::Ignored)
        }
        Dialect::Forgejo => {
            let (pattern, is_about) = match pattern.strip_prefix('!') {
                Some(pattern) => (pattern, false),
                None => (pattern, true),
            };
            let whole = Regex::new(&format!("^(?:{pattern})$")).ok()?;
            Some(Which::Matching(whole, is_about))
        }
    }
}

impl Rule {
    fn fits(&self, path: &str) -> bool {
        match &self.which {
            Which::Ignored(pattern) => pattern
                .matched_path_or_any_parents(Path::new(path), false)
                .is_ignore(),
            Which::Matching(pattern, is_about) => pattern.is_match(path) == *is_about,
        }
    }
}

impl Owners {
    /// The rules that are about parts of the repo and none of the files, as they are written.
    pub(super) fn about_none_of(&self, files: &[String]) -> Vec<&str> {
        let parts = self.parts.iter();
        let others = parts.filter(|rule| !files.iter().any(|file| rule.fits(file)));
        others.map(|rule| rule.text.as_str()).collect()
    }

    /// Who owns a file by a rule of its own, people and teams; those of everything
    /// are not repeated. GitHub reads a rule without owners as "nobody".
    pub(crate) fn of_part(&self, path: &str) -> BTreeSet<&str> {
        let mut fitting = self.parts.iter().filter(|rule| rule.fits(path));
        let owners: Vec<&Rule> = match self.dialect {
            Dialect::GitHub => fitting.next_back().into_iter().collect(),
            Dialect::Forgejo => fitting.collect(),
        };
        let owners = owners.into_iter().flat_map(|rule| &rule.owners);
        owners.map(String::as_str).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_and_teams_of_everything_and_of_parts() {
        let owners = read(
            "# all\n* @ada @org/core # them\n/lib @grace\n/lib/x/ @org/x @ada\nre[ @no\n",
            Dialect::GitHub,
        );
        assert_eq!(owners.people, ["ada".to_owned()].into());
        assert_eq!(owners.teams, ["org/core".to_owned()].into());
        let files = ["lib/x/y.nix".to_owned()];
        assert_eq!(owners.about_none_of(&files).len() + owners.unread.len(), 1);
        assert_eq!(owners.of_part("lib/y.nix"), ["grace"].into());
        assert_eq!(owners.of_part("lib/x/y.nix"), ["ada", "org/x"].into());
        assert_eq!(owners.of_part("pkgs/lib.nix"), [].into());
    }

    #[test]
    fn blanks_in_paths_and_addresses_of_owners_are_read() {
        let owners = read(
            "/docs/a\\ b.md @ada # not @this\n/c\\#/ @bob\n/x ada@example.org @eve\n",
            Dialect::GitHub,
        );
        assert_eq!(owners.of_part("docs/a b.md"), ["ada"].into());
        assert_eq!(owners.of_part("c#/x.nix"), ["bob"].into());
        assert_eq!(owners.of_part("x"), ["eve"].into());
        assert_eq!(owners.addresses, [(3, "ada@example.org".to_owned())]);
    }

    #[test]
    fn forgejo_reads_expressions_and_adds_up() {
        let owners = read(
            "pkgs/by-name/ru/.* @rust\n.*/ruby/.* @ruby\n!lib/.* @all\n( @no\n",
            Dialect::Forgejo,
        );
        let found = owners.of_part("pkgs/by-name/ru/ruby/package.nix");
        assert_eq!(found, ["all", "ruby", "rust"].into());
        assert_eq!(owners.of_part("lib/x.nix"), [].into());
        assert_eq!(owners.unread, [4]);
    }
}
