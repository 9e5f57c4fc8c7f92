//! The same model in JSON: in through the same reader, out in the shape of the
//! manifest.

use crate::catalog::Catalog;
use crate::manifest::document::Document;
use crate::manifest::numbered;
use crate::manifest::whole::Manifest;
use aux_problems::Source;
use aux_problems::{Code, Problem, Problems, Severity};

impl Catalog {
    /// Reads the model from JSON of the manifest's shape, all in one text: it
    /// includes nothing.
    ///
    /// # Errors
    /// Every problem there is. In JSON a place is a JSON pointer, not a line, but for syntax
    /// errors.
    pub fn from_json(text: &str) -> Result<Self, Problems> {
        let root = numbered::read(text).map_err(|error| syntax(text, &error))?;
        let mut manifest = Manifest::empty();
        manifest.sources.push(Source::numbered(FILE, text));
        manifest.unreadable = !manifest.draft.read_root(&root, &mut manifest.reader);
        manifest.check_alone()
    }

    /// Checks a document that a program built. It stands alone: it includes nothing.
    ///
    /// # Errors
    /// Every problem there is; its place is a JSON pointer into the document.
    ///
    /// # Panics
    /// Never: a document holds nothing that JSON cannot hold.
    pub fn from_document(document: &Document) -> Result<Self, Problems> {
        let text = serde_json::to_string(document).expect("the document has only text keys");
        Self::from_json(&text)
    }

    /// The model as JSON of the manifest's shape, in one text: 2 spaces of
    /// indent, one newline at the end, the same bytes for the same model.
    ///
    /// # Panics
    /// Never: the document holds nothing that JSON cannot hold.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut text = serde_json::to_string_pretty(&Document::of(self))
            .expect("the document has only text keys");
        text.push('\n');
        text
    }
}

/// What the text is called in problems.
const FILE: &str = "catalog.json";

/// The place and the words of an error of the parser.
fn syntax(text: &str, error: &serde_json::Error) -> Problems {
    let source = Source::new(FILE, text);
    let before: usize = source
        .text()
        .split_inclusive('\n')
        .take(error.line().saturating_sub(1))
        .map(str::len)
        .sum();
    let offset = before + error.column().saturating_sub(1);
    let message = error.to_string();
    // The parser ends its sentence with the place, which is told apart.
    let message = message.split(" at line ").next().unwrap_or(&message);
    Problems::new(vec![Problem {
        code: Code::Syntax,
        severity: Severity::Error,
        location: Some(source.location(offset..offset)),
        message: message.to_owned(),
        help: None,
        related: Vec::new(),
    }])
}
