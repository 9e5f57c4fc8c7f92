//! Where each package goes.

use aux_adopt::split::{Pin, Placed};
use aux_model::RepoName;

/// More of a kind than this are counted, not listed, unless asked for.
pub(super) const FEW: usize = 8;

/// Where a package goes and why.
pub(super) fn placement<'p>(placed: &'p Placed, rest: &'p RepoName) -> (&'p str, String) {
    match (placed.repo(), &placed.wanted, placed.pins.first()) {
        (Some(repo), Some(wanted), _) => (repo.as_str(), wanted.because.clone()),
        (_, _, Some(pin)) => (rest.as_str(), reason(pin)),
        (_, _, None) => (rest.as_str(), "no rule speaks of it".to_owned()),
    }
}

pub(crate) fn reason(pin: &Pin) -> String {
    match pin {
        Pin::Keep { pattern } => format!("the rules keep `{pattern}`"),
        Pin::Bootstrap { attribute, root } => format!("`{root}` is made with its `{attribute}`"),
        Pin::Twice { attribute, other } => {
            format!(
                "`{other}` defines `{attribute}` too, and which one counts is a matter of their order"
            )
        }
        Pin::Path { place, path, other } => {
            let other = other.as_ref();
            let other = other.map_or("the rest of the tree".to_owned(), |other| {
                format!("`{other}`")
            });
            format!("{place} joins it with {other}: `{path}`")
        }
        Pin::Closed { reason } | Pin::Call { reason } => reason.clone(),
        Pin::Set { repo } => format!("its set goes to {repo} as a whole"),
    }
}
