//! What derivations are made from, as `ask` left them in the throwaway store.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::de::{Error, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::evaluator::error::NixError;
use crate::evaluator::failure::Failure;
use crate::evaluator::installation::Nix;
use crate::evaluator::limits::Limits;

/// Bytes of arguments for one call. Systems allow a mebibyte and more, from which the
/// environment is taken.
const ARGUMENTS: usize = 512 << 10;

/// The file name of a derivation in the store, such as `7g5gi…-openssl-3.drv`.
///
/// It is the same on every machine for the same sources, and so for the same hash.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Derivation(String);

impl Derivation {
    /// Characters of the hash.
    const HASH: usize = 32;

    /// Hash, name and `.drv`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Derivation {
    type Err = NotADerivation;

    /// Reads the path of a `.drv` file, or only its name.
    fn from_str(path: &str) -> Result<Self, NotADerivation> {
        let file = path.rsplit_once('/').map_or(path, |(_, file)| file);
        let is_one = file
            .split_once('-')
            .is_some_and(|(hash, name)| hash.len() == Self::HASH && name.len() > ".drv".len())
            && file.ends_with(".drv");
        if is_one {
            Ok(Self(file.to_owned()))
        } else {
            Err(NotADerivation(path.to_owned()))
        }
    }
}

impl fmt::Display for Derivation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl serde::Serialize for Derivation {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.0)
    }
}

/// What a derivation is made from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DerivationInputs {
    /// The derivations it takes as inputs.
    pub inputs: Vec<Derivation>,
    /// Whether a hash says what comes out, as of sources: then the inputs only fetch
    /// it, and none of them can change it.
    pub is_fixed: bool,
}

/// A text that is no name of a `.drv` file.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not the name of a derivation")]
pub struct NotADerivation(String);

impl Nix {
    /// The derivations at `paths` and all they are made from, each with what it is
    /// made from itself. The paths are values of `drvPath` that [`Nix::ask`] answered.
    ///
    /// Of `limits`, `total` and `memory` count.
    ///
    /// # Errors
    /// When Nix cannot be run or prints something else; the inner error is Nix's own,
    /// if it does not have one of the derivations.
    pub fn derivations<P: AsRef<str>>(
        &self,
        paths: &[P],
        limits: &Limits,
    ) -> Result<Result<BTreeMap<Derivation, DerivationInputs>, Failure>, NixError> {
        let mut all = BTreeMap::new();
        // One call, unless there are more paths than a command line can hold.
        for batch in batches(paths) {
            let call = self.call().memory(limits.memory);
            let call = if self.version().is_at_least(2, 15) {
                call.args(["derivation", "show"])
            } else {
                call.arg("show-derivation")
            };
            let call = call
                .args(["--recursive", "--offline", "--store"])
                .arg(self.scratch().store())
                .args(batch);
            match call.json::<Shown>(limits.total)? {
                Ok(shown) => all.extend(shown.0),
                Err(failure) => return Ok(Err(failure)),
            }
        }
        Ok(Ok(all))
    }
}

/// The paths, as many at a time as a command line can hold.
fn batches<P: AsRef<str>>(paths: &[P]) -> Vec<Vec<&str>> {
    let mut batches: Vec<Vec<&str>> = Vec::new();
    let mut room = 0;
    for path in paths.iter().map(AsRef::as_ref) {
        // Each costs its text, the end of it and a pointer.
        let size = path.len() + 9;
        if size > room {
            batches.push(Vec::new());
            room = ARGUMENTS;
        }
        room = room.saturating_sub(size);
        if let Some(batch) = batches.last_mut() {
            batch.push(path);
        }
    }
    batches
}

/// What `nix derivation show` prints: up to 2.31 derivations by their paths, in 2.32 by
/// their file names, from 2.33 on the same below `derivations`, beside a `version`.
struct Shown(BTreeMap<Derivation, DerivationInputs>);

impl<'de> Deserialize<'de> for Shown {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Document;
        impl<'de> Visitor<'de> for Document {
            type Value = Shown;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("derivations by their names")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Shown, A::Error> {
                let mut all = BTreeMap::new();
                while let Some(key) = map.next_key::<String>()? {
                    if key == "derivations" {
                        all.extend(map.next_value::<Shown>()?.0);
                    } else if let Ok(derivation) = key.parse() {
                        let made = map.next_value::<Entry>()?.made();
                        all.insert(derivation, made.ok_or_else(|| unknown(&key))?);
                    } else {
                        map.next_value::<IgnoredAny>()?;
                    }
                }
                Ok(Shown(all))
            }
        }
        from.deserialize_map(Document)
    }
}

fn unknown<E: Error>(derivation: &str) -> E {
    E::custom(format_args!(
        "nothing says what `{derivation}` is made from"
    ))
}

