//! What every new entry of the manifest is checked for: that its repo is ours to write, that its name is
//! free, and that what it needs has a name.

use aux_model::{
    AttrName, Attribute, Catalog, Family, PackageRef, PackageRefError, PackageSet, Repo, RepoName,
    printable,
};
use aux_session::Failure;

/// A repo whose files are ours to write. `what` is to be added there.
pub(super) fn generated<'c>(
    catalog: &'c Family,
    repo: &RepoName,
    what: &str,
) -> Result<&'c Repo, Failure> {
    let found = catalog.repo(repo.as_str());
    found.filter(|repo| repo.is_generated()).ok_or_else(|| {
        Failure::refused(
            format!("repo `{repo}` is external: its files are not ours to write"),
            format!("add {what} there by hand, then name it in the manifest"),
        )
    })
}

/// Refuses a name that a package of ours has; `help` is a way out.
pub(super) fn must_be_free(catalog: &Catalog, name: &AttrName, help: &str) -> Result<(), Failure> {
    match of_ours(catalog, name) {
        None => Ok(()),
        Some(known) => Err(Failure::refused(
            format!("`{name}` is an attribute of `{}` already", known.package),
            help,
        )),
    }
}

/// What a repo of ours has under a name. What somebody else's core has may be replaced, and `check`
/// names that.
pub(super) fn of_ours<'c>(catalog: &'c Catalog, name: &AttrName) -> Option<&'c Attribute> {
    let known = catalog.attribute(name.as_str())?;
    let repo = catalog.repo(known.package.repo.as_str());
    (!repo.is_some_and(Repo::is_outside)).then_some(known)
}

/// A package or a member, as the user names it: whether it is there is for others to say.
pub(super) fn package_ref(text: &str) -> Result<PackageRef, Failure> {
    text.parse().map_err(|error: PackageRefError| {
        Failure::refused(
            format!("`{}` is no name for a package: {error}", printable(text)),
            error.help(),
        )
    })
}

/// Refuses a member that the set has already, in whichever repo.
pub(super) fn must_be_new_member(
    family: &Family,
    set: &PackageSet,
    member: &AttrName,
) -> Result<(), Failure> {
    let mut members = family.members_of(set);
    let Some((part, _)) = members.find(|(_, known)| known.name == *member) else {
        return Ok(());
    };
    Err(Failure::refused(
        format!(
            "`{}/{}` has a member `{member}` already",
            part.repo, part.name
        ),
        "the members of all repos meet in one set: choose another name",
    ))
}
