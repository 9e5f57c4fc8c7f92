//! Attributes that are lists of overlays of a package set, found by adding to each and asking Nix what it reaches.

use std::collections::{BTreeMap, BTreeSet};

use aux_eval::snapshot::{Evaluated, PackageSet, Snapshot, tree_set};
use aux_model::{AttrName, System};
use aux_nix::language::quote;
use aux_nix::{Nix, NixError, Question};
use serde_json::Value;

use crate::split::monorepo::Monorepo;

/// What a hook is called: nixpkgs has `pythonPackagesExtensions` and the like.
const HOOKS: [&str; 3] = ["Extensions", "Overlays", "Overrides"];

/// What is added to a set to see which sets it reaches: the names that stand below it there.
const PROBE: &str = "aux-gen-probe";

/// The attributes that are lists of overlays, each with the sets that it reaches, and what each of those has
/// below what is added.
pub(super) struct Hooks(BTreeMap<AttrName, BTreeMap<AttrName, BTreeSet<String>>>);

impl Hooks {
    pub(super) fn of(
        monorepo: &Monorepo,
        (whole, snapshot): (&PackageSet, Option<&Snapshot>),
        nix: &Nix,
        system: &System,
    ) -> Result<Self, NixError> {
        let names = aux_eval::snapshot::names(nix, whole)?;
        let names: Vec<AttrName> = names.iter().filter_map(|name| name.parse().ok()).collect();
        // What is known to be something else need not be asked.
        let may_be_set = |name: &&AttrName| {
            let found = snapshot.and_then(|snapshot| snapshot.attributes.get(name.as_str()));
            found.is_none_or(|found| matches!(found, Evaluated::Is(is) if is == "set"))
        };
        let sets: Vec<&AttrName> = names.iter().filter(may_be_set).collect();
        let candidates = names
            .iter()
            .filter(|name| HOOKS.iter().any(|end| name.as_str().ends_with(end)));
        let mut hooks = BTreeMap::new();
        for hook in candidates {
            let quoted = quote(hook.as_str());
            // An attribute that is no list has nothing to add to.
            let probe = format!(
                "[ (final: prev: if builtins.isList prev.{quoted} then {{ {quoted} = prev.{quoted} ++ [ (_: super: {{ {PROBE} = builtins.attrNames super; }}) ]; }} else {{ }}) ]"
            );
            let probed = tree_set(monorepo.root(), system, &probe, nix.reach());
            let questions: Vec<Question> = sets
                .iter()
                .map(|name| {
                    let value = format!("scope.{}", quote(name.as_str()));
                    Question::new(
                        name.as_str(),
                        format!(
                            "if builtins.isAttrs {value} && !({value} ? drvPath) then {value}.{PROBE} or null else null"
                        ),
                    )
                })
                .collect();
            let reached = nix.ask(&probed, &questions, whole.limits())?;
            let reached = reached.iter().filter_map(|answered| {
                let below = answered.answer.value()?.as_array()?;
                let below = below.iter().filter_map(Value::as_str).map(str::to_owned);
                Some((answered.key.parse().ok()?, below.collect()))
            });
            hooks.insert(hook.clone(), reached.collect());
        }
        Ok(Self(hooks))
    }

    /// The list that a set can be added to by, and the sets that that reaches.
    pub(super) fn of_set(
        &self,
        set: &AttrName,
    ) -> Option<(&AttrName, &BTreeMap<AttrName, BTreeSet<String>>)> {
        let mut hooks = self.0.iter();
        hooks.find(|(_, reached)| reached.contains_key(set))
    }

    /// The sets that a list reaches, and what each has below what is added.
    pub(super) fn reached_by(
        &self,
        hook: &AttrName,
    ) -> Option<&BTreeMap<AttrName, BTreeSet<String>>> {
        self.0.get(hook)
    }
}
