//! Copies of packages of other repos.

use std::collections::{BTreeMap, HashMap};

use aux_names::{AttrName, Handle, RepoName};

use crate::catalog::build::builder::Builder;
use crate::manifest::draft::BorrowedDraft;
use crate::package::Attribute;
use crate::repo::{Borrowed, Lent, Repo};
use crate::sig::Person;
use aux_problems::Code;
use aux_problems::Located;

/// What a repo says that others override.
pub(super) fn lent(drafts: Vec<(Located<AttrName>, RepoName)>) -> BTreeMap<AttrName, Lent> {
    let drafts = drafts.into_iter();
    let lent = drafts.map(|(name, to)| (name.value, Lent { to, at: name.at }));
    lent.collect()
}

impl Builder<'_> {
    /// The entries of one repo that say all they must; the rest was reported.
    pub(super) fn borrowed(
        &mut self,
        repo: &mut Repo,
        drafts: Vec<(Located<AttrName>, BorrowedDraft)>,
        people: &BTreeMap<Handle, Person>,
    ) {
        for (name, draft) in drafts {
            if let Some(claimed) = &draft.claimed
                && !people.contains_key(&claimed.value)
            {
                let asker = format!("borrowed package `{}/{}`", repo.name, name.value);
                self.unknown(Code::UnknownPerson, asker, "person", claimed, people.keys());
            }
            if let (Some(from), Some(reason)) = (draft.from, draft.reason) {
                let borrowed = Borrowed {
                    from: from.value,
                    reason,
                    review: draft.review,
                    offered: draft.offered,
                    claimed: draft.claimed.map(|handle| handle.value),
                    scope: draft.scope.unwrap_or_default(),
                    at: name.at,
                };
                repo.borrowed.insert(name.value, borrowed);
            }
        }
    }

    /// What is said to be borrowed belongs to the repo that is said to own it, and to another one
    /// than the borrower.
    pub(super) fn owned_elsewhere(
        &mut self,
        repos: &BTreeMap<RepoName, Repo>,
        attributes: &HashMap<AttrName, Attribute>,
    ) {
        for repo in repos.values() {
            for (name, borrowed) in &repo.borrowed {
                let asker = format!("borrowed package `{}/{name}`", repo.name);
                let Some(owner) = repos.get(&borrowed.from) else {
                    let from = Located::new(borrowed.from.clone(), borrowed.at);
                    self.unknown(Code::UnknownRepo, asker, "repo", &from, repos.keys());
                    continue;
                };
                let (message, help) = if owner.name == repo.name {
                    (
                        "a repo borrows nothing of its own".to_owned(),
                        "drop the entry of `borrowed`".to_owned(),
                    )
                } else if owner.packages.contains_key(name) {
                    continue;
                } else {
                    let help = match attributes.get(name) {
                        Some(found) => format!(
                            "`{}` has it: write `from = \"{}\"`, and move the copy to `overlays/{}/{name}`",
                            found.package, found.package.repo, found.package.repo
                        ),
                        None => {
                            "drop the entry of `borrowed`, and make the copy a package".to_owned()
                        }
                    };
                    (
                        format!("repo `{}` has no package `{name}`", borrowed.from),
                        help,
                    )
                };
                let message = format!("{asker}: {message}");
                self.report(Code::UnknownPackage, borrowed.at, message, Some(help));
            }
        }
    }
}
