//! Why a package, or a whole flake, does not evaluate.

use aux_nix::{Failure, FailureKind};
use serde::{Deserialize, Serialize};

use crate::evaluate::family;

/// Why an attribute, or a whole flake, does not evaluate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvalFailure {
    /// The attribute; none if it is the whole flake.
    pub attribute: Option<String>,
    /// What kind of failure it is; none if it evaluates to the wrong thing, or Nix was not
    /// asked.
    pub kind: Option<FailureKind>,
    /// The first line of the reason, and the part of the package, as in
    /// "nobody wrote one, in `meta.description`", if it is not the derivation.
    pub reason: String,
    /// The file, line and column that Nix names first, if it names one.
    pub place: Option<String>,
    /// All that Nix said; empty if it was not asked, or said no more than the reason.
    pub detail: String,
}

impl EvalFailure {
    /// What fails: the attribute, or `flake` for the whole.
    #[must_use]
    pub fn subject(&self) -> &str {
        self.attribute.as_deref().unwrap_or("flake")
    }

    pub(crate) fn of(attribute: Option<&str>, failure: Failure) -> Self {
        let (part, detail) = family::failing_part(&failure.detail);
        let reason = match part {
            Some(part) => format!("{}, in `{part}`", failure.reason),
            None => failure.reason_with_way_out(),
        };
        Self {
            attribute: attribute.map(str::to_owned),
            kind: Some(failure.kind),
            reason,
            place: place(&detail).map(str::to_owned),
            detail,
        }
    }

    /// An output that is not what the contract asks for.
    pub(crate) fn of_clause(output: &str, reason: String) -> Self {
        Self {
            attribute: Some(output.to_owned()),
            kind: None,
            reason,
            place: None,
            detail: String::new(),
        }
    }

    /// One that has a value of another type.
    pub(crate) fn of_type(attribute: &str, found: &str) -> Self {
        let reason = format!("it is a {found}, not what the manifest says");
        Self::of_clause(attribute, reason)
    }
}

/// The first `at FILE:LINE:COLUMN:` of what Nix said that is no place of its own.
fn place(detail: &str) -> Option<&str> {
    detail.lines().find_map(|line| {
        let place = line.trim().strip_prefix("at ")?.strip_suffix(':')?;
        let mut parts = place.rsplitn(3, ':');
        let number = |part: Option<&str>| part.is_some_and(|part| part.parse::<u32>().is_ok());
        (number(parts.next()) && number(parts.next()) && place.starts_with('/')).then_some(place)
    })
}
