//! Files of caches with a seal: one that is damaged is none.

use sha2::{Digest, Sha256};

use crate::disk::write::{State, replace};

/// A SHA-256.
pub(crate) type Hash = [u8; 32];

/// A file with its seal.
#[derive(Debug, Default)]
pub(crate) struct Sealed(Vec<u8>);

impl Sealed {
    /// A file of the state of a registry; one without content if there is none.
    pub(crate) fn read(state: &State, file: &str) -> Self {
        Self(std::fs::read(state.path(file)).unwrap_or_default())
    }

    /// Whether the content is what was written.
    pub(crate) fn is_whole(&self) -> bool {
        let seal = self.0.first_chunk::<32>();
        seal.is_some_and(|seal| *seal == hash(self.content()))
    }

    /// The content, damaged or not.
    pub(crate) fn content(&self) -> &[u8] {
        self.0.get(size_of::<Hash>()..).unwrap_or_default()
    }

    /// Writes a file. A cache that cannot be written is none.
    pub(crate) fn write(state: &State, file: &str, parts: &[&[u8]]) {
        let mut bytes = Hash::default().to_vec();
        for part in parts {
            bytes.extend_from_slice(part);
        }
        let seal = hash(&bytes[size_of::<Hash>()..]);
        bytes[..size_of::<Hash>()].copy_from_slice(&seal);
        let _works_without = replace(&state.path(file), bytes);
    }
}

/// The hash of a text, or of what stands for it.
pub(crate) fn hash(text: impl AsRef<[u8]>) -> Hash {
    Sha256::digest(text).into()
}
