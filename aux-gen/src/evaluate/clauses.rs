//! The clauses of the flake contract: what to ask, and which answer keeps it.
//! Documented in `docs/contract.md`.

use std::collections::BTreeSet;

use aux_model::Wiring;
use serde_json::Value;

use super::Subject;
use super::report::ClauseReport;
use crate::plan::CONTRACT;

/// One output and what must be true of it.
pub(super) struct Clause {
    pub(super) output: &'static str,
    /// A Nix expression over `flake` and `system`.
    pub(super) ask: String,
    pub(super) expect: Expectation,
}

/// What an answer must be.
pub(super) enum Expectation {
    /// `true`.
    Holds(&'static str),
    /// The data of this repo.
    OwnData { repo: String },
    /// Exactly these names.
    Names(BTreeSet<String>),
    /// At least these names; more are undeclared attributes.
    AtLeast(BTreeSet<String>),
}

/// What an answer says.
pub(super) struct Verdict {
    pub(super) clause: ClauseReport,
    pub(super) undeclared: Vec<String>,
}

/// What the contract asks of a repo. A hand-written repo owes only the outputs
/// that its wiring uses.
pub(super) fn clauses(subject: &Subject<'_>) -> Vec<Clause> {
    let mut clauses = Vec::new();
    let mut holds = |output: &'static str, ask: &str, why: &'static str| {
        clauses.push(Clause {
            output,
            ask: ask.to_owned(),
            expect: Expectation::Holds(why),
        });
    };
    let is_set = |output: &str| format!("builtins.isAttrs (flake.{output}.${{system}} or null)");
    let layer = "builtins.isFunction (flake.layer or null)";
    let overlay = "builtins.isFunction (flake.overlays.default or null)";
    let not_function = "it is not a function";
    let not_set = "it is not a set of packages";
    match (subject.is_generated(), subject.repo.wiring) {
        (true, _) => {
            holds("layer", layer, not_function);
            holds("overlays.default", overlay, not_function);
            for output in ["auxPackages", "legacyPackages"] {
                holds(output, &is_set(output), not_set);
            }
            holds(
                "lib",
                "builtins.isAttrs (flake.lib or null)",
                "it is not a set of functions",
            );
            if subject.is_core {
                holds(
                    "mkPackages",
                    "builtins.isAttrs (flake.mkPackages { inherit system; })",
                    "it does not make a set of packages",
                );
            }
            clauses.push(Clause {
                output: "aux",
                ask: "flake.aux".to_owned(),
                expect: Expectation::OwnData {
                    repo: subject.repo.name.to_string(),
                },
            });
            clauses.push(packages(subject));
            clauses.push(own_layer(subject));
        }
        (false, Wiring::Layers) if subject.is_core => {
            holds(
                "mkPackages",
                "builtins.isAttrs (flake.mkPackages { inherit system; layers = [ ]; })",
                "it does not make a set of packages",
            );
        }
        (false, Wiring::Layers) => holds("layer", layer, not_function),
        (false, Wiring::Overlays) if subject.is_core => holds(
            "default.nix",
            "builtins.isAttrs (import flake { inherit system; overlays = [ ]; })",
            "it does not make a set of packages out of overlays",
        ),
        (false, Wiring::Overlays) => holds("overlays.default", overlay, not_function),
        (false, Wiring::Packages) => holds("packages", &is_set("packages"), not_set),
    }
    clauses
}

/// `packages` holds what the repo offers alone; top-level holds everybody's.
fn packages(subject: &Subject<'_>) -> Clause {
    let ask = "builtins.attrNames flake.packages.${system}".to_owned();
    let names: BTreeSet<String> = subject.standalone.iter().cloned().collect();
    Clause {
        output: "packages",
        ask,
        expect: if subject.is_top_level {
            Expectation::AtLeast(names)
        } else {
            Expectation::Names(names)
        },
    }
}

/// The names that the layer defines, foreign stubs aside.
fn own_layer(subject: &Subject<'_>) -> Clause {
    let foreign: Vec<String> = subject
        .foreign
        .iter()
        .map(|name| crate::render::quote::nix(name))
        .collect();
    Clause {
        output: "layer",
        ask: format!(
            "let
              packages = flake.auxPackages.${{system}};
              arguments = {{ inherit (flake) lib; inherit system; config = {{ }}; overlays = [ ]; }};
            in
            builtins.attrNames (removeAttrs (flake.layer arguments packages packages) [ {} ])",
            foreign.join(" ")
        ),
        expect: Expectation::AtLeast(
            subject
                .derivations
                .iter()
                .chain(&subject.builders)
                .cloned()
                .collect(),
        ),
    }
}

impl Clause {
    /// Whether an answer keeps the clause.
    pub(super) fn judge(&self, is_top_level: bool, answer: &Value) -> Verdict {
        let mut undeclared = Vec::new();
        let broken = match &self.expect {
            Expectation::Holds(why) => (answer != &Value::Bool(true)).then(|| (*why).to_owned()),
            Expectation::OwnData { repo } => own_data(repo, answer),
            Expectation::Names(expected) => {
                let found = names(answer);
                difference("lacks", expected, &found)
                    .or_else(|| difference("has too", &found, expected))
            }
            Expectation::AtLeast(expected) => {
                let found = names(answer);
                if self.output == "layer" || !is_top_level {
                    undeclared = found.difference(expected).cloned().collect();
                }
                difference("lacks", expected, &found)
            }
        };
        Verdict {
            clause: ClauseReport {
                output: self.output,
                broken,
            },
            undeclared,
        }
    }
}

fn own_data(repo: &str, answer: &Value) -> Option<String> {
    let text = |key: &str| answer.get(key).and_then(Value::as_str).unwrap_or("nothing");
    if text("contract") != CONTRACT {
        return Some(format!(
            "it keeps contract {}, not {CONTRACT}",
            text("contract")
        ));
    }
    (text("repo") != repo).then(|| format!("it says it is `{}`", text("repo")))
}

fn names(answer: &Value) -> BTreeSet<String> {
    answer
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

/// "it lacks `a`, `b` and 3 more", if anything of `wanted` is not in `found`.
fn difference(verb: &str, wanted: &BTreeSet<String>, found: &BTreeSet<String>) -> Option<String> {
    const SHOWN: usize = 5;
    let missing: Vec<&String> = wanted.difference(found).collect();
    if missing.is_empty() {
        return None;
    }
    let shown: Vec<String> = missing
        .iter()
        .take(SHOWN)
        .map(|name| format!("`{name}`"))
        .collect();
    let more = match missing.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    Some(format!("it {verb} {}{more}", shown.join(", ")))
}
