//! A reason in one line.

use crate::hold::Broken;

/// The first of the reasons, and how many packages more there are.
pub(crate) fn reason(found: &[Broken]) -> String {
    let Some(first) = found.first() else {
        return String::new();
    };
    let Broken {
        attribute, reason, ..
    } = first;
    match (attribute, found.len() - 1) {
        (None, _) => reason.clone(),
        (Some(attribute), 0) => format!("`{attribute}`: {reason}"),
        (Some(attribute), more) => format!("`{attribute}`: {reason}, and {more} more"),
    }
}
