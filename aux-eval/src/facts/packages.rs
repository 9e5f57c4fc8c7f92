//! What packages and members of sets say of themselves, on one system.

use std::collections::BTreeMap;

use aux_model::{AttributeKind, Catalog, Package, Repo, RepoName, System};
use aux_nix::language::quote;
use aux_nix::{Answer, Answered, FailureKind, Nix, NixError, Question};
use serde::Deserialize;

use crate::evaluate::clauses::of_flake;
use crate::evaluate::family::Scope;
use crate::facts::known::{Facts, PackageFacts, State, Subject};

/// A function of a package.
const PACKAGE: &str = include_str!("package.nix");

/// What [`PACKAGE`] answers.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Said {
    version: Option<String>,
    description: Option<String>,
    homepage: Option<String>,
    licenses: Vec<String>,
    platforms: Option<Vec<String>>,
    unfree: bool,
    insecure: Vec<String>,
    is_broken: bool,
}

/// A subject, and the paths of the attributes that it is asked by: the first speaks for it.
struct Asked {
    subject: Subject,
    attributes: Vec<Path>,
}

/// The path of an attribute below the package set.
struct Path {
    /// As Nix reads it.
    nix: String,
    /// As people do.
    shown: String,
}

/// The package set of top-level, as users get it, and as those do who allow everything.
struct Sets {
    usual: String,
    allowing: Option<String>,
}

pub(super) fn ask(
    catalog: &Catalog,
    repos: &BTreeMap<&RepoName, &Repo>,
    nix: &Nix,
    scope: &Scope,
    system: &System,
    facts: &mut Facts,
) -> Result<(), NixError> {
    let all = subjects(catalog, repos);
    let top = catalog.top_level();
    let sets = Sets {
        usual: "flake.auxPackages.${system}".to_owned(),
        // A flake that is written by hand need not know these arguments.
        allowing: top.is_generated().then(|| {
            "(flake.mkPackages { inherit system; config = { allowUnfree = true; allowBroken = true; allowUnsupportedSystem = true; allowInsecurePredicate = _: true; }; })".to_owned()
        }),
    };
    let ask = |bodies: Vec<String>| -> Result<Vec<Answered>, NixError> {
        let questions = bodies.into_iter().enumerate();
        let questions: Vec<Question> = questions
            .map(|(number, body)| {
                Question::new(number.to_string(), of_flake(top.name.as_str(), &body))
            })
            .collect();
        nix.ask(&scope.expression, &questions, &scope.limits)
    };
    let set = sets.allowing.as_ref().unwrap_or(&sets.usual);
    let said = ask(all
        .iter()
        .map(|asked| format!("({PACKAGE}) {set}.{}", asked.attributes[0].nix))
        .collect())?;
    let derivation =
        |set: &str, path: &Path| format!("builtins.seq {set}.{}.drvPath true", path.nix);
    let paths: Vec<(usize, &Path)> = all
        .iter()
        .enumerate()
        .flat_map(|(number, asked)| asked.attributes.iter().map(move |path| (number, path)))
        .collect();
    let usual = ask(paths
        .iter()
        .map(|(_, path)| derivation(&sets.usual, path))
        .collect())?;
    // Of what is refused, whether it works all the same.
    let failed: Vec<usize> = usual
        .iter()
        .enumerate()
        .filter_map(|(at, answered)| matches!(answered.answer, Answer::Failed(_)).then_some(at))
        .collect();
    let allowed = match &sets.allowing {
        Some(set) => ask(failed
            .iter()
            .map(|at| derivation(set, paths[*at].1))
            .collect())?,
        None => Vec::new(),
    };
    let allowed: BTreeMap<usize, &Answer> = failed
        .into_iter()
        .zip(allowed.iter().map(|answered| &answered.answer))
        .collect();
    let mut states: BTreeMap<usize, State> = BTreeMap::new();
    for (at, ((number, path), usual)) in paths.iter().zip(&usual).enumerate() {
        let is_own = path.shown == all[*number].attributes[0].shown;
        let state = state(
            &usual.answer,
            allowed.get(&at).copied(),
            (!is_own).then_some(&path.shown),
        );
        let known = states.entry(*number).or_insert(State::Evaluates);
        if weight(&state) > weight(known) {
            *known = state;
        }
    }
    for (number, (asked, said)) in all.into_iter().zip(said).enumerate() {
        let known = facts.packages.entry(asked.subject).or_default();
        let mut state = states.remove(&number).unwrap_or(State::Evaluates);
        known.asked = asked
            .attributes
            .into_iter()
            .map(|path| path.shown)
            .collect();
        match said.answer.read::<Said>() {
            Ok(said) => {
                if said.is_broken {
                    state = State::Broken("its `meta` says that it is broken".to_owned());
                }
                known.learn(said);
            }
            // What is broken has said so already.
            Err(reason) if matches!(state, State::Broken(_)) => drop(reason),
            Err(reason) => known.unread = Some(reason),
        }
        known.states.insert(system.clone(), state);
    }
    Ok(())
}

