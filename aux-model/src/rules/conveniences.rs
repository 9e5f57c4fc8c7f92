//! What a flake offers besides packages: each is something that its own view has.

use std::collections::BTreeSet;

use aux_names::AttrName;
use aux_problems::Code;

use crate::catalog::Family;
use crate::convenience::Named;
use crate::manifest::reader::Finding;
use crate::package::AttributeKind;

pub(super) fn check(family: &Family, findings: &mut Vec<Finding>) {
    for repo in family.repos().filter(|repo| !repo.convenience.is_empty()) {
        if !repo.is_generated() {
            let at = repo.convenience.at.first().map(|named| named.at);
            findings.push(Finding::new(
                Code::InvalidValue,
                at,
                format!(
                    "repo `{}` is {}, and its flake is written by hand",
                    repo.name, repo.kind
                ),
                Some("leave out `default`, `programs`, `formatter` and `tools`".to_owned()),
            ));
            continue;
        }
        let view = family.view(repo);
        for Named {
            name,
            at,
            is_own: must_be_own,
        } in &repo.convenience.at
        {
            let asker = format!("repo `{}`", repo.name);
            let Some(attribute) = family.attribute(name.as_str()) else {
                let known = family.packages();
                let known: BTreeSet<AttrName> = known
                    .flat_map(|package| package.attributes().into_keys())
                    .collect();
                findings.push(Finding::new(
                    Code::UnknownPackage,
                    Some(*at),
                    format!("{asker} names `{name}`, which no repo has"),
                    aux_names::did_you_mean(name.as_str(), known.iter().map(AttrName::as_str)),
                ));
                continue;
            };
            let owner = &attribute.package.repo;
            let is_own = *owner == repo.name;
            let is_input = view.inputs.iter().any(|input| input.name == *owner);
            // Everything is in top-level.
            let is_top = family.top_level.as_ref() == Some(&repo.name);
            let (code, message, help) = if *must_be_own && !is_own && !is_top {
                (
                    Code::InvalidValue,
                    format!("{asker} offers `{name}`, which is of `{owner}`"),
                    "`default` and `programs` are packages of the repo itself".to_owned(),
                )
            } else if !is_own && !is_input {
                (
                    Code::UndeclaredUse,
                    format!("{asker} names `{name}` of `{owner}`, which is no input of its flake"),
                    format!("add `{owner}` to its `uses`, or name something else"),
                )
            } else if is_own && view.left_out.contains_key(&attribute.package.name) {
                let missing = view.left_out[&attribute.package.name].missing();
                (
                    Code::UndeclaredUse,
                    format!(
                        "{asker} names `{name}`, which it cannot offer alone: `{missing}` is missing"
                    ),
                    format!(
                        "add `{}` to its `uses`, or name something else",
                        missing.repo
                    ),
                )
            } else if matches!(attribute.kind, AttributeKind::Builder) {
                (
                    Code::InvalidValue,
                    format!("{asker} names `{name}`, which is a builder and no derivation"),
                    "name a package".to_owned(),
                )
            } else {
                continue;
            };
            findings.push(Finding::new(code, Some(*at), message, Some(help)));
        }
    }
}
