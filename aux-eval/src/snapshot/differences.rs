//! What is another than it was.

use serde::Serialize;

use crate::snapshot::format::{Evaluated, Snapshot};

/// What is another in one snapshot than in an earlier one: attribute paths, sorted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Differences {
    /// They were not there.
    pub added: Vec<String>,
    /// They are not there any more.
    pub removed: Vec<String>,
    /// They evaluate to something else: another derivation, type or sort of failure.
    pub changed: Vec<String>,
    /// They had a value and have none.
    pub now_failing: Vec<String>,
    /// They had no value and have one.
    pub now_working: Vec<String>,
}

impl Differences {
    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Snapshot {
    /// Why two of these cannot be compared: they are of different things.
    #[must_use]
    pub fn unlike(&self, other: &Self) -> Option<String> {
        let of = |snapshot: &Self| {
            let set = if snapshot.set.is_empty() {
                "all"
            } else {
                &snapshot.set
            };
            let nested = if snapshot.nested {
                ", with nested sets"
            } else {
                ""
            };
            format!("{set} for {}{nested}", snapshot.system)
        };
        let (own, others) = (of(self), of(other));
        (own != others).then(|| format!("it is of {others}, and this is of {own}"))
    }

    /// What is another than it was.
    #[must_use]
    pub fn since(&self, before: &Self) -> Differences {
        let mut differences = Differences::default();
        for (name, was) in &before.attributes {
            let list = match (was, self.attributes.get(name)) {
                (_, None) => &mut differences.removed,
                (Evaluated::Failed { kind, .. }, Some(Evaluated::Failed { kind: now, .. }))
                    if kind == now =>
                {
                    continue;
                }
                (Evaluated::Failed { .. }, Some(Evaluated::Failed { .. })) => {
                    &mut differences.changed
                }
                (Evaluated::Failed { .. }, Some(_)) => &mut differences.now_working,
                (_, Some(Evaluated::Failed { .. })) => &mut differences.now_failing,
                (was, Some(is)) if was == is => continue,
                _ => &mut differences.changed,
            };
            list.push(name.clone());
        }
        let new = self.attributes.keys();
        let new = new.filter(|name| !before.attributes.contains_key(*name));
        differences.added = new.cloned().collect();
        differences
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aux_nix::FailureKind;

    fn snapshot(attributes: &[(&str, Evaluated)]) -> Snapshot {
        let text = r#"{ "version": 1, "nix": "2.8.0", "system": "x86_64-linux", "set": "",
            "nested": false, "attributes": {} }"#;
        let mut snapshot = Snapshot::from_json(text).unwrap();
        let attributes = attributes.iter();
        snapshot.attributes = attributes
            .map(|(name, found)| ((*name).to_owned(), found.clone()))
            .collect();
        snapshot
    }

    fn derivation(path: &str) -> Evaluated {
        Evaluated::Derivation(path.to_owned())
    }

    fn failed(kind: FailureKind, reason: &str) -> Evaluated {
        Evaluated::Failed {
            kind,
            reason: reason.to_owned(),
            place: None,
        }
    }

    #[test]
    fn each_change_is_in_one_list() {
        let before = snapshot(&[
            ("changed", derivation("/nix/store/a.drv")),
            ("gone", derivation("/nix/store/b.drv")),
            ("mended", failed(FailureKind::Thrown, "no")),
            ("broken", derivation("/nix/store/c.drv")),
            ("same", derivation("/nix/store/d.drv")),
            ("set", Evaluated::Is("set".to_owned())),
        ]);
        let after = snapshot(&[
            ("changed", derivation("/nix/store/a2.drv")),
            ("mended", derivation("/nix/store/e.drv")),
            ("broken", failed(FailureKind::Thrown, "no")),
            ("same", derivation("/nix/store/d.drv")),
            ("set", Evaluated::Is("lambda".to_owned())),
            ("new", Evaluated::Is("set".to_owned())),
        ]);
        let found = after.since(&before);
        assert_eq!(found.changed, ["changed", "set"]);
        assert_eq!(found.removed, ["gone"]);
        assert_eq!(found.added, ["new"]);
        assert_eq!(found.now_failing, ["broken"]);
        assert_eq!(found.now_working, ["mended"]);
        assert!(before.since(&before).is_empty());
    }

    #[test]
    fn a_failure_of_the_same_sort_is_no_change_and_one_of_another_is() {
        let of = |kind, reason| snapshot(&[("x", failed(kind, reason))]);
        let before = of(FailureKind::Thrown, "no");
        assert!(of(FailureKind::Thrown, "never").since(&before).is_empty());
        let after = of(FailureKind::AssertionFailed, "no");
        assert_eq!(after.since(&before).changed, ["x"]);
    }

    #[test]
    fn snapshots_of_different_things_are_unlike() {
        let mut other = snapshot(&[]);
        assert_eq!(snapshot(&[]).unlike(&other), None);
        other.nested = true;
        let why = snapshot(&[]).unlike(&other).unwrap();
        assert!(why.contains("with nested sets"), "{why}");
    }
}
