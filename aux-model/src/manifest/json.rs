//! The same model in JSON: in through the same reader, out in the shape of the
//! manifest.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Manifest;
use super::document::Document;
use crate::catalog::Catalog;
use crate::manifest::draft::Draft;
use crate::manifest::reader::Reader;
use crate::problem::{Code, Problem, Problems, Severity};
use crate::source::Source;

impl Catalog {
    /// Reads the model from JSON of the manifest's shape, all in one text.
    ///
    /// # Errors
    /// Every problem there is. JSON problems name the thing that is wrong
    /// instead of a line, but for syntax errors, which have both.
    pub fn from_json(text: &str) -> Result<Self, Problems> {
        let source = Source::new("catalog.json", text);
        let value: serde_json::Value = serde_json::from_str(text).map_err(|error| {
            let offset: usize = text
                .split_inclusive('\n')
                .take(error.line().saturating_sub(1))
                .map(str::len)
                .sum();
            let offset = offset + error.column().saturating_sub(1);
            Problems::new(vec![Problem {
                code: Code::Syntax,
                severity: Severity::Error,
                location: Some(source.location(offset..offset)),
                message: error.to_string(),
                help: None,
                related: Vec::new(),
            }])
        })?;
        let mut manifest = Manifest {
            draft: Draft::default(),
            reader: Reader::default(),
            sources: vec![source],
            included: std::collections::BTreeSet::new(),
            trees: std::collections::BTreeMap::new(),
            unreadable: false,
        };
        let root = spanned(&value);
        manifest.unreadable = !manifest.draft.read_root(&root, &mut manifest.reader);
        manifest.check()
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

/// A JSON value as the TOML value of the same meaning. `null` is left out of
/// tables, as a key that is absent; elsewhere it is no value of the format.
fn spanned(value: &serde_json::Value) -> Spanned<DeValue<'_>> {
    use serde_json::Value;
    let value = match value {
        Value::Null => DeValue::String("null".into()),
        Value::Bool(flag) => DeValue::Boolean(*flag),
        // The format has no numbers, so which one it is does not matter.
        Value::Number(_) => DeValue::Integer(toml::de::DeInteger::default()),
        Value::String(text) => DeValue::String(text.as_str().into()),
        Value::Array(items) => DeValue::Array(items.iter().map(spanned).collect()),
        Value::Object(entries) => {
            let mut table = DeTable::new();
            for (key, value) in entries.iter().filter(|(_, value)| !value.is_null()) {
                table.insert(Spanned::new(0..0, key.as_str().into()), spanned(value));
            }
            DeValue::Table(table)
        }
    };
    Spanned::new(0..0, value)
}
