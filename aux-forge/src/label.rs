//! Labels of a repository.

use serde::Deserialize;
use serde_json::json;

use crate::access::Access;
use crate::address::ForgeKind;
use crate::error::ForgeError;

/// A label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelText {
    /// Its name.
    pub name: String,
    /// What it means.
    pub description: String,
    /// Its colour, six hexadecimal digits.
    pub color: &'static str,
}

/// A label, as both forges list it.
#[derive(Debug, Deserialize)]
pub(crate) struct Label {
    pub(crate) id: u64,
    pub(crate) name: String,
}

impl Label {
    /// Makes a label. `path` is that of the labels of a repository.
    pub(crate) fn make(access: &Access, path: &str, text: &LabelText) -> Result<Self, ForgeError> {
        let LabelText {
            name,
            description,
            color,
        } = text;
        // GitHub takes a colour without `#` only.
        let color = match access.kind() {
            ForgeKind::Github => (*color).to_owned(),
            ForgeKind::Forgejo => format!("#{color}"),
        };
        let label = json!({ "name": name, "description": description, "color": color });
        access.post(path, &label)
    }
}
