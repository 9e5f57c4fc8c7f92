//! What reading a manifest carries along: the file it is in, and every problem
//! met so far.

use std::fmt::Display;
use std::ops::Range;

use toml::Spanned;
use toml::de::DeValue;

use super::table::{self, Table, Value, What, describe};
use crate::problem::{Code, Severity};
use crate::source::{At, Located};

/// A problem whose place is still file and bytes.
#[derive(Debug, Clone)]
pub(crate) struct Finding {
    pub(crate) code: Code,
    pub(crate) severity: Severity,
    pub(crate) at: Option<At>,
    pub(crate) message: String,
    pub(crate) help: Option<String>,
    pub(crate) related: Vec<(At, String)>,
}

/// Reads one file after the other; see the module.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    pub(super) file: u32,
    pub(crate) findings: Vec<Finding>,
}

impl Reader {
    pub(super) fn at(&self, span: Range<usize>) -> At {
        table::at(self.file, &span)
    }

    pub(super) fn problem(
        &mut self,
        code: Code,
        at: At,
        message: impl Into<String>,
        help: Option<String>,
    ) {
        self.findings
            .push(Finding::new(code, Some(at), message, help));
    }

    /// A text as the type its key takes; a refusal is a problem.
    pub(super) fn parse<T: Value>(
        &mut self,
        text: &str,
        span: Range<usize>,
        of: What<'_>,
    ) -> Option<Located<T>> {
        let at = self.at(span);
        match text.parse::<T>() {
            Ok(value) => Some(Located::new(value, at)),
            Err(error) => {
                let help = T::help(&error);
                self.problem(T::CODE, at, refused(text, of, &error), help);
                None
            }
        }
    }

    /// A value that must be a table.
    pub(super) fn table<'t, 'r>(
        &'r mut self,
        value: &'t Spanned<DeValue<'t>>,
        what: What<'r>,
    ) -> Option<Table<'t, 'r>> {
        let at = self.at(value.span());
        if let DeValue::Table(entries) = value.get_ref() {
            Some(Table::new(entries, at, what, self))
        } else {
            let got = describe(value.get_ref());
            self.problem(
                Code::WrongType,
                at,
                format!("{what} takes a table, not {got}"),
                None,
            );
            None
        }
    }
}

impl Finding {
    pub(crate) fn new(
        code: Code,
        at: Option<At>,
        message: impl Into<String>,
        help: Option<String>,
    ) -> Self {
        Self {
            code,
            severity: Severity::Error,
            at,
            message: message.into(),
            help,
            related: Vec::new(),
        }
    }

    pub(crate) fn warning(mut self) -> Self {
        self.severity = Severity::Warning;
        self
    }

    pub(crate) fn related(mut self, at: At, label: impl Into<String>) -> Self {
        self.related.push((at, label.into()));
        self
    }
}

/// The refused text, where it stands and why; control characters are escaped,
/// long texts cut.
fn refused(text: &str, of: What<'_>, error: &impl Display) -> String {
    const SHOWN: usize = 60;
    let mut shown: String = text.chars().take(SHOWN).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    format!("`{}` in {of}: {error}", shown.escape_debug())
}
