//! What reading a manifest carries along: the file it is in, and every problem
//! met so far.

use std::collections::BTreeSet;
use std::fmt;
use std::fmt::Display;
use std::ops::Range;

use aux_names::RepoName;

use aux_problems::{At, offset_u32};
use aux_problems::{Code, Severity};

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
    /// A reader of the file with that number.
    pub(super) fn of_file(number: usize) -> Self {
        Self {
            file: u32::try_from(number).unwrap_or(u32::MAX),
            ..Self::default()
        }
    }

    /// Adds what was met in a later file.
    pub(super) fn append(&mut self, mut later: Self) {
        self.findings.append(&mut later.findings);
        self.hidden.append(&mut later.hidden);
    }

    pub(super) fn at(&self, span: Range<usize>) -> At {
        at(self.file, &span)
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
pub(crate) fn remove(character: char) -> &'static str {
    match character {
        '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => "write it on one line",
        _ => "remove the character, which nobody sees",
    }
}

/// The bytes of a file that a span covers.
pub(super) fn at(file: u32, span: &Range<usize>) -> At {
    At {
        file,
        start: offset_u32(span.start),
        end: offset_u32(span.end),
    }
}

/// What a table is in messages, such as "repo `python`". Written out only when
/// there is something to say.
#[derive(Debug, Clone, Copy)]
pub(super) enum What<'a> {
    /// The only one of its kind.
    The(&'static str),
    /// One of a list, counted from one.
    Nth(&'static str, usize),
    /// A kind and a name.
    Named(&'static str, &'a str),
    /// A kind and a name keyed by its repo.
    Keyed(&'static str, &'a RepoName, &'a str),
    /// A key of another table.
    Part(&'static str, &'a Self),
}

impl Display for What<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::The(kind) => f.write_str(kind),
            Self::Nth(kind, number) => write!(f, "{kind} {number}"),
            Self::Named(kind, name) => write!(f, "{kind} `{name}`"),
            Self::Keyed(kind, repo, name) => write!(f, "{kind} `{repo}/{name}`"),
            Self::Part(key, table) => write!(f, "`{key}` of {table}"),
        }
    }
}
