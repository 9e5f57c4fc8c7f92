//! What reading a manifest carries along: the file it is in, and every problem
//! met so far.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::ops::Range;

use toml::Spanned;
use toml::de::DeValue;

use super::table::{self, Table, Value, What, describe};
use crate::printable::{escaped, invisible_characters, printable};
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
    /// Codes of what only seems wrong, because something could not be read.
    hidden: BTreeSet<Code>,
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

    /// Says that something could not be read, so that problems of these kinds may
    /// only follow from it. They come back with the next run if they do not.
    pub(super) fn hide(&mut self, codes: &[Code]) {
        self.hidden.extend(codes);
    }

    /// The findings without those that may only follow from others.
    pub(super) fn without_hidden(&self, mut findings: Vec<Finding>) -> Vec<Finding> {
        findings.retain(|finding| !self.hidden.contains(&finding.code));
        findings
    }

    /// A text as the type its key takes; a refusal is a problem. Whatever its type, it
    /// has no characters that nobody sees: it goes into files, titles and terminals.
    pub(super) fn parse<T: Value>(
        &mut self,
        text: &str,
        span: Range<usize>,
        of: What<'_>,
    ) -> Option<Located<T>> {
        let at = self.at(span);
        match text.parse::<T>() {
            Ok(value) => match invisible_characters(text).find(|(_, hidden)| *hidden != '\t') {
                None => Some(Located::new(value, at)),
                Some((_, hidden)) => {
                    let error = format!("a text cannot contain `{}`", escaped(hidden));
                    let help = remove(hidden).to_owned();
                    self.problem(T::CODE, at, refused(text, of, &error), Some(help));
                    None
                }
            },
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
                Some(table::TABLE.to_owned()),
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

/// What to do about a character that a text cannot contain.
fn remove(character: char) -> &'static str {
    match character {
        '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => "write it on one line",
        _ => "remove the character, which nobody sees",
    }
}

/// The refused text, where it stands and why; what cannot be seen is escaped,
/// long texts are cut.
fn refused(text: &str, of: What<'_>, error: &impl Display) -> String {
    const SHOWN: usize = 60;
    let mut shown: String = text.chars().take(SHOWN).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    let shown = format!("`{}`", printable(&shown));
    let error = error.to_string();
    if text.is_empty() {
        format!("{of}: {error}")
    } else if let Some(rest) = error.strip_prefix(&shown) {
        format!("{shown} in {of}: it{rest}")
    } else {
        format!("{shown} in {of}: {error}")
    }
}
