//! Facts of the last time. What is committed never changes, and evaluation is pure: of the same commits the
//! same Nix says the same. The memory can only say "as last time"; where a checkout has what is not
//! committed, is no repository of git, or something is read from outside of the family, all is asked anew.

use std::collections::BTreeMap;
use std::path::Path;

use aux_gen::disk::{Registry, State as Folder, replace};
use aux_git::WorkTree;
use aux_model::{AttrName, Catalog, ModuleName, PackageId, RepoName, System};
use aux_nix::{Limits, Network, Nix, NixError};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::facts::ask::{facts, unasked};
use crate::facts::known::{Facts, PackageFacts, State, Subject};
use crate::facts::option::ModuleOption;

/// The file, in the state of the registry.
const FILE: &str = "cache/facts.json";

/// The version of its format, and of the questions.
const FORMAT: u32 = 1;

/// A subject as JSON: the repo, the set of a member, and the name.
type StoredSubject = (RepoName, Option<AttrName>, AttrName);

/// What is written down.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Book {
    format: u32,
    /// A hash of all that the answers depend on.
    key: String,
    packages: Vec<(StoredSubject, PackageFacts)>,
    modules: Vec<((RepoName, ModuleName), Vec<ModuleOption>)>,
    unread: Vec<((RepoName, ModuleName), String)>,
}

/// As [`facts`], of the last time if nothing has changed since. Whether they are of the last time
/// comes with them.
///
/// # Errors
/// As [`facts`].
pub fn remembered_facts(
    registry: &Registry,
    catalog: &Catalog,
    nix: &Nix,
    systems: &[System],
    limits: &Limits,
) -> Result<(Facts, bool), NixError> {
    let key = key(registry, catalog, nix, systems);
    let root = registry.root();
    let known = key.as_ref().and_then(|key| read(root, key));
    if let Some(book) = known {
        let facts = Facts {
            systems: systems.to_vec(),
            packages: book
                .packages
                .into_iter()
                .map(|(name, known)| (subject(name), known))
                .collect(),
            modules: book.modules.into_iter().collect(),
            unread: book.unread.into_iter().collect(),
            unasked: unasked(catalog, &registry.checkouts(catalog)),
        };
        return Ok((facts, true));
    }
    let found = facts(registry, catalog, nix, systems, limits)?;
    if let Some(key) = key.filter(|_| is_certain(&found)) {
        write(root, key, &found);
    }
    Ok((found, false))
}

fn subject((repo, set, name): StoredSubject) -> Subject {
    match set {
        None => Subject::Package(PackageId { repo, name }),
        Some(set) => Subject::Member(repo, set, name),
    }
}

fn name(subject: Subject) -> StoredSubject {
    match subject {
        Subject::Package(id) => (id.repo, None, id.name),
        Subject::Member(repo, set, name) => (repo, Some(set), name),
    }
}

/// What the answers depend on; none where somebody may change it without a commit.
fn key(registry: &Registry, catalog: &Catalog, nix: &Nix, systems: &[System]) -> Option<String> {
    let reach = nix.reach();
    let reaches = !reach.search_path.is_empty()
        || !reach.overrides.is_empty()
        || reach.network != Network::default();
    if reaches {
        return None;
    }
    let mut commits: BTreeMap<RepoName, String> = BTreeMap::new();
    for (repo, path) in registry.checkouts(catalog) {
        commits.insert(repo, commit(&path)?);
    }
    // The manifest says what is asked: the packages, their variants, the modules.
    let asked = serde_json::to_string(&aux_model::document::Document::of(catalog)).ok()?;
    let parts = serde_json::json!([
        FORMAT,
        env!("CARGO_PKG_VERSION"),
        nix.version().to_string(),
        systems,
        commits,
        asked,
    ]);
    Some(hex::encode(Sha256::digest(parts.to_string())))
}

/// The commit of a checkout that has nothing besides.
fn commit(path: &Path) -> Option<String> {
    let tree = WorkTree::at(path)?;
    let is_clean = tree.changed().ok()?.is_empty();
    let (head, _) = tree.head_in_files()?;
    is_clean.then(|| head.to_string())
}

/// Whether the answers will be the same next time: a limit may be met or not.
fn is_certain(facts: &Facts) -> bool {
    let mut states = facts
        .packages
        .values()
        .flat_map(|known| known.states.values());
    !states.any(|state| matches!(state, State::Unknown(_)))
}

fn read(root: &Path, key: &str) -> Option<Book> {
    let text = std::fs::read(Folder::of(root)?.path(FILE)).ok()?;
    let book: Book = serde_json::from_slice(&text).ok()?;
    (book.format == FORMAT && book.key == key).then_some(book)
}

/// A memory that cannot be written is none.
fn write(root: &Path, key: String, facts: &Facts) {
    let facts = facts.clone();
    let book = Book {
        format: FORMAT,
        key,
        packages: facts
            .packages
            .into_iter()
            .map(|(subject, known)| (name(subject), known))
            .collect(),
        modules: facts.modules.into_iter().collect(),
        unread: facts.unread.into_iter().collect(),
    };
    let text = serde_json::to_string(&book).expect("keys are texts");
    if let Ok(state) = Folder::make(root) {
        let _not_written = replace(&state.path(FILE), text);
    }
}
