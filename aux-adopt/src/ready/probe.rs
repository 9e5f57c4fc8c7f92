//! Whether layers arrive: asked of real Nix.

use std::collections::BTreeMap;
use std::path::Path;

use aux_eval::evaluate::Checkout;
use aux_eval::snapshot::PackageSet;
use aux_model::{RepoName, System};
use aux_nix::{Answer, Nix, NixError, Question};
use serde::Serialize;

/// What a core offers, by evaluation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Clause {
    /// What has to hold.
    pub what: &'static str,
    /// Why it does not; none if it does.
    pub broken: Option<String>,
}

/// A layer that says that it was there, and what it was handed.
const PROBED: &str = r#"let
  inherit (flakes) core;
  layer = arguments: final: prev: { aux-probe = { inherit arguments; below = prev ? stdenv; }; };
  set = core.mkPackages { inherit system; layers = [ layer ]; overlays = [ (final: prev: { aux-seen = prev ? aux-probe; }) ]; };
in
{ inherit core set; }"#;

/// What has to hold, and an expression that says whether it does.
const CLAUSES: [(&str, &str); 7] = [
    (
        "its flake offers `mkPackages`",
        "builtins.isFunction scope.core.mkPackages",
    ),
    ("`mkPackages` takes layers", "scope.set ? aux-probe"),
    (
        "a layer is handed `lib`, `config` and `overlays`",
        "builtins.all (name: scope.set.aux-probe.arguments ? ${name}) [ \"lib\" \"config\" \"overlays\" ]",
    ),
    (
        "a layer stands above core's own packages",
        "scope.set.aux-probe.below",
    ),
    ("an overlay stands above the layers", "scope.set.aux-seen"),
    (
        "layers reach the stage before",
        "(scope.set.buildPackages or scope.set) ? aux-probe",
    ),
    (
        "layers reach the other package sets",
        "!(scope.set ? pkgsStatic) || scope.set.pkgsStatic ? aux-probe",
    ),
];

/// Asks Nix whether a core keeps what the contract wants of it.
///
/// # Errors
/// When Nix cannot be started or asked.
pub fn check(core: &Path, nix: &Nix, system: &System) -> Result<Vec<Clause>, NixError> {
    let name: RepoName = "core".parse().expect("it is a name");
    let checkout = Checkout {
        path: core.to_owned(),
        url: None,
    };
    let among = BTreeMap::from([(name, checkout)]);
    let probed = PackageSet::over_flakes(&among, system, PROBED, None, nix)?;
    let questions: Vec<Question> = CLAUSES
        .iter()
        .map(|(what, expression)| Question::new(*what, *expression))
        .collect();
    let answers = probed.ask(nix, &questions)?;
    Ok(CLAUSES
        .iter()
        .zip(answers)
        .map(|((what, _), answered)| Clause {
            what,
            broken: match answered.answer {
                Answer::Value(value) if value == true => None,
                Answer::Value(_) => Some("it does not".to_owned()),
                Answer::Failed(failure) => Some(failure.reason),
            },
        })
        .collect())
}
