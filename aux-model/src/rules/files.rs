//! Files of a by-name directory: every variant and member has one of its own.

use crate::catalog::Family;
use crate::manifest::reader::Finding;
use crate::package::Shape;
use aux_problems::Code;

/// The file that puts the variants or members of a directory together.
const ALL_OF_THEM: &str = "packages";

pub(super) fn check(family: &Family, findings: &mut Vec<Finding>) {
    for package in family.packages() {
        let (what, taken) = match &package.shape {
            Shape::Single | Shape::Builder => continue,
            Shape::Variants(variants) => ("variant", variants.names.contains_key(ALL_OF_THEM)),
            Shape::Set(members) => ("member", members.iter().any(|name| *name == ALL_OF_THEM)),
        };
        if taken {
            findings.push(Finding::new(
                Code::InvalidName,
                Some(package.at),
                format!(
                    "the {what} `{ALL_OF_THEM}` of `{}` would lie in `{ALL_OF_THEM}.nix`, which holds all of them",
                    package.id
                ),
                Some("choose another name".to_owned()),
            ));
        }
    }
}
