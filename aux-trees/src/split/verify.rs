//! `split --verify`: what every attribute of the tree evaluates to in the family.

use std::collections::BTreeSet;

use aux_adopt::split::BuiltFamily;
use aux_arguments::Split;
use aux_eval::snapshot::{Differences, Evaluated, PackageSet, Snapshot};
use aux_model::{AttrName, System};
use aux_nix::{Limits, Nix};
use aux_session::{Failure, Session, jobs};
use serde::Serialize;

use crate::split::plan::Plan;
use crate::split::steps::Steps;

/// What came of comparing.
#[derive(Serialize)]
pub(super) struct Verified {
    /// Set by set; the first is the whole.
    pub(super) sets: Vec<Compared>,
}

/// One set of the tree and of the family.
#[derive(Serialize)]
pub(super) struct Compared {
    /// Its path; empty for the whole.
    pub(super) set: String,
    pub(super) attributes: usize,
    pub(super) derivations: usize,
    pub(super) failed: usize,
    /// Sets, functions and the like: only what they are is compared.
    pub(super) others: usize,
    pub(super) differences: Differences,
    /// Attributes that fail in the same way as before, and say something else.
    pub(super) other_reasons: Vec<String>,
    #[serde(skip)]
    pub(super) after: Snapshot,
}

impl Verified {
    pub(super) fn is_same(&self) -> bool {
        self.sets.iter().all(Compared::is_same)
    }
}

impl Compared {
    fn of(set: &str, before: &Snapshot, after: Snapshot) -> Self {
        let failed = before.failed().count();
        let derivations = before.derivations();
        Self {
            set: set.to_owned(),
            attributes: before.attributes.len(),
            derivations,
            failed,
            others: before.attributes.len() - derivations - failed,
            differences: after.since(before),
            other_reasons: other_reasons(before, &after),
            after,
        }
    }

    /// Where nothing has a derivation, nothing was compared.
    pub(super) fn is_same(&self) -> bool {
        self.differences.is_empty() && self.derivations > 0
    }
}

/// What each set of the tree evaluates to that is to be compared.
pub(super) fn before(
    session: &Session,
    args: &Split,
    plan: &Plan,
    nix: &Nix,
    system: &System,
) -> Result<Vec<(String, Snapshot)>, Failure> {
    let steps = Steps::new(session);
    let whole = plan.measured.snapshot.clone();
    let mut sets: Vec<(String, Snapshot)> = whole
        .into_iter()
        .map(|snapshot| (String::new(), snapshot))
        .collect();
    // Where members have moved, sets that do not ask to be looked into are looked into all the same.
    let moved = plan.assignment.members.iter();
    let moved: BTreeSet<&AttrName> = moved
        .filter(|(_, placed)| placed.repo().is_some())
        .map(|((set, _), _)| set)
        .collect();
    let instances = plan.sets.iter().filter(|(name, _)| moved.contains(name));
    let instances = instances.flat_map(|(_, set)| &set.instances);
    let is_nested = |name: &AttrName| {
        let start = format!("{name}.");
        let snapshot = plan.measured.snapshot.as_ref();
        let mut names = snapshot
            .into_iter()
            .flat_map(|snapshot| snapshot.attributes.keys());
        names.any(|attribute| attribute.starts_with(&start))
    };
    let instances = instances.filter(|name| !is_nested(name));
    let instances = instances.map(ToString::to_string);
    let asked = args.attr.iter();
    let instances = instances.filter(|name| !args.attr.contains(name));
    for attribute in &asked.cloned().chain(instances).collect::<Vec<_>>() {
        let root = plan.monorepo.root();
        let set = PackageSet::of_tree(root, system, attribute, nix, &Limits::default())?;
        let snapshot = count(&steps, args, nix, &set, system, attribute)?;
        sets.push((attribute.clone(), snapshot));
    }
    steps.done();
    Ok(sets)
}

/// Compares each set with that of the family.
pub(super) fn verify(
    session: &Session,
    args: &Split,
    before: &[(String, Snapshot)],
    (made, is_over_core): (&BuiltFamily, bool),
    nix: &Nix,
    system: &System,
) -> Result<Verified, Failure> {
    let steps = Steps::new(session);
    let mut sets = Vec::new();
    for (attribute, before) in before {
        let limits = Limits::default();
        let set = PackageSet::of_family(&made.registry, &made.catalog, system, nix, &limits)?;
        // Over a core that is somebody else's, what is compared is what the tree adds to it.
        let set = if is_over_core {
            set.only(before.attributes.keys().map(String::as_str))
        } else {
            set.within(attribute)
        };
        let after = count(&steps, args, nix, &set, system, attribute)?;
        sets.push(Compared::of(attribute, before, after));
    }
    steps.done();
    Ok(Verified { sets })
}

/// Attributes that fail as before and say something else, but for where files are.
fn other_reasons(before: &Snapshot, after: &Snapshot) -> Vec<String> {
    let said = |snapshot: &Snapshot, name: &str| match snapshot.attributes.get(name) {
        Some(Evaluated::Failed { reason, .. }) => Some(without_places(reason)),
        _ => None,
    };
    let failed = before.failed().map(|(name, _)| name);
    failed
        .filter(|name| {
            let (was, is) = (said(before, name), said(after, name));
            is.is_some() && was != is
        })
        .map(str::to_owned)
        .collect()
}

/// A text with nothing but the last part of each path, and no hash of the store.
fn without_places(text: &str) -> String {
    let is_path = |character: char| !character.is_whitespace() && !"'\"`«»".contains(character);
    let mut short = String::new();
    let mut rest = text;
    while let Some(start) = rest.find(is_path) {
        short.push_str(&rest[..start]);
        let word = &rest[start..];
        let end = word
            .find(|character| !is_path(character))
            .unwrap_or(word.len());
        short.push_str(word[..end].rsplit('/').next().unwrap_or_default());
        rest = &word[end..];
    }
    short + rest
}

fn count(
    steps: &Steps,
    args: &Split,
    nix: &Nix,
    set: &PackageSet,
    system: &System,
    attribute: &str,
) -> Result<Snapshot, Failure> {
    let counted = steps.snapshot(nix, set, system, jobs(args.jobs))?;
    counted.map_err(|failure| {
        let what = match attribute {
            "" => "the family's set".to_owned(),
            attribute => format!("the set `{attribute}`"),
        };
        Failure::refused(format!("{what} has no value: {}", failure.reason), "")
    })
}

#[cfg(test)]
mod tests {
    use super::without_places;

    #[test]
    fn where_a_file_is_makes_no_other_reason() {
        let before = "getting status of 'pkgs/by-name/br/broken/gone.patch': No such file";
        let after = "getting status of '/nix/store/abc-x/repos/core/pkgs/gone.patch': No such file";
        assert_eq!(without_places(before), without_places(after));
        assert_ne!(without_places("needs 'a'"), without_places("needs 'b'"));
    }
}
