//! SHA-256, as names of texts have it.

use sha2::{Digest, Sha256};

/// SHA-256 in hexadecimal.
pub(crate) fn hash(text: &[u8]) -> String {
    hex::encode(Sha256::digest(text))
}
