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
