//! Trees that pin others by a hash and fetch them while they are evaluated.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use aux_gen::marker::is_marked;
use aux_nix::language::quote;
use aux_nix::{Limits, Network, Nix, NixError, Question, Reach, store_folder};

/// What trees fetch while they are evaluated.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Pins {
    /// Whether one of the files that are looked at fetches.
    is_fetched: bool,
    /// Texts in those files that may be hashes of what is fetched.
    hashes: BTreeSet<String>,
}

/// Where a tree keeps its pins: in its own folder, or where npins, niv and their like put them.
const FOLDERS: [&str; 5] = ["", "lib", "nix", "npins", "pins"];

/// Nix's own fetchers, as texts name them.
const FETCHERS: [&str; 3] = ["fetchTree", "fetchTarball", "fetchGit"];

impl Pins {
    /// Reads the few files of some trees that can hold pins. A fetcher of packages is another
    /// thing, and no package is looked at.
    pub(crate) fn of<'r>(roots: impl IntoIterator<Item = &'r Path>) -> Self {
        let mut pins = Self::default();
        let roots = roots.into_iter();
        for folder in roots.flat_map(|root| FOLDERS.map(|folder| root.join(folder))) {
            let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
            for file in entries.map(|entry| entry.path()) {
                let ending = file.extension().and_then(OsStr::to_str).unwrap_or("");
                if !["json", "lock", "nix"].contains(&ending) {
                    continue;
                }
                let text = std::fs::read_to_string(&file).unwrap_or_default();
                // Ours fetches what a lock names, and only for who has no flakes.
                if ending == "nix" && !is_marked(&text) {
                    pins.is_fetched |= FETCHERS.iter().any(|fetcher| text.contains(fetcher));
                }
                pins.hashes.extend(hashes(&text).map(str::to_owned));
            }
        }
        pins
    }

    /// The text of `pins.nix`.
    pub(crate) const TEXT: &str = include_str!("pins.nix");

    /// The `import` of trees that fetch their pins, as an expression: see `pins.nix`. Where Nix
    /// may fetch, or nothing is fetched, it is Nix's own.
    pub(crate) fn import(&self, reach: &Reach) -> String {
        if self.is_unneeded(reach) {
            "import".to_owned()
        } else {
            format!("({}).import", library(reach))
        }
    }

    /// What may be read for it. Puts the pins that the machine's store has into the store that is
    /// evaluated with, before several processes do at once: Nix 2.8 then takes a tree for invalid
    /// that another has just added.
    ///
    /// # Errors
    /// When Nix cannot be started.
    pub(crate) fn readable(&self, nix: &Nix) -> Result<Vec<PathBuf>, NixError> {
        if self.is_unneeded(nix.reach()) {
            return Ok(Vec::new());
        }
        let replaced = nix
            .reach()
            .overrides
            .values()
            .chain(nix.reach().siblings.values());
        let replaced = replaced.cloned();
        let store = Some(store_folder()).filter(|store| store.is_dir());
        let limits = Limits {
            allowed_paths: replaced.chain(store).collect(),
            ..Limits::default()
        };
        let hashes: Vec<String> = self.hashes.iter().map(|hash| quote(hash)).collect();
        let stored = format!(
            "map (hash: scope.stored \"source\" hash) [ {} ]",
            hashes.join(" ")
        );
        let question = Question::new("pins", stored);
        nix.ask(&library(nix.reach()), &[question], &limits)?;
        Ok(limits.allowed_paths)
    }

    fn is_unneeded(&self, reach: &Reach) -> bool {
        let is_nix = reach.network == Network::Allowed && reach.overrides.is_empty();
        is_nix || !self.is_fetched
    }
}

/// The texts that have the form of the SHA-256 of a tree: that of lock files, or Nix's base 32.
fn hashes(text: &str) -> impl Iterator<Item = &str> {
    let is_part = |character: char| character.is_ascii_alphanumeric() || "-+/=".contains(character);
    let words = text.split(move |character| !is_part(character));
    words.filter(|word| {
        let mut bytes = word.bytes();
        let is_plain = bytes.all(|byte| byte.is_ascii_digit() || byte.is_ascii_lowercase());
        (word.starts_with("sha256-") && word.len() == 51) || (is_plain && word.len() == 52)
    })
}

/// What `pins.nix` offers, as an expression.
fn library(reach: &Reach) -> String {
    let replaced = reach.siblings.iter().chain(&reach.overrides);
    let replaced = replaced
        .map(|(name, folder)| format!("{} = {};", quote(name), quote(&folder.to_string_lossy())));
    let replaced: String = replaced.collect();
    let offline = reach.network == Network::Offline;
    format!(
        "({}) {{ replaced = {{ {replaced} }}; offline = {offline}; }}",
        Pins::TEXT
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a test writes its input")]
    fn pins_are_looked_for_where_they_are_kept() {
        let tree = tempfile::tempdir().unwrap();
        let write = |file: &str, text: &str| {
            let file = tree.path().join(file);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, text).unwrap();
        };
        write("default.nix", "{ }");
        write("pkgs/a/package.nix", "{ fetchTarball }: fetchTarball { }");
        assert_eq!(Pins::of([tree.path()]), Pins::default());
        write("npins/default.nix", "builtins.fetchTarball { }");
        let hash = "sha256-aQVuGH8JDGmzKGbiRIYVx07C6UXdRxPRWxvPArpUXUo=";
        write("npins/sources.json", &format!("{{ \"hash\": \"{hash}\" }}"));
        let pins = Pins::of([tree.path()]);
        assert!(pins.is_fetched);
        assert_eq!(pins.hashes, BTreeSet::from([hash.to_owned()]));
    }
}
