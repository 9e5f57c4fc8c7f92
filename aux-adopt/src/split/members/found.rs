//! What texts and Nix know of package sets: how others add to each, and where its members come from.

use std::collections::{BTreeMap, BTreeSet};

use aux_eval::snapshot::{Evaluated, PackageSet, Snapshot};
use aux_model::{AttrName, System, Wiring};
use aux_nix::language::quote;
use aux_nix::{Answer, Nix, Question};
use serde_json::Value;

use crate::relayout::{COMMENTED, Call};
use crate::split::members::hooks::Hooks;
use crate::split::members::lists::Lists;
use crate::split::members::ties::ties;
use crate::split::monorepo::{Monorepo, Tie, TreeError};
use crate::split::rules::Rules;

/// The package sets of which rules name members, by name.
#[derive(Debug, Clone, Default)]
pub struct PackageSets(pub(in crate::split) BTreeMap<AttrName, SplitSet>);

/// A package set of the tree.
#[derive(Debug, Clone, Default)]
pub struct SplitSet {
    /// The by-name directory that defines it; none if something else does.
    pub(in crate::split) definer: Option<AttrName>,
    /// The attribute with the list of overlays that others add to.
    pub hook: Option<AttrName>,
    /// Why nothing can be added to it.
    pub(in crate::split) closed: Option<String>,
    /// The attributes that what is added reaches: one for each interpreter, and the set itself.
    pub instances: BTreeSet<AttrName>,
    /// What it has.
    pub members: BTreeMap<AttrName, SplitMember>,
    /// Members without a value for the system that was asked for, or without a name that a manifest can
    /// have: nobody knows where these come from, and they stay.
    pub without_value: BTreeSet<String>,
}

/// A package of a set.
#[derive(Debug, Clone, Default)]
pub struct SplitMember {
    /// What it evaluates to, in the set and in its instances as far as a snapshot has them.
    pub(in crate::split) derivations: BTreeSet<String>,
    /// The entry of a list that calls it.
    pub(in crate::split) call: Option<Call>,
    /// Why it cannot leave its list.
    pub(in crate::split) stays: Option<String>,
    /// Paths that join it with something else.
    pub(in crate::split) ties: Vec<Tie>,
}

impl PackageSets {
    /// Finds out how each set can be added to, and which entry of which list calls each of its members.
    /// `snapshot` is of the whole, if there is one.
    ///
    /// # Errors
    /// When a file cannot be read, or Nix cannot be started or asked.
    pub fn of(
        monorepo: &Monorepo,
        rules: &Rules,
        wiring: Wiring,
        snapshot: Option<&Snapshot>,
        (nix, system): (&Nix, &System),
    ) -> Result<Self, TreeError> {
        let names = rules.sets_of_members();
        if names.is_empty() {
            return Ok(Self::default());
        }
        let whole = monorepo.set().whole(nix, system)?;
        let hooks = Hooks::of(monorepo, (&whole, snapshot), nix, system)?;
        let lists = Lists::of(monorepo)?;
        let definers = monorepo.definers();
        let mut sets = Self::default();
        for name in names {
            let Ok(name) = name.parse::<AttrName>() else {
                continue;
            };
            let mut set = SplitSet {
                definer: definers.get(name.as_str()).map(|unit| (*unit).clone()),
                ..SplitSet::default()
            };
            match hooks.of_set(&name) {
                Some((hook, instances)) => {
                    // What other files of core say again comes after the layers of other repos.
                    if wiring == Wiring::Layers && !definers.contains_key(hook.as_str()) {
                        set.closed = Some(format!(
                            "`{hook}` is defined in no by-name directory, and so after what other repos add to it"
                        ));
                    }
                    set.hook = Some(hook.clone());
                    set.instances = instances.keys().cloned().collect();
                }
                None => set.closed = Some("no list of overlays reaches it, such as `pythonPackagesExtensions`, and so nobody can add to it".to_owned()),
            }
            set.look(&name, monorepo, &lists, snapshot, (&whole, nix))?;
            sets.0.insert(name, set);
        }
        for set in sets.0.values_mut() {
            set.others(monorepo, &hooks, (&whole, nix))?;
        }
        Ok(sets)
    }

