//! The packages that a user names, and where they are.

use std::collections::BTreeSet;

use aux_model::answers::Owned;
use aux_model::{AttrName, Family, IncludePattern, PackageId, PackageSet, RepoName, printable};
use aux_session::Failure;

use crate::commands::why::subject;

/// The packages that a user named, each by its name or by a pattern.
pub(in crate::commands) fn packages(
    catalog: &Family,
    named: &[String],
) -> Result<Vec<PackageId>, Failure> {
    let mut found = BTreeSet::new();
    for text in named {
        if !text.contains('*') {
            found.insert(package(catalog, text)?);
            continue;
        }
        let pattern = IncludePattern::new(text);
        let fits = |id: &PackageId| {
            if text.contains('/') {
                pattern.matches(&id.to_string())
            } else {
                pattern.matches(id.name.as_str())
            }
        };
        let before = found.len();
        let all = catalog.packages().map(|package| &package.id);
        let all = all.filter(|id| !is_set(catalog, id));
        found.extend(all.filter(|id| fits(id)).cloned());
        if found.len() == before {
            return Err(Failure::not_found(
                format!("no package is called like `{}`", printable(text)),
                "`*` stands for any characters of a name",
            ));
        }
    }
    Ok(found.into_iter().collect())
}

/// The package that a user named.
pub(in crate::commands) fn package(catalog: &Family, text: &str) -> Result<PackageId, Failure> {
    match subject(&catalog.graph(), text)? {
        aux_model::answers::Subject::Package(id) if is_set(catalog, &id) => Err(Failure::refused(
            format!("`{id}` is a package set"),
            format!(
                "name a member as `{id}.NAME`; the set itself is `[repos.{}.sets.{}]` of the manifest",
                id.repo, id.name
            ),
        )),
        aux_model::answers::Subject::Package(id) => Ok(id),
        aux_model::answers::Subject::Repo(_) => Err(Failure::refused(
            format!("`{text}` is a repo, and a package is needed"),
            "name a package as REPO/NAME",
        )),
    }
}

/// Whether that is a package set, which is of many repos.
fn is_set(catalog: &Family, id: &PackageId) -> bool {
    let repo = catalog.repo(id.repo.as_str());
    repo.is_some_and(|repo| repo.sets.contains_key(&id.name))
}

/// The members that a user named, each by its name or by a pattern.
pub(super) fn members<'f>(
    family: &'f Family,
    named: &[String],
) -> Result<Vec<(&'f PackageSet, &'f AttrName)>, Failure> {
    let mut found = Vec::new();
    for text in named {
        if !text.contains('*') {
            found.push(member(family, text)?);
            continue;
        }
        let pattern = IncludePattern::new(text);
        let before = found.len();
        for set in family.sets() {
            for name in set.members.keys() {
                let short = format!("{}.{name}", set.name);
                if pattern.matches(&short) || pattern.matches(&format!("{}/{short}", set.repo)) {
                    found.push((set, name));
                }
            }
        }
        if found.len() == before {
            return Err(Failure::not_found(
                format!(
                    "no member of a package set is called like `{}`",
                    printable(text)
                ),
                "`*` stands for any characters of a name",
            ));
        }
    }
    Ok(found)
}

/// Whether a text names a member of a package set: SET.NAME or REPO/SET.NAME.
pub(in crate::commands) fn is_member(text: &str) -> bool {
    text.contains('.')
}

/// A member by its name behind that of its set, or of an instance.
pub(in crate::commands) fn member<'f>(
    family: &'f Family,
    text: &str,
) -> Result<(&'f PackageSet, &'f AttrName), Failure> {
    let found = family.owned_by_name(text).into_iter();
    let mut members = found.filter_map(|owned| match owned {
        Owned::Member(set, member) => Some((set, &member.name)),
        _ => None,
    });
    members.next().ok_or_else(|| {
        Failure::not_found(
            format!("no package set has a member `{}`", printable(text)),
            "name it as SET.NAME or REPO/SET.NAME; `aux-gen where NAME` finds it",
        )
    })
}

/// Where a package's files are in a repo, or will be, relative to the registry.
pub(super) fn directory(
    catalog: &Family,
    repo: &RepoName,
    id: &PackageId,
) -> Result<String, Failure> {
    let repo = catalog
        .repo(repo.as_str())
        .ok_or_else(|| Failure::refused(format!("there is no repo `{repo}`"), ""))?;
    Ok(format!("{}/{}", repo.path, id.name.directory()))
}
