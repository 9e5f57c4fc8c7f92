//! Warnings in a form that keeps their places whole, for caches: what is printed of a place leaves out what only
//! this program needs.

use std::sync::Arc;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::all::Problems;
use crate::one::{Problem, Related, Severity};
use crate::source::Location;

/// Writes warnings: a module for `#[serde(with)]`. Errors come back as warnings.
///
/// # Errors
/// Those of the form.
pub fn serialize<S: Serializer>(warnings: &Problems, to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(warnings.iter().map(Warning::of))
}

/// Reads what [`serialize`] wrote.
///
/// # Errors
/// Those of the form, and when a code is none.
pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Problems, D::Error> {
    let warnings = Vec::<Warning>::deserialize(from)?.into_iter();
    let problems: Option<Vec<Problem>> = warnings.map(Warning::problem).collect();
    problems
        .map(Problems::new)
        .ok_or_else(|| D::Error::custom("a warning has no code that is known"))
}

/// A warning, with its places.
#[derive(Serialize, Deserialize)]
struct Warning {
    code: String,
    location: Option<Place>,
    message: String,
    help: Option<String>,
    related: Vec<(Place, String)>,
}

/// A [`Location`]: path, line, column, bytes, pointer.
#[derive(Serialize, Deserialize)]
struct Place(String, u32, u32, (u32, u32), Option<String>);

impl Warning {
    fn of(warning: &Problem) -> Self {
        let related = warning.related.iter();
        Self {
            code: warning.code.to_string(),
            location: warning.location.as_ref().map(Place::of),
            message: warning.message.clone(),
            help: warning.help.clone(),
            related: related
                .map(|related| (Place::of(&related.location), related.label.clone()))
                .collect(),
        }
    }

    fn problem(self) -> Option<Problem> {
        let related = self.related.into_iter();
        Some(Problem {
            code: self.code.parse().ok()?,
            severity: Severity::Warning,
            location: self.location.map(Place::location),
            message: self.message,
            help: self.help,
            related: related
                .map(|(place, label)| Related {
                    location: place.location(),
                    label,
                })
                .collect(),
        })
    }
}

impl Place {
    fn of(location: &Location) -> Self {
        Self(
            location.path.to_string(),
            location.line,
            location.column,
            location.span,
            location.pointer.as_deref().map(str::to_owned),
        )
    }

    fn location(self) -> Location {
        let Self(path, line, column, span, pointer) = self;
        Location {
            path: Arc::from(path),
            line,
            column,
            span,
            pointer: pointer.map(Arc::from),
        }
    }
}