/// How an attribute stands, from what Nix answers for users and for those who allow everything.
fn state(usual: &Answer, allowed: Option<&Answer>, attribute: Option<&String>) -> State {
    let named = |reason: &str| match attribute {
        Some(attribute) => format!("`{attribute}`: {reason}"),
        None => reason.to_owned(),
    };
    match (usual, allowed) {
        (Answer::Value(_), _) => State::Evaluates,
        (Answer::Failed(failure), Some(Answer::Value(_))) => State::Refused(named(&failure.reason)),
        (_, Some(Answer::Failed(failure))) | (Answer::Failed(failure), None) => {
            match failure.kind {
                FailureKind::TimedOut
                | FailureKind::NotAsked
                | FailureKind::OutOfMemory
                | FailureKind::Died => State::Unknown(named(&failure.reason)),
                _ => State::Broken(named(&failure.reason)),
            }
        }
    }
}

/// Which of two states of one package is told: the worse one.
fn weight(state: &State) -> u8 {
    match state {
        State::Evaluates => 0,
        State::Refused(_) => 1,
        State::Unknown(_) => 2,
        State::Broken(_) => 3,
    }
}

impl PackageFacts {
    /// Takes what is not known from another system yet.
    fn learn(&mut self, said: Said) {
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

/// Packages and members, each with the attributes that it is asked by.
fn subjects(catalog: &Catalog, repos: &BTreeMap<&RepoName, &Repo>) -> Vec<Asked> {
    let packages = catalog
        .packages()
        .filter(|package| repos.contains_key(&package.id.repo))
        .filter_map(|package| {
            let attributes = attributes(package);
            (!attributes.is_empty()).then(|| Asked {
                subject: Subject::Package(package.id.clone()),
                attributes,
            })
        });
    let parts = catalog.sets().filter(|set| repos.contains_key(&set.repo));
    let members = parts.flat_map(|set| {
        let instance = set.usual_instance();
        set.members.keys().map(move |name| Asked {
            subject: Subject::Member(set.repo.clone(), set.name.clone(), name.clone()),
            attributes: vec![Path {
                nix: format!("{}.{}", quote(instance.as_str()), quote(name.as_str())),
                shown: format!("{instance}.{name}"),
            }],
        })
    });
    packages.chain(members).collect()
}

/// The attributes of a package that are derivations, the one that its own name means first. Other
/// names are the same derivations.
fn attributes(package: &Package) -> Vec<Path> {
    let own = &package.id.name;
    let mut names = Vec::new();
    package.each_attribute(|name, kind| match kind {
        AttributeKind::Derivation => names.push(name),
        AttributeKind::Alias(_) if name == own => names.insert(0, name),
        AttributeKind::Alias(_) | AttributeKind::Builder => {}
    });
    if let Some(at) = names.iter().position(|name| *name == own) {
        let own = names.remove(at);
        names.insert(0, own);
    }
    let path = |name: &aux_model::AttrName| Path {
        nix: quote(name.as_str()),
        shown: name.to_string(),
    };
    names.into_iter().map(path).collect()
}
