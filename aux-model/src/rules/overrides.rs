//! A package is overridden for the whole family only where its owner has agreed.

use std::collections::{BTreeMap, VecDeque};

use aux_names::RepoName;

use crate::catalog::{Family, before};
use crate::manifest::reader::Finding;
use crate::package::Shape;
use aux_problems::Code;

pub(super) fn check(family: &Family, findings: &mut Vec<Finding>) {
    for repo in family.repos.values() {
        for (name, borrowed) in repo.overrides() {
            let Some(owner) = family.repos.get(&borrowed.from) else {
                continue;
            };
            let what = format!("repo `{}` overrides `{}/{name}`", repo.name, owner.name);
            let agreed = owner
                .lent
                .get(name)
                .is_some_and(|lent| lent.to == repo.name);
            if !agreed {
                findings.push(Finding::new(
                    Code::NotAgreed,
                    Some(borrowed.at),
                    format!("{what} for the whole family, and its owner has not agreed"),
                    Some(format!(
                        "SIG `{}` agrees with `lent = {{ {name} = \"{}\" }}` under `[repos.{}]`; or drop `scope`",
                        owner.sig, repo.name, owner.name
                    )),
                ));
            }
            if let Some(chain) = waits(family, &owner.name, &repo.name) {
                findings.push(Finding::new(
                    Code::NotAgreed,
                    Some(borrowed.at),
                    format!("{what} for the whole family, and {}", after(&chain)),
                    Some(
                        "drop `scope`: the copy is for the packages of the repo alone then"
                            .to_owned(),
                    ),
                ));
            }
        }
        for (name, lent) in &repo.lent {
            let package = format!("lent package `{}/{name}`", repo.name);
            let found = repo.packages.get(name);
            let is_one = found.is_some_and(|found| matches!(found.shape, Shape::Single));
            let (code, what) = if found.is_none() {
                (
                    Code::UnknownPackage,
                    "the repo has no such package".to_owned(),
                )
            } else if !is_one {
                let what = "only a package in one file can be borrowed".to_owned();
                (Code::NotAgreed, what)
            } else if !family.repos.contains_key(&lent.to) {
                (Code::UnknownRepo, format!("there is no repo `{}`", lent.to))
            } else if let Some(chain) = waits(family, &repo.name, &lent.to) {
                (Code::NotAgreed, after(&chain))
            } else {
                continue;
            };
            let help = "drop the entry of `lent`".to_owned();
            let what = format!("{package}: {what}");
            findings.push(Finding::new(code, Some(lent.at), what, Some(help)));
        }
    }
}

/// The repos by which the layer of one waits for that of another: each comes after the next.
fn waits<'f>(family: &'f Family, from: &'f RepoName, to: &RepoName) -> Option<Vec<&'f RepoName>> {
    let mut reached: BTreeMap<&RepoName, Option<&RepoName>> = BTreeMap::from([(from, None)]);
    let mut open = VecDeque::from([from]);
    while let Some(name) = open.pop_front() {
        if name == to {
            let chain = std::iter::successors(Some(name), |name| reached[*name]);
            let mut chain: Vec<&RepoName> = chain.collect();
            chain.reverse();
            return Some(chain);
        }
        let Some(repo) = family.repos.get(name) else {
            continue;
        };
        for next in before(family, repo) {
            reached.entry(next).or_insert_with(|| {
                open.push_back(next);
                Some(name)
            });
        }
    }
    None
}

/// The same as a sentence.
fn after(chain: &[&RepoName]) -> String {
    let steps = chain.windows(2);
    let steps = steps.map(|step| format!("`{}` after that of `{}`", step[0], step[1]));
    let steps: Vec<String> = steps.collect();
    format!("the layer of {}", steps.join(", of "))
}