/// One derivation; from 2.33 on its inputs stand in a set of their own.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    outputs: BTreeMap<String, Output>,
    input_drvs: Option<BTreeMap<String, IgnoredAny>>,
    inputs: Option<Inputs>,
}

#[derive(Deserialize)]
struct Inputs {
    drvs: BTreeMap<String, IgnoredAny>,
}

/// One output; only one that is fixed has a hash.
#[derive(Deserialize)]
struct Output {
    hash: Option<IgnoredAny>,
}

impl Entry {
    /// None in a format that nobody knows yet.
    fn made(self) -> Option<DerivationInputs> {
        let drvs = self.input_drvs.or(self.inputs.map(|inputs| inputs.drvs))?;
        let inputs = drvs.keys().map(|path| path.parse().ok());
        Some(DerivationInputs {
            inputs: inputs.collect::<Option<_>>()?,
            is_fixed: self.outputs.values().any(|output| output.hash.is_some()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "7g5giqf764p3y3zv7a8rqsy9sqqq5kw4-a.drv";
    const B: &str = "db4zqi5i1j50yaph7kkfl93yfcxdfaj5-b.drv";

    fn check(json: &str) {
        let shown: Shown = serde_json::from_str(json).unwrap();
        let (a, b): (Derivation, Derivation) = (A.parse().unwrap(), B.parse().unwrap());
        let source = DerivationInputs {
            inputs: Vec::new(),
            is_fixed: true,
        };
        let package = DerivationInputs {
            inputs: vec![a.clone()],
            is_fixed: false,
        };
        assert_eq!(
            shown.0,
            BTreeMap::from([(a, source), (b, package)]),
            "{json}"
        );
    }

    #[test]
    fn every_format_is_read() {
        check(&format!(
            r#"{{ "/nix/store/{A}": {{ "inputDrvs": {{}}, "env": {{ "a": "1" }},
                   "outputs": {{ "out": {{ "path": "/nix/store/a", "hash": "0a", "hashAlgo": "sha256" }} }} }},
                 "/nix/store/{B}": {{ "inputDrvs": {{ "/nix/store/{A}": ["out"] }},
                   "outputs": {{ "out": {{ "path": "/nix/store/b" }} }} }} }}"#
        ));
        check(&format!(
            r#"{{ "{A}": {{ "inputDrvs": {{}}, "outputs": {{ "out": {{ "hash": "0a", "method": "flat" }} }} }},
                 "{B}": {{ "inputDrvs": {{ "{A}": {{ "outputs": ["out"], "dynamicOutputs": {{}} }} }},
                   "outputs": {{ "out": {{ "path": "b", "hash": null }} }} }} }}"#
        ));
        check(&format!(
            r#"{{ "version": 4, "derivations": {{
                 "{A}": {{ "version": 4, "inputs": {{ "drvs": {{}}, "srcs": [] }},
                   "outputs": {{ "out": {{ "hash": "sha256-0a", "method": "nar" }} }} }},
                 "{B}": {{ "inputs": {{ "drvs": {{ "{A}": {{ "outputs": ["out"] }} }}, "srcs": ["x"] }},
                   "outputs": {{ "out": {{ "path": "b" }} }} }} }} }}"#
        ));
    }

    #[test]
    fn a_format_that_nobody_knows_is_refused() {
        for json in [
            format!(r#"{{ "{A}": {{ "outputs": {{}}, "needs": [] }} }}"#),
            format!(r#"{{ "{A}": {{ "outputs": {{}}, "inputDrvs": {{ "b": [] }} }} }}"#),
            format!(r#"{{ "{A}": {{ "inputDrvs": {{}} }} }}"#),
            "[]".to_owned(),
        ] {
            assert!(serde_json::from_str::<Shown>(&json).is_err(), "{json}");
        }
    }

    #[test]
    fn only_names_of_derivations_are_derivations() {
        let derivation: Derivation = format!("/nix/store/{A}").parse().unwrap();
        assert_eq!(derivation.as_str(), A);
        for text in ["", "a.drv", ".drv", "version", &A[..A.len() - 4], &A[1..]] {
            assert!(text.parse::<Derivation>().is_err(), "{text}");
        }
        assert!(format!("{}-.drv", &A[..32]).parse::<Derivation>().is_err());
    }

    #[test]
    fn a_command_line_holds_only_so_much() {
        let many: Vec<String> = (0..20_000)
            .map(|number| format!("/nix/store/{number:032}-package.drv"))
            .collect();
        let batches = batches(&many);
        assert_eq!(batches.len(), 3);
        assert_eq!(batches.iter().map(Vec::len).sum::<usize>(), many.len());
        for batch in &batches {
            assert!(batch.iter().map(|path| path.len() + 9).sum::<usize>() <= ARGUMENTS);
        }
        assert!(super::batches::<&str>(&[]).is_empty());
    }
}
