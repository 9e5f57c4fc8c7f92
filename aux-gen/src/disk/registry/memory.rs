//! The checked catalog that an earlier run read, if all that it was made of is the same: the texts by their content,
//! the trees of checkouts by theirs. Without it a run takes longer, and nothing else.

use aux_model::{RepoName, Source};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::disk::registry::sealed::{Hash, Sealed, hash};
use crate::disk::registry::trees::{Asked, TreeBytes};
use crate::disk::write::State;
use crate::program::program;

/// The cache, in the state of the registry.
const FILE: &str = "cache/catalog.bin";

/// What a catalog was made of, besides the texts of its manifest.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct MadeOf {
    /// The files and patterns that the root includes.
    pub(super) includes: Vec<String>,
    /// The checkouts that the manifest names, each with the hash of its tree; none without a folder.
    pub(super) trees: Vec<(Asked, Option<Hash>)>,
    /// Other files, each with the hash of its text, or of why it has none.
    pub(super) others: Vec<(String, Hash)>,
    /// Repos that are somebody else's.
    pub(super) outside: Vec<RepoName>,
}

/// What tells a catalog from all others: a hash of all that it was made of, and of the program that
/// made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity(Hash);

impl Identity {
    pub(crate) fn hash(&self) -> Hash {
        self.0
    }
}

/// What a catalog was made of, and by whom.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Made {
    /// The program that made it: another one may check other rules.
    program: String,
    /// The files of the manifest and their texts, in the order in which they are read.
    texts: Hash,
    pub(super) of: MadeOf,
}

impl Made {
    pub(super) fn new(of: MadeOf, sources: &[Source]) -> Self {
        Self {
            program: program(),
            texts: texts(sources),
            of,
        }
    }

    /// What tells it from all others.
    pub(super) fn identity(&self) -> Identity {
        let bytes = postcard::to_allocvec(self).expect("texts and hashes have a form");
        Identity(hash(bytes))
    }

    /// Whether this program made it, of these texts.
    pub(super) fn is_of(&self, sources: &[Source]) -> bool {
        self.program == program() && self.texts == texts(sources)
    }

    /// Whether the trees are those that it was made of.
    pub(super) fn has(&self, trees: &[Option<TreeBytes<'_>>]) -> bool {
        let hashes = trees.iter().map(|tree| tree.as_ref().map(|tree| tree.hash));
        self.of.trees.iter().map(|(_, tree)| *tree).eq(hashes)
    }
}

/// What an earlier run remembers, to be handed to [`read`].
pub(super) fn remembered(state: &State) -> Sealed {
    Sealed::read(state, FILE)
}

/// What a catalog was made of, and its bytes.
pub(super) fn read(remembered: &Sealed) -> Option<(Made, &[u8])> {
    postcard::take_from_bytes(remembered.content()).ok()
}

/// Writes a catalog down.
pub(super) fn remember(state: &State, made: &Made, catalog: &[u8]) {
    let made = postcard::to_allocvec(made).expect("texts and hashes have a form");
    Sealed::write(state, FILE, &[&made, catalog]);
}

fn texts(sources: &[Source]) -> Hash {
    let mut hash = Sha256::new();
    for source in sources {
        for part in [source.path(), source.text()] {
            hash.update(part.len().to_le_bytes());
            hash.update(part);
        }
    }
    hash.finalize().into()
}