    /// Each set, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&AttrName, &SplitSet)> {
        self.0.iter()
    }

    /// The hooks of all sets.
    pub(in crate::split) fn hooks(&self) -> BTreeSet<&AttrName> {
        self.0
            .values()
            .filter_map(|set| set.hook.as_ref())
            .collect()
    }
}

impl SplitSet {
    /// Why nobody can add to it; none if they can.
    #[must_use]
    pub fn closed(&self) -> Option<&str> {
        self.closed.as_deref()
    }

    /// Asks Nix what each member is, and which call of a list comes to the same.
    fn look(
        &mut self,
        set: &AttrName,
        monorepo: &Monorepo,
        lists: &Lists<'_>,
        snapshot: Option<&Snapshot>,
        (whole, nix): (&PackageSet, &Nix),
    ) -> Result<(), TreeError> {
        let quoted = quote(set.as_str());
        let names = Question::new("names", format!("builtins.attrNames scope.{quoted}"));
        let names = whole.ask(nix, &[names])?.remove(0).answer;
        let names: Vec<String> = match names {
            Answer::Value(names) => serde_json::from_value(names).unwrap_or_default(),
            Answer::Failed(failure) => {
                self.closed = Some(format!("it has no value: {}", failure.reason));
                return Ok(());
            }
        };
        // A function or a plain set is no package; what fails is for the answer to say.
        let questions: Vec<Question> = names
            .iter()
            .map(|name| {
                let value = format!("scope.{quoted}.{}", quote(name));
                Question::new(
                    name,
                    format!("if {value} ? drvPath then {value}.drvPath else null"),
                )
            })
            .collect();
        let found = whole.ask(nix, &questions)?;
        for (name, answered) in names.iter().zip(found) {
            let derivation = match answered.answer.value() {
                Some(Value::Null) => continue,
                derivation => derivation.and_then(Value::as_str),
            };
            match (derivation, name.parse::<AttrName>()) {
                (Some(derivation), Ok(name)) => {
                    let mut derivations = BTreeSet::from([derivation.to_owned()]);
                    // Other instances may lack it, or have it otherwise.
                    let others = self.instances.iter().filter_map(|instance| {
                        let of_instance = format!("{instance}.{name}");
                        match snapshot?.attributes.get(&of_instance)? {
                            Evaluated::Derivation(path) => Some(path.clone()),
                            Evaluated::Is(_) | Evaluated::Failed { .. } => None,
                        }
                    });
                    derivations.extend(others);
                    let member = SplitMember {
                        derivations,
                        ..SplitMember::default()
                    };
                    self.members.insert(name, member);
                }
                _ => {
                    self.without_value.insert(name.clone());
                }
            }
        }
        self.calls(&quoted, monorepo, lists, (whole, nix))?;
        let targets = self.members.iter().filter_map(|(name, member)| {
            let call = member.call.as_ref()?;
            Some((call.target.as_str(), (name, call)))
        });
        for (name, tie) in ties(monorepo, &targets.collect())? {
            if let Some(member) = self.members.get_mut(&name) {
                member.ties.push(tie);
            }
        }
        Ok(())
    }

