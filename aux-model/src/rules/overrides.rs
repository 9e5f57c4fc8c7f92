//! A package is overridden for the whole family only where its owner has agreed.

use crate::catalog::Family;
use crate::manifest::reader::Finding;
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
            if family.sees(&owner.name, &repo.name) {
                findings.push(Finding::new(
                    Code::NotAgreed,
                    Some(borrowed.at),
                    format!(
                        "{what} for the whole family, and `{}` uses `{}`: the layer of the owner comes after",
                        owner.name, repo.name
                    ),
                    Some("drop `scope`: the copy is for the packages of the repo alone then".to_owned()),
                ));
            }
        }
        for (name, lent) in &repo.lent {
            let package = format!("`{}/{name}`", repo.name);
            let to = family.repos.get(&lent.to);
            let what = if !repo.packages.contains_key(name) {
                format!("lent package {package}: the repo has no such package")
            } else if to.is_none() {
                format!("lent package {package}: there is no repo `{}`", lent.to)
            } else {
                continue;
            };
            let help = "drop the entry of `lent`".to_owned();
            findings.push(Finding::new(
                Code::UnknownPackage,
                Some(lent.at),
                what,
                Some(help),
            ));
        }
    }
}
