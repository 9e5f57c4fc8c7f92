//! A snapshot, taken by real Nix.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use aux_model::System;
use aux_nix::language::quote;
use aux_nix::{Answer, Failure, FailureKind, Nix, NixError, Question};
use rayon::prelude::*;
use serde_json::Value;

use crate::failure::EvalFailure;
use crate::snapshot::format::{Evaluated, Snapshot, VERSION};
use crate::snapshot::package_set::{DEPTH, Look, Nested, PackageSet, texts};

/// What a set came to: its attributes, or why it has none.
pub type Counted = Result<Snapshot, Failure>;

/// Looks at every attribute of a set. `progress` is told how many are done and how
/// many are known.
///
/// # Errors
/// When Nix cannot be started or asked. What fails inside Nix is in the answer.
pub fn snapshot(
    nix: &Nix,
    set: &PackageSet,
    system: &System,
    look: Look,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<Counted, NixError> {
    let names = Question::new("names", "builtins.attrNames scope");
    let names = nix.ask(&set.expression, &[names], &set.limits)?;
    let names = match names.into_iter().next().map(|names| names.answer) {
        Some(Answer::Value(names)) => texts(&names),
        Some(Answer::Failed(failure)) => return Ok(Err(failure)),
        None => Vec::new(),
    };
    let mut open: Vec<Vec<String>> = names.into_iter().map(|name| vec![name]).collect();
    let mut attributes = BTreeMap::new();
    let done = AtomicUsize::new(0);
    let mut known = 0;
    for _ in 0..DEPTH {
        known += open.len();
        let jobs = look.jobs.clamp(1, open.len().max(1));
        let hands: Vec<Vec<Question>> = (0..jobs)
            .map(|hand| {
                open.iter()
                    .skip(hand)
                    .step_by(jobs)
                    .map(|path| question(path))
                    .collect()
            })
            .collect();
        let answers: Vec<_> = hands
            .par_iter()
            .map(|questions| {
                let mut answers = Vec::with_capacity(questions.len());
                nix.ask_each(&set.expression, questions, &set.limits, |answered| {
                    progress(done.fetch_add(1, Ordering::Relaxed) + 1, known);
                    answers.push(answered);
                })?;
                Ok(answers)
            })
            .collect::<Result<_, NixError>>()?;
        open.clear();
        for answered in answers.into_iter().flatten() {
            let path = answered.key;
            let (found, nested) = found(&path, answered.answer, &set.root);
            let parent = parts(&path);
            let shown: Vec<String> = parent.iter().map(|part| shown(part)).collect();
            if look.nested == Nested::Followed {
                open.extend(
                    nested
                        .into_iter()
                        .map(|name| [&parent[..], &[name]].concat()),
                );
            }
            attributes.insert(shown.join("."), found);
        }
        open.sort();
        if open.is_empty() {
            break;
        }
    }
    Ok(Ok(Snapshot {
        version: VERSION,
        nix: nix.version().to_string(),
        system: system.to_string(),
        set: set.attribute.clone(),
        nested: look.nested == Nested::Followed,
        attributes,
    }))
}

/// Between the parts of a path in a question's key: no attribute holds it.
const BETWEEN: char = '\n';

fn parts(key: &str) -> Vec<String> {
    key.split(BETWEEN).map(str::to_owned).collect()
}

/// A part of a path, quoted as Nix wants it if it is not plain.
fn shown(part: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'\'');
    if part.bytes().all(is_plain) && !part.is_empty() {
        part.to_owned()
    } else {
        quote(part)
    }
}

fn question(path: &[String]) -> Question {
    let selection: String = path
        .iter()
        .map(|part| format!(".{}", quote(part)))
        .collect();
    let expression = format!(
        "let value = scope{selection}; in
        if !builtins.isAttrs value then {{ is = builtins.typeOf value; }}
        else if (value.type or null) == \"derivation\" then {{ drv = value.drvPath; }}
        else if (value.recurseForDerivations or false) == true then {{ is = \"set\"; nested = builtins.attrNames (removeAttrs value [ \"recurseForDerivations\" ]); }}
        else {{ is = \"set\"; }}"
    );
    Question::new(path.join(&BETWEEN.to_string()), expression)
}

/// What was found, and the names in a set that asks to be looked into.
fn found(key: &str, answer: Answer, root: &str) -> (Evaluated, Vec<String>) {
    let value = match answer {
        Answer::Value(value) => value,
        Answer::Failed(failure) => {
            let failed = EvalFailure::of(Some(key), failure);
            let place = failed.place.map(|place| place.replace(root, ""));
            return (
                Evaluated::Failed {
                    kind: failed.kind.unwrap_or(FailureKind::Other),
                    reason: failed.reason.replace(root, ""),
                    place,
                },
                Vec::new(),
            );
        }
    };
    let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    let nested = value.get("nested").map(texts).unwrap_or_default();
    match (text("drv"), text("is")) {
        (Some(path), _) => (Evaluated::Derivation(path), nested),
        (None, is) => (Evaluated::Is(is.unwrap_or_default()), nested),
    }
}
