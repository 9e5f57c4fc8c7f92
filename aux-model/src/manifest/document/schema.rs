//! The JSON Schema, for editors and for whoever writes manifests by machine.

use super::{Document, IncludedDocument};

/// The JSON Schema (2020-12) of `aux.toml` and, under `$defs/Included`, of the
/// files it includes; editors that know TOML schemas complete and check with it.
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
