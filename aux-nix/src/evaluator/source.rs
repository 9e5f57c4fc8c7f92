//! Trees that locks and pins name, as they are in the store of this machine.

use std::env;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::evaluator::error::NixError;
use crate::evaluator::failure::Failure;
use crate::evaluator::installation::Nix;
use crate::evaluator::limits::Limits;
use crate::evaluator::reach::Network;

/// The digits of hashes in store paths: letters that spell words are left out.
const DIGITS: &[u8; 32] = b"0123456789abcdfghijklmnpqrsvwxyz";

impl Nix {
    /// The tree of a locked reference, in the store of this machine: the one that is there by its
    /// `narHash`, else, if it is a commit on this machine or [`Network::Allowed`] says so, the one
    /// that Nix fetches. None if it is not there and may not be fetched.
    ///
    /// # Errors
    /// When Nix cannot be started. What fails inside Nix is an answer.
    pub fn source(
        &self,
        locked: &Map<String, Value>,
        limits: &Limits,
    ) -> Result<Result<Option<PathBuf>, Failure>, NixError> {
        let hash = locked.get("narHash").and_then(Value::as_str);
        let path = hash.and_then(|hash| source_path(&store(), hash));
        if let Some(path) = path.filter(|path| path.exists()) {
            return Ok(Ok(Some(path)));
        }
        if self.reach().network == Network::Offline && !is_local(locked) {
            return Ok(Ok(None));
        }
        let json = serde_json::to_string(locked).unwrap_or_default();
        let expression = format!(
            "(builtins.fetchTree (builtins.fromJSON {})).outPath",
            crate::language::quote(&json)
        );
        let call = self.call().memory(limits.memory).args([
            "eval",
            "--impure",
            "--json",
            "--expr",
            &expression,
        ]);
        let fetched: Result<PathBuf, Failure> = call.json(limits.total)?;
        Ok(fetched.map(Some))
    }
}

/// Whether it is a commit of a repository on this machine, for which no network is needed. Not a
/// folder: a stranger's lock could name any.
fn is_local(locked: &Map<String, Value>) -> bool {
    let text = |key: &str| locked.get(key).and_then(Value::as_str).unwrap_or("");
    text("type") == "git" && text("url").starts_with("file://") && !text("rev").is_empty()
}

fn store() -> String {
    env::var("NIX_STORE_DIR").unwrap_or_else(|_| "/nix/store".to_owned())
}

/// Where the machine's store has its files; a directory that need not be there.
#[must_use]
pub fn store_folder() -> PathBuf {
    PathBuf::from(store())
}

/// Where a store has a tree by the hash of its archive: the path of recursive fixed output named
/// `source` (`makeFixedOutputPath` in Nix's `store-api.cc`). None if the hash is no SHA-256 in
/// the form of lock files.
fn source_path(store: &str, nar_hash: &str) -> Option<PathBuf> {
    let hash = STANDARD.decode(nar_hash.strip_prefix("sha256-")?).ok()?;
    if hash.len() != 32 {
        return None;
    }
    let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    let print = format!("source:sha256:{hex}:{store}:source");
    let mut folded = [0_u8; 20];
    for (at, byte) in Sha256::digest(print).iter().enumerate() {
        folded[at % 20] ^= byte;
    }
    let name = base32(&folded);
    Some(Path::new(store).join(format!("{name}-source")))
}

/// Nix's own base 32: the last bits first.
fn base32(bytes: &[u8; 20]) -> String {
    let digit = |at: usize| {
        let (byte, bit) = (at * 5 / 8, at * 5 % 8);
        let low = u16::from(bytes[byte]);
        let high = u16::from(*bytes.get(byte + 1).unwrap_or(&0));
        let five = (high << 8 | low) >> bit & 31;
        char::from(DIGITS[usize::from(five)])
    };
    (0..32).rev().map(digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_is_where_nix_puts_it() {
        // As `nix-store --add` printed it.
        let path = source_path(
            "/nix/store",
            "sha256-5NYgZEteOLHyOss9mbzZ50qarCI79oYLMDp7Qqz2rOY=",
        );
        assert_eq!(
            path.unwrap(),
            Path::new("/nix/store/fs0klcz5k7f3qycwbcrlhngcrmclbhrl-source")
        );
        assert_eq!(source_path("/nix/store", "sha1-aaaa"), None);
        assert_eq!(source_path("/nix/store", "sha256-aaaa"), None);
    }
}
