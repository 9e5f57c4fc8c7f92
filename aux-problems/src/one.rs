//! One problem.

use std::fmt;

use super::code::Code;
use super::subject::ProblemSubject;
use crate::source::Location;

/// Whether a problem stops the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The manifest cannot become a catalog.
    Error,
    /// It can, but somebody should look.
    Warning,
}

/// A second place that belongs to a problem, and what it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Related {
    /// Where to look.
    pub location: Location,
    /// What is there.
    pub label: String,
}

/// Something wrong in the user's files.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Problem {
    /// The stable code, to search for and to assert on.
    pub code: Code,
    /// Whether it stops the run.
    pub severity: Severity,
    /// Where it is; in JSON input the file and a JSON pointer, because JSON is read without
    /// lines.
    pub location: Option<Location>,
    /// What is wrong: one sentence, lower case, no full stop.
    pub message: String,
    /// The way out, if there is one to name.
    pub help: Option<String>,
    /// Other places that belong to it, such as the first definition.
    pub related: Vec<Related>,
}

impl Problem {
    /// What it is about, if its place in a manifest tells.
    #[must_use]
    pub fn subject(&self) -> Option<ProblemSubject> {
        let pointer = self.location.as_ref()?.pointer.as_deref()?;
        ProblemSubject::at(pointer)
    }

    /// Whether it stops the run.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

impl fmt::Display for Problem {
    /// As compilers print for editors: `file:line:column: error[code]: message`, then a line each
    /// for the way out and for further places.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(location) = &self.location {
            write!(f, "{location}: ")?;
        }
        let severity = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        write!(f, "{severity}[{}]: {}", self.code, self.message)?;
        if let Some(help) = &self.help {
            write!(f, "\n  help: {help}")?;
        }
        for related in &self.related {
            write!(f, "\n  note: {}: {}", related.location, related.label)?;
        }
        Ok(())
    }
}
