//! What packages and members of sets say of themselves, on one system.

use std::collections::BTreeMap;

use aux_model::{Catalog, Package, Repo, RepoName, Shape, System};
use aux_nix::language::quote;
use aux_nix::{Answer, Nix, NixError, Question};
use serde::Deserialize;

use crate::evaluate::clauses::of_flake;
use crate::evaluate::family::Scope;
use crate::facts::known::{Facts, PackageFacts, Subject};

/// A function of a package.
const PACKAGE: &str = include_str!("package.nix");

/// What [`PACKAGE`] answers.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Said {
    #[serde(flatten)]
    facts: Meta,
    is_broken: bool,
}

#[derive(Deserialize)]
struct Meta {
    version: Option<String>,
    description: Option<String>,
    homepage: Option<String>,
    licenses: Vec<String>,
    platforms: Option<Vec<String>>,
    unfree: bool,
    insecure: Vec<String>,
}

pub(super) fn ask(
    catalog: &Catalog,
    repos: &BTreeMap<&RepoName, &Repo>,
    nix: &Nix,
    scope: &Scope,
    system: &System,
    facts: &mut Facts,
) -> Result<(), NixError> {
    let subjects = subjects(catalog, repos);
    let top = catalog.top_level().name.as_str();
    let question = |body: &dyn Fn(&str) -> String| -> Vec<Question> {
        let questions = subjects.iter().map(|(subject, attribute)| {
            let package = format!("flake.auxPackages.${{system}}.{attribute}");
            Question::new(subject.to_string(), of_flake(top, &body(&package)))
        });
        questions.collect()
    };
    let said = question(&|package| format!("({PACKAGE}) {package}"));
    let said = nix.ask(&scope.expression, &said, &scope.limits)?;
    let evaluated = question(&|package| format!("builtins.seq {package}.drvPath true"));
    let evaluated = nix.ask(&scope.expression, &evaluated, &scope.limits)?;
    for (((subject, _), said), evaluated) in subjects.into_iter().zip(said).zip(evaluated) {
        let known = facts.packages.entry(subject).or_default();
        let mut is_broken = false;
        match said.answer {
            Answer::Value(value) => match serde_json::from_value::<Said>(value) {
                Ok(said) => {
                    is_broken = said.is_broken;
                    known.learn(said.facts);
                }
                Err(error) => drop(known.broken.insert(system.clone(), error.to_string())),
            },
            Answer::Failed(failure) => {
                known.broken.insert(system.clone(), failure.reason);
                continue;
            }
        }
        let is_elsewhere = known.platforms.as_ref().is_some_and(|platforms| {
            let is_it = |one: &String| one == system.as_str();
            !platforms.iter().any(is_it)
        });
        match evaluated.answer {
            _ if is_broken => {
                let reason = "its `meta` says that it is broken".to_owned();
                known.broken.insert(system.clone(), reason);
            }
            // Whoever refuses what is not free, not safe or for other systems says nothing of whether
            // it works.
            _ if known.unfree || !known.insecure.is_empty() || is_elsewhere => {}
            Answer::Value(_) => {}
            Answer::Failed(failure) => {
                known.broken.insert(system.clone(), failure.reason);
            }
        }
    }
    Ok(())
}

impl PackageFacts {
    /// Takes what is not known from another system yet.
    fn learn(&mut self, said: Meta) {
        self.version = self.version.take().or(said.version);
        self.description = self.description.take().or(said.description);
        self.homepage = self.homepage.take().or(said.homepage);
        self.platforms = self.platforms.take().or(said.platforms);
        if self.licenses.is_empty() {
            self.licenses = said.licenses;
        }
        if self.insecure.is_empty() {
            self.insecure = said.insecure;
        }
        self.unfree |= said.unfree;
    }
}

/// Packages and members, each with the path of the attribute that speaks for it.
fn subjects(catalog: &Catalog, repos: &BTreeMap<&RepoName, &Repo>) -> Vec<(Subject, String)> {
    let packages = catalog
        .packages()
        .filter(|package| repos.contains_key(&package.id.repo))
        .filter_map(|package| {
            let attribute = attribute(package)?;
            Some((Subject::Package(package.id.clone()), quote(&attribute)))
        });
    let parts = catalog.sets().filter(|set| repos.contains_key(&set.repo));
    let members = parts.flat_map(|set| {
        let own = set.instances.contains_key(&set.name);
        let instance = set.default.as_ref().filter(|_| !own).unwrap_or(&set.name);
        set.members.keys().map(move |name| {
            let attribute = format!("{}.{}", quote(instance.as_str()), quote(name.as_str()));
            let subject = Subject::Member(set.repo.clone(), set.name.clone(), name.clone());
            (subject, attribute)
        })
    });
    packages.chain(members).collect()
}

/// The attribute of a package that speaks for it.
fn attribute(package: &Package) -> Option<String> {
    Some(match &package.shape {
        Shape::Builder => return None,
        Shape::Single | Shape::Variants(_) => package.id.name.to_string(),
        Shape::Set(members) => members.first()?.to_string(),
    })
}
