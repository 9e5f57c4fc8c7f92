//! `split --verify`: what every attribute of the tree comes to in the family.

use aux_gen::evaluate::{Census, Differences, PackageSet};
use aux_gen::nix::{Limits, Nix};
use aux_model::System;
use serde::Serialize;

use super::family::Made;
use super::{Plan, Steps, jobs};
use crate::cli::Split;
use crate::failure::Failure;
use crate::session::Session;

/// What came of comparing.
#[derive(Serialize)]
pub(super) struct Verified {
    /// Set by set; the first is the whole.
    pub(super) sets: Vec<Compared>,
}

/// One set of the tree and of the family.
#[derive(Serialize)]
pub(super) struct Compared {
    /// Its path; empty for the whole.
    pub(super) set: String,
    pub(super) attributes: usize,
    pub(super) derivations: usize,
    pub(super) failed: usize,
    pub(super) differences: Differences,
    #[serde(skip)]
    pub(super) after: Census,
}

impl Verified {
    pub(super) fn is_same(&self) -> bool {
        self.sets.iter().all(|set| set.differences.is_empty())
    }
}

pub(super) fn verify(
    session: &Session,
    args: &Split,
    plan: &Plan,
    made: &Made,
    nix: &Nix,
    system: &System,
) -> Result<Verified, Failure> {
    let steps = Steps::new(session);
    let mut sets = Vec::new();
    for attribute in [""].into_iter().chain(args.attr.iter().map(String::as_str)) {
        let of_tree = || {
            let root = plan.monorepo.root();
            let set = PackageSet::of_tree(root, system, attribute, Limits::default());
            count(&steps, args, nix, &set, system, attribute)
        };
        let before = match (&plan.measured.census, attribute) {
            (Some(census), "") => census.clone(),
            _ => of_tree()?,
        };
        let set = PackageSet::of_family(&made.registry, &made.catalog, system, Limits::default());
        let set = set.within(attribute);
        let after = count(&steps, args, nix, &set, system, attribute)?;
        sets.push(Compared {
            set: attribute.to_owned(),
            attributes: before.attributes.len(),
            derivations: before.derivations(),
            failed: before.failed().count(),
            differences: after.since(&before),
            after,
        });
    }
    steps.done();
    Ok(Verified { sets })
}

fn count(
    steps: &Steps,
    args: &Split,
    nix: &Nix,
    set: &PackageSet,
    system: &System,
    attribute: &str,
) -> Result<Census, Failure> {
    let counted = steps.census(nix, set, system, jobs(args))?;
    counted.map_err(|failure| {
        let what = match attribute {
            "" => "the family's set".to_owned(),
            attribute => format!("the set `{attribute}`"),
        };
        Failure::refused(format!("{what} has no value: {}", failure.reason), "")
    })
}
