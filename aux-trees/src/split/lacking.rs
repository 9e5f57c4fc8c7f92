//! What the parts of a split cannot offer alone, for want of what, and what would help.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use aux_model::RepoName;
use aux_session::NOTE;

use crate::split::json::repos;
use crate::split::placement::FEW;
use crate::split::plan::Plan;

/// What repos cannot offer alone, and for want of what.
pub(super) fn lacking(text: &mut String, plan: &Plan, all: bool) {
    let mut uses = Uses::of(plan);
    for row in repos(plan) {
        let lacks = row.lacks.into_iter().flatten();
        let mut lacks: Vec<(&RepoName, usize)> =
            lacks.map(|(other, count)| (other, *count)).collect();
        lacks.sort_by_key(|(other, count)| (std::cmp::Reverse(*count), *other));
        if lacks.is_empty() {
            continue;
        }
        let listed = if all { lacks.len() } else { FEW };
        let shown: Vec<String> = lacks
            .iter()
            .take(listed)
            .map(|(other, count)| {
                let culprits = row.culprits.and_then(|culprits| culprits.get(*other));
                format!("{other} for {count} ({})", nearest(culprits, all))
            })
            .collect();
        let more = match lacks.len().saturating_sub(listed) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let _ = writeln!(
            text,
            "{NOTE}lacks{NOTE:#} {} alone: {}{more}{}",
            row.repo,
            shown.join(", "),
            uses.advice(plan, row.repo, &lacks)
        );
    }
}

/// The attributes that most is made from.
fn nearest(culprits: Option<&BTreeMap<String, usize>>, all: bool) -> String {
    let mut culprits: Vec<(&String, &usize)> = culprits.into_iter().flatten().collect();
    culprits.sort_by_key(|(name, count)| (std::cmp::Reverse(**count), *name));
    let listed = if all { culprits.len() } else { 3 };
    let shown = culprits.iter().take(listed);
    let mut shown: Vec<String> = shown
        .map(|(name, count)| format!("{name} {count}"))
        .collect();
    if culprits.len() > listed {
        shown.push("...".to_owned());
    }
    shown.join(", ")
}

/// Which repo would use which if all advice were taken.
struct Uses<'p>(BTreeMap<&'p str, BTreeSet<&'p str>>);

impl<'p> Uses<'p> {
    fn of(plan: &'p Plan) -> Self {
        let repos = plan.rules.repos().into_iter();
        let uses = repos.map(|repo| {
            let below = plan.rules.below(repo).into_iter();
            (repo.as_str(), below.map(RepoName::as_str).collect())
        });
        Self(uses.collect())
    }

    fn leads(&self, from: &str, to: &str) -> bool {
        let below = self.0.get(from).into_iter().flatten();
        from == to || below.into_iter().any(|below| self.leads(below, to))
    }

    /// What would let a repo offer all alone, and makes no cycle with other advice.
    fn advice(&mut self, plan: &'p Plan, repo: &str, lacks: &[(&'p RepoName, usize)]) -> String {
        let Some(repo) = plan.rules.repos().into_iter().find(|other| *other == repo) else {
            return "; keep those in core, or it has them through top-level only".to_owned();
        };
        if lacks
            .iter()
            .any(|(other, _)| self.leads(other.as_str(), repo.as_str()))
        {
            return "; it has all through top-level: as its input, one of them would close a cycle"
                .to_owned();
        }
        let own = self.0.entry(repo.as_str()).or_default();
        own.extend(lacks.iter().map(|(other, _)| other.as_str()));
        let mut names: Vec<String> = own.iter().map(|name| format!("\"{name}\"")).collect();
        names.sort();
        format!("; with `uses = [{}]` it has all", names.join(", "))
    }
}
