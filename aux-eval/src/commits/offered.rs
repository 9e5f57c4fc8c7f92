//! What a commit offers besides what its contract says, and only Nix knows: functions of `lib`,
//! options of modules, and what a core hands to layers.

use std::collections::BTreeMap;
use std::time::Duration;

use aux_model::{Interface, InterfaceChange, ModuleClass, Offer, Repo, Rev};
use aux_nix::Question;
use serde_json::Value;

use crate::commits::contracts::Versions;
use crate::commits::error::CommitsError;
use crate::commits::evaluator::Commits;
use crate::commits::memory::Offers;
use crate::evaluate::clauses;

/// The file that the functions of a repo are in.
const LIB: &str = "lib/default.nix";

/// The names of `lib`: whatever its values are, they have an answer.
const FUNCTIONS: &str = "builtins.attrNames (flake.lib or { })";

/// The names of the sets in `lib`, as far as they are no packages.
const BELOW: &str = "
  let
    lib = flake.lib or { };
    isSet = value: (builtins.tryEval (builtins.isAttrs value && (value.type or null) != \"derivation\")).value;
    below = name: map (inner: \"${name}.${inner}\") (builtins.attrNames lib.${name});
  in
  builtins.concatMap (name: if isSet lib.${name} then below name else [ ]) (builtins.attrNames lib)
";

/// What a core hands to layers.
const ARGUMENTS: &str = "
  let
    layer = arguments: _: _: { auxGenArguments = builtins.attrNames arguments; };
  in
  (flake.mkPackages { inherit system; layers = [ layer ]; }).auxGenArguments
";

impl Commits<'_> {
    /// What a repo offers at a commit and did not at an earlier one, and the other way round, with the
    /// other repos at theirs; none if one of the two does not say what it offers. Of what Nix has no
    /// answer for, as it has for a module that needs the system it is for, nothing is said.
    ///
    /// # Errors
    /// When git refuses, or Nix cannot be started.
    pub fn change(
        &self,
        repo: &Repo,
        (before, after): (&Rev, &Rev),
        versions: &Versions,
    ) -> Result<Option<InterfaceChange>, CommitsError> {
        let Some((mut was, mut is)) = self.interfaces(repo, (before, after))? else {
            return Ok(None);
        };
        let (then, now) = (
            self.evaluated(repo, before, &was, versions)?,
            self.evaluated(repo, after, &is, versions)?,
        );
        for (asked, Answered { offer, names }) in then {
            // What is not asked any more is gone, and with it the module or the library.
            let known = now.get(&asked).map(|answered| answered.names.as_ref());
            let known = known.unwrap_or(Some(&EMPTY));
            if let (Some(names), Some(known)) = (names, known) {
                let of_it = |name| (name, offer);
                // What was several options and is one of all of them is set as before.
                let is_within = |name: &String| {
                    let mut above = name.match_indices('.').map(|(at, _)| &name[..at]);
                    let is_option = |above: &str| known.iter().any(|known| known == above);
                    offer == Offer::Option && above.any(is_option)
                };
                let names = names.into_iter().filter(|name| !is_within(name));
                was.offers.extend(names.map(of_it));
                is.offers.extend(known.iter().cloned().map(of_it));
            }
        }
        Ok(Some(is.since(&was)))
    }

    fn interfaces(
        &self,
        repo: &Repo,
        (before, after): (&Rev, &Rev),
    ) -> Result<Option<(Interface, Interface)>, CommitsError> {
        let was = self.contracts.interface(&repo.name, before)?;
        let is = self.contracts.interface(&repo.name, after)?;
        Ok(was.zip(is))
    }

    /// The answers by question.
    fn evaluated(
        &self,
        repo: &Repo,
        commit: &Rev,
        interface: &Interface,
        versions: &Versions,
    ) -> Result<BTreeMap<String, Answered>, CommitsError> {
        let mut asked = Vec::new();
        let mut ask = |key: &str, offer: Offer, expression: &str| {
            let question = Question::new(key, clauses::of_flake(repo.name.as_str(), expression));
            asked.push((offer, question));
        };
        let tree = self.trees.get(&repo.name);
        let has_lib = tree
            .map(|tree| tree.text_at(commit, LIB))
            .transpose()?
            .flatten()
            .is_some();
        if has_lib {
            ask("lib", Offer::Function, FUNCTIONS);
            ask("lib.*", Offer::Function, BELOW);
        }
        if repo.name == self.catalog.core().name {
            ask("arguments", Offer::Argument, ARGUMENTS);
        }
        let modules = interface.offers.iter();
        for (name, _) in modules.filter(|(_, offer)| **offer == Offer::Module) {
            let Some((class, module)) = name.split_once('.') else {
                continue;
            };
            let Ok(class) = class.parse::<ModuleClass>() else {
                continue;
            };
            let output = format!("{}.{module}", class.flake_output());
            ask(name, Offer::Option, &clauses::option_names(&output));
        }
        let mut versions = versions.clone();
        versions.insert(repo.name.clone(), commit.clone());
        let (offers, questions): (Vec<Offer>, Vec<Question>) = asked.into_iter().unzip();
        if questions.is_empty() {
            return Ok(BTreeMap::new());
        }
        let key = self.key_of("offers", repo, &questions, &versions);
        let known = match self.memory.offers(&key) {
            Some(known) => known,
            None => {
                let inputs = self.inputs(repo).into_iter();
                let answers = self.ask_within(MOST, inputs, &questions, &versions)?;
                let answers = answers.into_iter();
                let answers: Offers = answers
                    .map(|(key, answer)| (key, answer.ok().as_ref().map(texts)))
                    .collect();
                self.memory.put_offers(key, &answers);
                answers
            }
        };
        let answers = questions.iter().zip(offers).map(|(question, offer)| {
            let names = known.get(&question.key).cloned().flatten();
            let names = names.map(|names| names_of(offer, &names));
            (question.key.clone(), Answered { offer, names })
        });
        Ok(answers.collect())
    }
}

/// Names are known at once, or never.
const MOST: Duration = Duration::from_secs(10);

/// An answer of Nix's: names of things of one sort.
struct Answered {
    offer: Offer,
    /// None if there is no answer.
    names: Option<Vec<String>>,
}

static EMPTY: Vec<String> = Vec::new();

/// The texts of a list.
fn texts(list: &Value) -> Vec<String> {
    let list = list.as_array().into_iter().flatten();
    let texts = list.filter_map(Value::as_str);
    texts.map(str::to_owned).collect()
}

/// The names of an answer, as the interface has them.
fn names_of(offer: Offer, names: &[String]) -> Vec<String> {
    let names = names.iter();
    names
        .map(|name| match offer {
            Offer::Function => format!("lib.{name}"),
            Offer::Argument => format!("arguments.{name}"),
            _ => format!("options.{name}"),
        })
        .collect()
}
