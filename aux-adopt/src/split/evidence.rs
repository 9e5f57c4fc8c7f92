//! What Nix knows that no text says: what core boots from, whose packages are in a
//! set, and who maintains what.

use std::collections::{BTreeMap, BTreeSet};

use aux_eval::snapshot::{PackageSet, maintainers, tree_set};
use aux_model::{AttrName, System};
use aux_nix::language::paths::holder;
use aux_nix::language::quote;
use aux_nix::{Answer, FailureKind, Limits, Nix, NixError, Question};
use serde_json::Value;

use crate::split::members::PackageSets;
use crate::split::monorepo::Monorepo;
use crate::split::rules::{Rules, plain_owner};

/// What an assignment goes by, besides rules and texts.
#[derive(Debug, Clone, Default)]
pub struct Evidence {
    /// The names that evaluating each attribute of core's bootstrap asks for, in any
    /// of its stages, in the order of the rules.
    pub(super) reached: Vec<(String, BTreeSet<String>)>,
    /// The attributes of core's bootstrap that have no value, and why.
    pub without_value: BTreeMap<String, String>,
    /// Those of them that the set does not have at all.
    pub missing: BTreeSet<String>,
    /// Who owns each by-name directory: people and teams.
    pub(super) owners: BTreeMap<AttrName, BTreeSet<String>>,
    /// Which by-name directories the packages of a set come from.
    pub(super) sets: BTreeMap<String, BTreeSet<AttrName>>,
}

/// Evaluates `root` with an overlay that notes every attribute that is needed.
/// Overlays reach the stages of a bootstrap, and noting changes no value. Members of package sets
/// are noted through their hooks, as HOOK.NAME. A function,
/// such as `fetchurl`, is called as one that fetches a source.
const TRACED: &str = r#"let
  overlay = final: prev: builtins.mapAttrs forced (prev // builtins.listToAttrs (map (hook: {
    name = hook;
    value = prev.${hook} ++ [ (_: super: builtins.mapAttrs (name: forced "${hook}.${name}") super) ];
  }) (builtins.filter (hook: prev ? ${hook}) [ @HOOKS@ ])));
  set = @SET@;
  value = builtins.foldl' (value: part: value.${part}) set @PATH@;
  source = {
    url = "https://example.org/source-1.0.tar.gz";
    sha256 = "0000000000000000000000000000000000000000000000000000";
  };
in
if builtins.isFunction value || value ? __functor then (value source).drvPath
else value.drvPath or (builtins.typeOf value)"#;

impl Evidence {
    /// Asks Nix for all that the rules want to know; without Nix, texts are all.
    ///
    /// # Errors
    /// When Nix cannot be started or asked. What fails inside Nix is in the answer.
    pub fn of(
        monorepo: &Monorepo,
        rules: &Rules,
        sets: &PackageSets,
        nix: Option<&Nix>,
        system: &System,
    ) -> Result<Self, NixError> {
        let mut evidence = Self::default();
        for (name, unit) in &monorepo.units {
            let mut owners = BTreeSet::new();
            for file in unit.asks.keys() {
                let of_part = monorepo.adopted.owners.of_part(file);
                owners.extend(of_part.into_iter().map(str::to_owned));
            }
            evidence.owners.insert(name.clone(), owners);
        }
        let definers = monorepo.definers();
        for set in rules.sets() {
            let definer = definers.get(set).map(|unit| (*unit).clone());
            evidence
                .sets
                .insert(set.to_owned(), definer.into_iter().collect());
        }
        if let Some(nix) = nix {
            // A core that is somebody else's boots from nothing of it.
            if !monorepo.set().is_over_core() {
                evidence.boot(monorepo, rules, sets, (nix, system))?;
            }
            evidence.look_into_sets(monorepo, rules, nix, system)?;
            if rules.ask_for_owners() {
                let set = monorepo.set().own(nix, system)?;
                let names: Vec<&str> = definers.keys().copied().collect();
                for (attribute, handles) in maintainers(nix, &set, &names)? {
                    if let Some(unit) = definers.get(attribute.as_str())
                        && let Some(owners) = evidence.owners.get_mut(*unit)
                    {
                        let handles = handles.iter();
                        owners.extend(handles.map(|owner| plain_owner(owner).to_owned()));
                    }
                }
            }
        }
        Ok(evidence)
    }

    fn boot(
        &mut self,
        monorepo: &Monorepo,
        rules: &Rules,
        sets: &PackageSets,
        (nix, system): (&Nix, &System),
    ) -> Result<(), NixError> {
        let hooks = sets.hooks().into_iter();
        let hooks: Vec<String> = hooks.map(|hook| quote(hook.as_str())).collect();
        let set = PackageSet::of_tree(monorepo.root(), system, "", nix, &Limits::default())?;
        for root in &rules.core.bootstrap {
            let parts: Vec<String> = root.split('.').map(quote).collect();
            let traced = TRACED
                .replace(
                    "@SET@",
                    &tree_set(monorepo.root(), system, "[ overlay ]", nix.reach()),
                )
                .replace("@PATH@", &format!("[ {} ]", parts.join(" ")))
                .replace("@HOOKS@", &hooks.join(" "));
            let forced = nix.forced(&traced, set.limits())?;
            match forced.answer {
                Answer::Failed(failure) => {
                    if failure.kind == FailureKind::MissingAttribute {
                        self.missing.insert(root.clone());
                    }
                    self.without_value.insert(root.clone(), failure.reason);
                }
                Answer::Value(_) if forced.names.is_empty() => {
                    let reason = "its `default.nix` does not take `overlays`, so nobody can say what it needs";
                    self.without_value.insert(root.clone(), reason.to_owned());
                }
                Answer::Value(_) => {}
            }
            self.reached.push((root.clone(), forced.names));
        }
        Ok(())
    }

    /// Where the packages of each set are written.
    fn look_into_sets(
        &mut self,
        monorepo: &Monorepo,
        rules: &Rules,
        nix: &Nix,
        system: &System,
    ) -> Result<(), NixError> {
        let root = format!("{}/", monorepo.root().display());
        let places: BTreeMap<&str, &AttrName> = monorepo
            .units
            .iter()
            .map(|(name, unit)| (unit.directory.as_str(), name))
            .collect();
        for set in rules.sets() {
            let package_set = monorepo.set().own(nix, system)?.within(set);
            let names = Question::new("names", "builtins.attrNames scope");
            let names = package_set.ask(nix, &[names])?;
            let names: Vec<String> = match names.first().and_then(|names| names.answer.value()) {
                Some(names) => serde_json::from_value(names.clone()).unwrap_or_default(),
                None => Vec::new(),
            };
            let questions: Vec<Question> = names
                .iter()
                .map(|name| {
                    let name = quote(name);
                    Question::new("", format!("scope.{name}.meta.position or null"))
                })
                .collect();
            for answered in package_set.ask(nix, &questions)? {
                // `FILE:LINE`; what has no value or no place tells nothing.
                let position = answered.answer.value().and_then(Value::as_str);
                let file = position.and_then(|position| position.strip_prefix(&root));
                let unit = file.and_then(|file| holder(&places, file));
                if let (Some((unit, _)), Some(units)) = (unit, self.sets.get_mut(set)) {
                    units.insert((*unit).clone());
                }
            }
        }
        Ok(())
    }
}
