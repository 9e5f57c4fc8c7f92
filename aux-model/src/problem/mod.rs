//! Problems: what is wrong in the user's files.
//!
//! A problem is collected, never thrown; a run reports all of them, sorted by
//! place. What is wrong with the disk, Nix or this program is an error instead
//! and lives where it happens.

mod code;

pub use code::{Code, UnknownCode};

use std::fmt;

use crate::source::Location;

/// Whether a problem stops the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The manifest cannot become a [`Catalog`](crate::Catalog).
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
    /// Where it is; in JSON input only the file, because JSON carries no lines:
    /// the message names the thing.
    pub location: Option<Location>,
    /// What is wrong: one sentence, lower case, no full stop.
    pub message: String,
    /// The way out, if there is one to name.
    pub help: Option<String>,
    /// Other places that belong to it, such as the first definition.
    pub related: Vec<Related>,
}

/// All problems of one run, sorted by place; at least one is an error.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(transparent)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// Sorts by file, line and column, then by code and message.
    pub(crate) fn new(mut problems: Vec<Problem>) -> Self {
        problems.sort_by(|a, b| {
            (&a.location, a.code, &a.message).cmp(&(&b.location, b.code, &b.message))
        });
        problems.dedup();
        Self(problems)
    }

    /// These and others, sorted by place again.
    #[must_use]
    pub fn and(self, others: impl IntoIterator<Item = Problem>) -> Self {
        Self::new(self.0.into_iter().chain(others).collect())
    }

    /// In order of place.
    pub fn iter(&self) -> std::slice::Iter<'_, Problem> {
        self.0.iter()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether any of them stops the run.
    #[must_use]
    pub fn any_error(&self) -> bool {
        self.0
            .iter()
            .any(|problem| problem.severity == Severity::Error)
    }
}

impl<'a> IntoIterator for &'a Problems {
    type Item = &'a Problem;
    type IntoIter = std::slice::Iter<'a, Problem>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl IntoIterator for Problems {
    type Item = Problem;
    type IntoIter = std::vec::IntoIter<Problem>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl fmt::Display for Problem {
    /// One line, as compilers print for editors: `file:line:column: error[code]: message`.
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

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            write!(f, "{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}
