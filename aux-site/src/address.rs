//! Where pages are, relative to the root of the site, and how one leads to another.

use std::fmt::Display;

use aux_model::RepoName;
use aux_search::{Entry, HitKind};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What stands in a part of an address as it is (RFC 3986, "unreserved").
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The page of something that may be found. The same rule is in `assets/index.js`.
pub(crate) fn of_entry(entry: &Entry) -> String {
    let repo = entry.repo.as_ref().map_or("", RepoName::as_str);
    let part_of = entry.part_of.as_deref().unwrap_or_default();
    let name = entry.name.as_str();
    match entry.kind {
        HitKind::Package | HitKind::Builder => of_package(repo, name),
        HitKind::Member => of_member(repo, part_of, name),
        HitKind::Module => of_module(repo, name),
        HitKind::Option => format!("{}#{}", of_module(repo, part_of), of_option(name)),
        HitKind::Overlay => of_overlay(repo, name),
        HitKind::Repo => of_repo(name),
        HitKind::Sig => of_sig(name),
        HitKind::Person => of_person(name),
    }
}

pub(crate) fn of_package(repo: impl Display, name: impl Display) -> String {
    format!("packages/{repo}/{name}.html")
}

pub(crate) fn of_member(repo: impl Display, set: impl Display, name: impl Display) -> String {
    format!("sets/{repo}/{set}/{name}.html")
}

/// The page of REPO/NAME or REPO/SET.NAME.
pub(crate) fn of_full_name(name: &str) -> String {
    let (repo, name) = name.split_once('/').unwrap_or(("", name));
    match name.rsplit_once('.') {
        Some((set, member)) => of_member(repo, set, member),
        None => of_package(repo, name),
    }
}

pub(crate) fn of_module(repo: impl Display, name: impl Display) -> String {
    format!("modules/{repo}/{name}.html")
}

pub(crate) fn of_overlay(repo: impl Display, name: impl Display) -> String {
    format!("overlays/{repo}/{name}.html")
}

pub(crate) fn of_repo(name: &str) -> String {
    format!("repos/{name}.html")
}

pub(crate) fn of_sig(name: &str) -> String {
    format!("sigs/{name}.html")
}

pub(crate) fn of_person(handle: &str) -> String {
    format!("people/{handle}.html")
}

pub(crate) fn of_release(name: &str) -> String {
    format!("releases/{name}.html")
}

/// The way from a page back to the root: `../` for each folder it is in.
pub(crate) fn root_of(path: &str) -> String {
    "../".repeat(path.matches('/').count())
}

/// The part of an address that leads to an option on the page of its module. Nothing else of a page has
/// an id that begins so.
pub(crate) fn of_option(path: &str) -> String {
    format!("option-{}", encoded(path))
}

/// A text as a part of an address.
fn encoded(text: &str) -> String {
    utf8_percent_encode(text, UNRESERVED).to_string()
}
