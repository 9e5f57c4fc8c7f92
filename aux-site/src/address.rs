//! Where pages are, relative to the root of the site, and how one leads to another.

use aux_model::{AttrName, PackageId, RepoName};
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
    let name = &entry.name;
    match entry.kind {
        HitKind::Package | HitKind::Builder => format!("packages/{repo}/{name}.html"),
        HitKind::Member => {
            let set = entry.part_of.as_deref().unwrap_or_default();
            format!("sets/{repo}/{set}/{name}.html")
        }
        HitKind::Module => format!("modules/{repo}/{name}.html"),
        HitKind::Option => {
            let module = entry.part_of.as_deref().unwrap_or_default();
            format!("modules/{repo}/{module}.html#{}", of_option(name))
        }
        HitKind::Overlay => format!("overlays/{repo}/{name}.html"),
        HitKind::Repo => self::of_repo(name),
        HitKind::Sig => of_sig(name),
        HitKind::Person => format!("people/{name}.html"),
    }
}

pub(crate) fn of_package(id: &PackageId) -> String {
    format!("packages/{}/{}.html", id.repo, id.name)
}

pub(crate) fn of_member(repo: &RepoName, set: &AttrName, name: &AttrName) -> String {
    format!("sets/{repo}/{set}/{name}.html")
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
