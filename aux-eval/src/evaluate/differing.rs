//! Packages that are another derivation alone than through top-level, and the arguments that
//! make the difference.

use std::collections::BTreeMap;

use aux_model::{Catalog, Differing as Policy, Repo};
use aux_nix::language::quote;
use aux_nix::{Answer, Answered, Question};

use crate::evaluate::clauses::of_flake;
use crate::evaluate::family;
use crate::evaluate::report::{Differing, RepoReport};

/// The derivations of packages, by attribute.
pub(crate) type Derivations = BTreeMap<String, String>;

/// The attributes that both views have, as different derivations.
pub(crate) fn differing<'d>(
    alone: &'d Derivations,
    together: &'d Derivations,
) -> impl Iterator<Item = &'d str> {
    let differs = |(name, path): (&'d String, &'d String)| {
        let other = together.get(name)?;
        (other != path).then_some(name.as_str())
    };
    alone.iter().filter_map(differs)
}

/// What a report says of packages that differ, before anybody is asked for arguments.
pub(super) fn found(catalog: &Catalog, report: &RepoReport) -> Vec<Differing> {
    let is_error = catalog.policy().differing == Policy::Error;
    let names = differing(
        &report.standalone.derivations,
        &report.top_level.derivations,
    );
    let found = names.map(|attribute| Differing {
        attribute: attribute.to_owned(),
        arguments: Vec::new(),
        is_error,
    });
    found.collect()
}

/// The question which arguments of a package are something else in the two views: they are
/// missing in one, or other derivations.
pub(super) fn question(catalog: &Catalog, repo: &Repo, attribute: &str) -> Question {
    let top = catalog.top_level().name.as_str();
    let alone = family::alone(catalog, repo).unwrap_or_else(|| "{ }".to_owned());
    let file = catalog.attribute(attribute).and_then(|known| {
        let package = repo.packages.get(&known.package.name)?;
        let is_itself = package.id.name.as_str() == attribute;
        (is_itself && repo.is_generated()).then(|| package.directory() + "/package.nix")
    });
    let formals = match file {
        Some(file) => format!(
            "let f = scope.load (flake + {}); in if builtins.isFunction f then builtins.functionArgs f else {{ }}",
            quote(&format!("/{file}"))
        ),
        None => format!(
            "alone.{}.override.__functionArgs or {{ }}",
            family::selected(attribute)
        ),
    };
    let body = format!(
        "let
          alone = {alone};
          together = scope.flakes.{}.auxPackages.${{system}};
          formals = {formals};
          # What a value is: its derivation, or its type; a text that no path is if it has none.
          is = set: name:
            let
              value = set.${{name}};
              of = if builtins.isAttrs value && (value.type or null) == \"derivation\"
                then value.drvPath else builtins.typeOf value;
              tried = builtins.tryEval of;
            in
            if !(set ? ${{name}}) then \"missing\" else if tried.success then tried.value else \"failed\";
          differs = name: is alone name != is together name;
        in
        builtins.filter differs (builtins.attrNames formals)",
        quote(top)
    );
    let repo = repo.name.as_str();
    Question::new(format!("{repo} {attribute}"), of_flake(repo, &body))
}

/// Writes the answers to [`question`] down; what cannot be told stays unsaid.
pub(super) fn explain<'a>(
    differing: impl Iterator<Item = &'a mut Differing>,
    answers: Vec<Answered>,
) {
    for (differing, answered) in differing.zip(answers) {
        if let Answer::Value(names) = answered.answer {
            let names = names.as_array().into_iter().flatten();
            let names = names.filter_map(|name| name.as_str().map(str::to_owned));
            differing.arguments = names.collect();
        }
    }
}
