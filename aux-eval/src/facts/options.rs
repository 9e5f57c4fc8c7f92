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
    let outputs: Vec<String> = modules
        .iter()
        .map(|module| format!("{}.{}", module.class.flake_output(), module.name))
        .collect();
    let ask = |bodies: Vec<(usize, String)>| -> Result<Vec<Answer>, NixError> {
        let questions: Vec<Question> = bodies
            .into_iter()
            .map(|(at, body)| {
                let repo = modules[at].repo.as_str();
                Question::new(
                    format!("{repo}/{}", modules[at].name),
                    of_flake(repo, &body),
                )
            })
            .collect();
        let answers = nix.ask(&scope.expression, &questions, &scope.limits)?;
        Ok(answers
            .into_iter()
            .map(|answered| answered.answer)
            .collect())
    };
    let whole = outputs
        .iter()
        .map(|output| option_documents(output))
        .enumerate();
    for (at, answer) in ask(whole.collect())?.into_iter().enumerate() {
        let module = modules[at];
        let key = (module.repo.clone(), module.name.clone());
        let read = match answer.read() {
            Ok(options) => Ok(options),
            // One option is enough to have no answer for all.
            Err(reason) => one_by_one(at, &outputs[at], &ask)?.ok_or(reason),
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

/// The options of a module of which not all can be read: each with what can be, the others by their
/// path. None if not even the paths can.
fn one_by_one(
    at: usize,
    output: &str,
    ask: &dyn Fn(Vec<(usize, String)>) -> Result<Vec<Answer>, NixError>,
) -> Result<Option<Vec<ModuleOption>>, NixError> {
    /// Less and less of an option, until something can be read.
    const PARTS: [&str; 4] = [
        "option",
        "option // { default = null; }",
        "option // { default = null; example = null; }",
        "{ inherit (option) path; type = null; default = null; example = null; description = null; declared = null; }",
    ];
    let documents = option_documents(output);
    let paths = ask(vec![(at, format!("map (option: option.path) {documents}"))])?;
    let paths: Option<Vec<String>> = paths
        .into_iter()
        .next()
        .and_then(|answer| answer.read().ok());
    let Some(paths) = paths else {
        return Ok(None);
    };
    let mut left: Vec<usize> = (0..paths.len()).collect();
    let mut found = Vec::new();
    for part in PARTS {
        let body = |number: &usize| {
            let option = format!("let option = builtins.elemAt {documents} {number}; in {part}");
            (at, option)
        };
        let answers = ask(left.iter().map(body).collect())?;
        let mut still = Vec::new();
        for (number, answer) in left.iter().zip(answers) {
            match answer.read::<ModuleOption>() {
                Ok(mut option) => {
                    option.is_partly = part != PARTS[0];
                    found.push(option);
                }
                Err(_) => still.push(*number),
            }
        }
        left = still;
    }
    Ok(Some(found))
}
