//! What a site is made from.

use std::collections::BTreeMap;

use aux_eval::facts::Facts;
use aux_model::{Catalog, RepoName};
use aux_train::Hold;
use aux_train::release::History;

/// What a site is made from.
pub struct Source<'s> {
    /// The family.
    pub catalog: &'s Catalog,
    /// What Nix knows; none if it was not asked.
    pub facts: Option<&'s Facts>,
    /// The repos that are held.
    pub holds: &'s BTreeMap<RepoName, Hold>,
    /// The releases, and what changed from one to the next.
    pub history: &'s History,
    /// How it is made.
    pub settings: Settings,
}

/// How a site is made.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where it will be: `https://HOST/PATH/`, with the slash at the end. Without it there is
    /// neither a site map nor a description for the search field of browsers, as both need whole
    /// addresses.
    pub base: Option<String>,
    /// Where the book about the program is.
    pub book: String,
    /// The program and its version.
    pub program: String,
}
