//! The by-name trees of all checkouts, and what is remembered of them: a checkout that looks as it did is not read
//! again.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

use aux_model::{BY_NAME, CheckoutPath, Layouts, RelativePath, RepoName, Tree};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::disk::registry::looks::{Looks, Seen};
use crate::disk::registry::sealed::{Hash, Sealed, hash};
use crate::disk::registry::{laid_out, sparse};
use crate::disk::write::{State, checkout, link_on, this_tick};
use crate::program::program;

/// The cache, in the state of the registry.
const FILE: &str = "cache/trees.bin";

/// A checkout that is to be read, and what the manifest says of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Asked {
    pub(super) repo: RepoName,
    pub(super) path: CheckoutPath,
    pub(super) layout: Layouts,
    /// What the manifest says defines packages.
    pub(super) files: Vec<RelativePath>,
}

/// A tree as bytes, which is what it mostly is needed as: to be compared.
#[derive(Debug, Clone)]
pub(super) struct TreeBytes<'b> {
    pub(super) hash: Hash,
    bytes: Cow<'b, [u8]>,
}

impl TreeBytes<'_> {
    pub(super) fn tree(&self) -> Tree {
        postcard::from_bytes(&self.bytes).expect("these bytes were made of a tree by this program")
    }
}

/// What is remembered of all checkouts: by path, a [`Known`] as bytes.
#[derive(Default, Serialize, Deserialize)]
struct Memory<'b> {
    /// The program that read it: another one may read otherwise.
    #[serde(borrow)]
    program: Cow<'b, str>,
    #[serde(borrow)]
    checkouts: BTreeMap<&'b str, &'b [u8]>,
}

/// What is remembered of a checkout.
#[derive(Serialize, Deserialize)]
struct Known<'b> {
    /// The hash of what the manifest said of it.
    asked: Hash,
    hash: Hash,
    tree: &'b [u8],
    #[serde(borrow)]
    seen: Seen<&'b str>,
}

/// As [`Known`], of what was just read.
#[derive(Serialize)]
struct New<'b> {
    asked: Hash,
    hash: Hash,
    tree: &'b [u8],
    seen: Seen<String>,
}

/// What earlier runs remember, to be handed to [`read`].
pub(super) fn remembered(state: Option<&State>) -> Sealed {
    let file = state.map(|state| Sealed::read(state, FILE));
    file.filter(Sealed::is_whole).unwrap_or_default()
}

/// Reads the trees of checkouts, in order; none where there is no folder. What was read anew is
/// remembered if there is a state to remember it in.
pub(super) fn read<'b>(
    root: &Path,
    state: Option<&State>,
    remembered: &'b Sealed,
    asked: &[Asked],
) -> Vec<Option<TreeBytes<'b>>> {
    let memory: Memory<'b> = postcard::from_bytes(remembered.content()).unwrap_or_default();
    let memory = if memory.program == program() {
        memory
    } else {
        Memory::default()
    };
    let found: Vec<Found<'b>> = asked
        .par_iter()
        .map(|asked| Found::of(root, &memory, asked))
        .collect();
    if !found.iter().any(|found| matches!(found, Found::Anew)) {
        return found.into_iter().map(Found::tree).collect();
    }
    // What changes while this reads is at least as young.
    let now = state.and_then(this_tick);
    let read: Vec<(Option<TreeBytes<'b>>, Option<Vec<u8>>)> = asked
        .par_iter()
        .zip(found)
        .map(|(asked, found)| {
            if !matches!(found, Found::Anew) {
                return (found.tree(), None);
            }
            let mut looks = Looks::default();
            let tree = tree(root, asked, &mut looks);
            let bytes = postcard::to_allocvec(&tree).expect("every tree has a form");
            let hash = hash(&bytes);
            let seen = looks
                .seen()
                .filter(|seen| now.is_some_and(|now| seen.youngest < now));
            let known = seen.and_then(|seen| {
                let new = New {
                    asked: asked.hash(),
                    hash,
                    tree: &bytes,
                    seen,
                };
                postcard::to_allocvec(&new).ok()
            });
            let bytes = Cow::Owned(bytes);
            (Some(TreeBytes { hash, bytes }), known)
        })
        .collect();
    if let Some(state) = state {
        remember(state, memory, asked, &read);
    }
    read.into_iter().map(|(tree, _)| tree).collect()
}

