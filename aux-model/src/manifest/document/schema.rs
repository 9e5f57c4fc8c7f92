//! The JSON Schema, for editors and for programs that write manifests.

use crate::manifest::document::parts::{Document, IncludedDocument};

/// The JSON Schema (2020-12) of `aux.toml` and, under `$defs/Included`, of the
/// files it includes.
///
/// Editors complete and check with it. Those that use taplo (VS Code's Even
/// Better TOML, Helix, Zed) take it from a comment in the first lines of a file,
/// a path relative to that file or a URL:
///
/// ```toml
/// #:schema ./aux.schema.json
/// ```
///
/// Included files have a schema of their own: [`included_schema`].
///
/// The schema knows the shape, not the names: `check` alone finds a SIG that
/// does not exist.
///
/// # Panics
/// Never: the schema is plain JSON.
#[must_use]
pub fn schema() -> String {
    let mut schema = schemars::schema_for!(Document);
    let mut included = schemars::schema_for!(IncludedDocument).to_value();
    if let (Some(root), Some(included)) = (schema.as_object_mut(), included.as_object_mut()) {
        included.remove("$schema");
        let defs = included.remove("$defs");
        if let Some(all) = root.get_mut("$defs").and_then(|defs| defs.as_object_mut()) {
            if let Some(serde_json::Value::Object(defs)) = defs {
                all.extend(defs);
            }
            all.insert(
                "Included".to_owned(),
                serde_json::Value::Object(included.clone()),
            );
        }
    }
    let mut text = serde_json::to_string_pretty(&schema).expect("a schema is plain JSON");
    text.push('\n');
    text
}

/// The JSON Schema (2020-12) of the files that `aux.toml` includes; see [`schema`].
///
/// # Panics
/// Never: the schema is plain JSON.
#[must_use]
pub fn included_schema() -> String {
    let schema = schemars::schema_for!(IncludedDocument);
    let mut text = serde_json::to_string_pretty(&schema).expect("a schema is plain JSON");
    text.push('\n');
    text
}