    /// Of the entries of lists that have the name of a member, the one that comes to it when the set
    /// itself calls what it calls.
    fn calls(
        &mut self,
        set: &str,
        monorepo: &Monorepo,
        lists: &Lists<'_>,
        (whole, nix): (&PackageSet, &Nix),
    ) -> Result<(), TreeError> {
        let mut asked: Vec<(&AttrName, &Call)> = Vec::new();
        for name in self.members.keys() {
            let listed = lists.entries(name.as_str());
            asked.extend(listed.iter().map(|call| (name, call)));
        }
        let questions: Vec<Question> = asked
            .iter()
            .map(|(name, call)| {
                let path = quote(&monorepo.root().join(&call.target).to_string_lossy());
                Question::new(
                    name.as_str(),
                    format!(
                        "(scope.{set}.callPackage (/. + {path}) {{ }}).drvPath == scope.{set}.{}.drvPath",
                        quote(name.as_str())
                    ),
                )
            })
            .collect();
        let answers = whole.ask(nix, &questions)?;
        let mut fitting: BTreeMap<AttrName, Vec<(Call, bool)>> = BTreeMap::new();
        for ((name, call), answered) in asked.into_iter().zip(answers) {
            let is_same = answered.answer.value() == Some(&Value::Bool(true));
            let of_name = fitting.entry(name.clone()).or_default();
            of_name.push((call.clone(), is_same));
        }
        for (name, member) in &mut self.members {
            let all = fitting.remove(name).unwrap_or_default();
            let same: Vec<&Call> = all
                .iter()
                .filter(|(_, is_same)| *is_same)
                .map(|(call, _)| call)
                .collect();
            let place = |call: &Call| format!("{}:{}", call.file, call.line);
            member.stays = match (&same[..], &all[..]) {
                ([call], _) => {
                    // Its entry gets another value, and the comment stays where it is.
                    let reason = call.stays.filter(|reason| *reason != COMMENTED);
                    match reason.map(str::to_owned).or_else(|| lists.stays(call)) {
                        Some(reason) => Some(format!("{}: {reason}", place(call))),
                        None => {
                            member.call = Some((*call).clone());
                            None
                        }
                    }
                }
                ([one, other, ..], _) => Some(format!(
                    "both {} and {} come to it",
                    place(one),
                    place(other)
                )),
                ([], [(call, _), ..]) => Some(format!(
                    "{}: {}",
                    place(call),
                    call.stays
                        .unwrap_or("the set does not come to it by `callPackage` alone")
                )),
                ([], []) => Some("no list has it: a file that is one set, with `NAME = callPackage PATH { };` in it".to_owned()),
            };
        }
        Ok(())
    }

    /// Looks at the other instances: what is added must stand above the lists there, too, and a member must be the
    /// same call in each that has it.
    fn others(
        &mut self,
        monorepo: &Monorepo,
        hooks: &Hooks,
        (whole, nix): (&PackageSet, &Nix),
    ) -> Result<(), TreeError> {
        let Some(reached) = self.hook.as_ref().and_then(|hook| hooks.reached_by(hook)) else {
            return Ok(());
        };
        let mut asked = Vec::new();
        for (name, member) in &mut self.members {
            if member.call.is_none() {
                continue;
            }
            let above = reached
                .iter()
                .find(|(_, below)| !below.contains(name.as_str()));
            if let Some((instance, _)) = above {
                member.stays = Some(format!(
                    "what other repos add to `{instance}` comes before the list that has it"
                ));
                member.call = None;
                continue;
            }
            asked.extend(reached.keys().map(|instance| (name.clone(), instance)));
        }
        let questions = asked.iter().filter_map(|(name, instance)| {
            let call = self.members.get(name)?.call.as_ref()?;
            let (instance, name) = (quote(instance.as_str()), quote(name.as_str()));
            let path = quote(&monorepo.root().join(&call.target).to_string_lossy());
            Some(Question::new(
                "",
                format!(
                    "(scope.{instance}.callPackage (/. + {path}) {{ }}).drvPath == scope.{instance}.{name}.drvPath"
                ),
            ))
        });
        let answers = whole.ask(nix, &questions.collect::<Vec<_>>())?;
        for ((name, instance), answered) in asked.iter().zip(answers) {
            // What has no value there, has none afterwards.
            let is_another = answered.answer.value() == Some(&Value::Bool(false));
            if let Some(member) = self.members.get_mut(name).filter(|_| is_another) {
                member.stays = Some(format!("in `{instance}` it is something else"));
                member.call = None;
            }
        }
        Ok(())
    }
}
