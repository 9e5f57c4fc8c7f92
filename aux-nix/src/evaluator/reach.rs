//! What an evaluation may get from outside of the folders that it is about.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::flake::Reference;

/// What an evaluation may get from outside of the folders that it is about. Nothing, unless
/// somebody says so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    /// What `<NAME>` is, as with `nix -I NAME=PATH`.
    pub search_path: BTreeMap<String, PathBuf>,
    /// Folders that take the place of flake inputs, by the name of the input, in every flake
    /// that has an input of that name from outside of the family.
    pub overrides: BTreeMap<String, PathBuf>,
    /// Checkouts that take the place of what a fetcher in a text would get, by the address of
    /// their repository without scheme and `.git`, such as `github.com/auxolotl/core`, or by its
    /// name where nobody knows the address.
    pub siblings: BTreeMap<String, PathBuf>,
    /// Whether Nix may fetch.
    pub network: Network,
}

/// Whether Nix may fetch what an expression or a lock names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Network {
    /// It reads what is on this machine.
    #[default]
    Offline,
    /// It fetches, and has `fetchTree` and `getFlake`.
    Allowed,
}

impl Reach {
    /// Adds a checkout of a repository to the siblings; nothing if its reference has no address.
    #[must_use]
    pub fn with_sibling(mut self, url: &str, path: PathBuf) -> Self {
        let address = Reference::read(url).and_then(|reference| reference.address());
        if let Some((_, address)) = address.as_deref().and_then(|text| text.split_once("://")) {
            let address = address.split(['?', '#']).next().unwrap_or(address);
            let address = address.trim_end_matches('/').trim_end_matches(".git");
            self.siblings.insert(address.to_owned(), path);
        }
        self
    }

    /// Adds a checkout of a repository whose address nobody knows, by its name.
    #[must_use]
    pub fn with_nameless_sibling(mut self, name: &str, path: PathBuf) -> Self {
        self.siblings.insert(name.to_owned(), path);
        self
    }

    /// Lets a folder be nixpkgs: `<nixpkgs>`, and the input `nixpkgs` of flakes.
    #[must_use]
    pub fn with_nixpkgs(mut self, path: PathBuf) -> Self {
        let name = || "nixpkgs".to_owned();
        self.overrides.insert(name(), path.clone());
        self.search_path.insert(name(), path);
        self
    }
}
