//! A reason in one line.

use aux_eval::EvalFailure;

/// The first of the reasons, and how many packages more there are.
pub(crate) fn reason(found: &[EvalFailure]) -> String {
    let Some(first) = found.first() else {
        return String::new();
    };
    let EvalFailure {
        attribute, reason, ..
    } = first;
    match (attribute, found.len() - 1) {
        (None, _) => reason.clone(),
        (Some(attribute), 0) => format!("`{attribute}`: {reason}"),
        (Some(attribute), more) => format!("`{attribute}`: {reason}, and {more} more"),
    }
}