/// What is known of a checkout before it is read.
enum Found<'b> {
    /// There is no folder.
    Nothing,
    /// It looks as it did.
    Same(TreeBytes<'b>),
    Anew,
}

impl<'b> Found<'b> {
    fn of(root: &Path, memory: &Memory<'b>, asked: &Asked) -> Self {
        let path = asked.path.as_str();
        if !root.join(path).is_dir() {
            return Self::Nothing;
        }
        let known = memory.checkouts.get(path).copied();
        let known: Option<Known<'b>> = known.and_then(|known| postcard::from_bytes(known).ok());
        match known {
            Some(known) if known.asked == asked.hash() && known.seen.is_same() => {
                Self::Same(TreeBytes {
                    hash: known.hash,
                    bytes: Cow::Borrowed(known.tree),
                })
            }
            _ => Self::Anew,
        }
    }

    fn tree(self) -> Option<TreeBytes<'b>> {
        match self {
            Self::Same(tree) => Some(tree),
            Self::Nothing | Self::Anew => None,
        }
    }
}

impl Asked {
    /// A hash of what the manifest says of it.
    fn hash(&self) -> Hash {
        let bytes = postcard::to_allocvec(&(&self.layout, &self.files));
        hash(bytes.expect("paths and words have a form"))
    }
}

/// The packages of a checkout, as its folders tell. What cannot be read of it is a problem of that
/// repo.
fn tree(root: &Path, asked: &Asked, looks: &mut Looks) -> Tree {
    let way = Path::new(asked.path.as_str());
    if link_on(root, way).is_some() {
        // Only git knows whose link it is.
        looks.unsure();
    }
    for way in way.ancestors().filter(|way| !way.as_os_str().is_empty()) {
        looks.at_kind(&root.join(way));
    }
    let mut tree = match checkout(root, &asked.path) {
        None => Tree::default(),
        Some(checkout) => {
            let read = laid_out::read_noting(&checkout, &asked.layout, looks);
            let read = read.and_then(|mut tree| {
                sparse::add_skipped(&checkout, looks, &mut tree)?;
                Ok(tree)
            });
            read.unwrap_or_else(|error| {
                looks.unsure();
                let causes = std::error::Error::source(&error);
                let reason = match causes {
                    Some(cause) => format!("{error}: {cause}"),
                    None => error.to_string(),
                };
                let mut tree = Tree::default();
                tree.rejected.push((BY_NAME.to_owned(), reason));
                tree
            })
        }
    };
    let place = root.join(way);
    let files = asked.files.iter().filter(|file| {
        let file = place.join(file.as_str());
        looks.at_kind(&file);
        !file.exists()
    });
    tree.gone = files.cloned().collect();
    tree
}

/// Writes down what was read anew.
fn remember(
    state: &State,
    mut memory: Memory<'_>,
    asked: &[Asked],
    read: &[(Option<TreeBytes<'_>>, Option<Vec<u8>>)],
) {
    let mut is_new = false;
    let mut checkouts = BTreeMap::new();
    for (asked, (_, new)) in asked.iter().zip(read) {
        let path = asked.path.as_str();
        match (new, memory.checkouts.remove(path)) {
            (Some(new), _) => {
                is_new = true;
                checkouts.insert(path, new.as_slice());
            }
            (None, Some(known)) => {
                checkouts.insert(path, known);
            }
            (None, None) => {}
        }
    }
    if !is_new {
        return;
    }
    let memory = Memory {
        program: program().into(),
        checkouts,
    };
    let bytes = postcard::to_allocvec(&memory).expect("every tree has a form");
    Sealed::write(state, FILE, &[&bytes]);
}
