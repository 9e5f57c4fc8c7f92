//! What every page has around its own content.

use aux_model::{Handle, Repo};
use serde::Serialize;

use crate::address;
use crate::lookup::Lookup;

/// The frame of a page.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Frame {
    title: String,
    /// The family.
    family: String,
    /// One sentence, for search engines and for those who share the page.
    summary: String,
    /// The way to the root of the site.
    root: String,
    /// The whole address of the page, if the site knows where it is.
    canonical: Option<String>,
    has_search_description: bool,
    book: String,
    program: String,
}

/// A link, or a text where there is nothing to follow.
#[derive(Debug, Clone, Serialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Link {
    pub(crate) text: String,
    pub(crate) href: Option<String>,
}

impl Frame {
    pub(crate) fn of(lookup: &Lookup<'_>, path: &str, title: &str, summary: &str) -> Self {
        let settings = &lookup.source.settings;
        let family = lookup.index.name.clone();
        Self {
            title: if title == family {
                family.clone()
            } else {
                format!("{title} – {family}")
            },
            summary: summary.to_owned(),
            root: match (&settings.base, path) {
                // A host shows it for any address, at whatever depth.
                (Some(base), "404.html") => base.clone(),
                _ => address::root_of(path),
            },
            canonical: settings.base.as_ref().map(|base| match path {
                "index.html" => base.clone(),
                path => format!("{base}{path}"),
            }),
            has_search_description: settings.base.is_some(),
            book: settings.book.clone(),
            program: settings.program.clone(),
            family,
        }
    }
}

impl Link {
    /// A link to a page of the site, from the page that has this way to the root.
    pub(crate) fn page(text: impl Into<String>, root: &str, path: &str) -> Self {
        Self {
            text: text.into(),
            href: Some(format!("{root}{path}")),
        }
    }

    /// What somebody wrote: a link if it is an address.
    pub(crate) fn outside(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            href: crate::links::linked(text),
        }
    }

    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            href: None,
        }
    }

    pub(crate) fn repo(name: &str, root: &str) -> Self {
        Self::page(name, root, &address::of_repo(name))
    }

    /// REPO/NAME or REPO/SET.NAME.
    pub(crate) fn full_name(name: String, root: &str) -> Self {
        let path = address::of_full_name(&name);
        Self::page(name, root, &path)
    }

    /// A file or folder of a repo, on its forge.
    pub(crate) fn source(repo: &Repo, path: &str) -> Self {
        Self {
            text: format!("{}/{path}", repo.name),
            href: repo.url.page_of(path),
        }
    }

    pub(crate) fn sig(name: &str, root: &str) -> Self {
        Self::page(name, root, &address::of_sig(name))
    }

    pub(crate) fn person(handle: &str, root: &str) -> Self {
        Self::page(format!("@{handle}"), root, &address::of_person(handle))
    }

    pub(crate) fn people(handles: &[Handle], root: &str) -> Vec<Self> {
        let handles = handles.iter();
        handles
            .map(|handle| Self::person(handle.as_str(), root))
            .collect()
    }
}
