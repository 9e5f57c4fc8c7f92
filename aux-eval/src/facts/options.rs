//! Asks for the options that modules declare.

use std::collections::BTreeMap;
use std::path::PathBuf;

use aux_model::{Catalog, Repo, RepoName};
use aux_nix::{Answer, Nix, NixError, Question};

use crate::evaluate::clauses::{of_flake, option_documents};
use crate::evaluate::family::Scope;
use crate::facts::known::Facts;
use crate::facts::option::ModuleOption;

pub(super) fn ask(
    catalog: &Catalog,
    repos: &BTreeMap<&RepoName, &Repo>,
    nix: &Nix,
    scope: &Scope,
    checkouts: &BTreeMap<RepoName, PathBuf>,
    facts: &mut Facts,
) -> Result<(), NixError> {
    let modules: Vec<_> = catalog
        .modules()
        .filter(|module| repos.contains_key(&module.repo))
        .collect();
    let questions: Vec<Question> = modules
        .iter()
        .map(|module| {
            let output = format!("{}.{}", module.class.flake_output(), module.name);
            let ask = of_flake(module.repo.as_str(), &option_documents(&output));
            Question::new(format!("{}/{}", module.repo, module.name), ask)
        })
        .collect();
    let answers = nix.ask(&scope.expression, &questions, &scope.limits)?;
    for (module, answered) in modules.into_iter().zip(answers) {
        let key = (module.repo.clone(), module.name.clone());
        let read = match answered.answer {
            Answer::Value(value) => serde_json::from_value::<Vec<ModuleOption>>(value)
                .map_err(|error| error.to_string()),
            Answer::Failed(failure) => Err(failure.reason),
        };
        match read {
            Ok(mut options) => {
                let checkout = checkouts.get(&module.repo);
                for option in &mut options {
                    let declared = option.declared.take();
                    option.declared = declared
                        .and_then(|declared| declared.below(checkout.map(PathBuf::as_path)));
                }
                options.sort_by(|one, other| one.path.cmp(&other.path));
                facts.modules.insert(key, options);
            }
            Err(reason) => drop(facts.unread.insert(key, reason)),
        }
    }
    Ok(())
}
