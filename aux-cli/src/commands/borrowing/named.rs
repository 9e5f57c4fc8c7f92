//! The copies that a user names.

use aux_model::{AttrName, Borrowed, Catalog, Repo, RepoName, printable};
use aux_session::{CheckedRegistry, Failure, repo};

/// The copy that a user named as REPO/NAME.
pub(super) fn named<'c>(
    family: &'c CheckedRegistry,
    text: &str,
) -> Result<(&'c Repo, AttrName, &'c Borrowed), Failure> {
    let refused = || {
        Failure::not_found(
            format!("nothing is borrowed as `{}`", printable(text)),
            "`aux-gen borrowed` lists all: name one as REPO/NAME, where REPO borrows it",
        )
    };
    let (borrower, name) = text.split_once('/').ok_or_else(refused)?;
    let borrower = repo(&family.catalog, borrower)?;
    let borrower = own_or_any(&family.catalog, &borrower)?;
    let found = borrower.borrowed.iter().find(|(known, _)| **known == name);
    let (name, borrowed) = found.ok_or_else(refused)?;
    Ok((borrower, name.clone(), borrowed))
}

/// A repo that is the user's to write to.
pub(super) fn own<'c>(catalog: &'c Catalog, name: &RepoName) -> Result<&'c Repo, Failure> {
    let found = own_or_any(catalog, name)?;
    if found.is_generated() {
        Ok(found)
    } else {
        Err(Failure::refused(
            format!("repo `{name}` is external: its files are not ours to write"),
            "let a generated repo borrow it",
        ))
    }
}

pub(super) fn own_or_any<'c>(catalog: &'c Catalog, name: &RepoName) -> Result<&'c Repo, Failure> {
    catalog
        .repo(name.as_str())
        .ok_or_else(|| Failure::not_found(format!("there is no repo `{name}`"), ""))
}

/// Refuses to go on from a copy of which some is in the folder alone.
pub(super) fn must_be_committed(
    borrower: &Repo,
    name: &AttrName,
    is_dirty: bool,
) -> Result<(), Failure> {
    if !is_dirty {
        return Ok(());
    }
    Err(Failure::refused(
        format!(
            "some of the copy of `{name}` in `{}` is not committed",
            borrower.name
        ),
        "commit it first: only what is committed is merged or given back",
    ))
}
