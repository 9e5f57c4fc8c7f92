//! What commands answer: one value, for people and for machines.

use std::io;

use aux_output::Output;
use serde::Serialize;

use crate::terminal::Terminal;

/// The answer of a command.
pub(crate) trait Report {
    /// The documented type of what machines get.
    type Output: Output;

    /// What machines get: a value that reads back as [`Self::Output`].
    fn output(&self) -> impl Serialize;

    /// Shows it to people.
    fn show(&self, terminal: &Terminal) -> io::Result<()>;
}

/// Whether a value says what its documented type says: nothing that the type does not have,
/// but for what is empty.
pub(crate) fn is_documented<T: Output>(value: &serde_json::Value) -> Result<(), String> {
    let read: T = serde_json::from_value(value.clone()).map_err(|error| error.to_string())?;
    let read = serde_json::to_value(read).map_err(|error| error.to_string())?;
    let (printed, documented) = (filled(value), filled(&read));
    if printed == documented {
        return Ok(());
    }
    Err(format!(
        "printed: {printed:#?}\ndocumented: {documented:#?}"
    ))
}

/// A value without what is empty: `null`, and lists and objects of nothing.
fn filled(value: &serde_json::Value) -> serde_json::Value {
    use serde_json::Value;
    let is_empty = |value: &Value| match value {
        Value::Null => true,
        Value::Array(all) => all.is_empty(),
        Value::Object(all) => all.is_empty(),
        _ => false,
    };
    match value {
        Value::Array(all) => all.iter().map(filled).collect(),
        Value::Object(all) => {
            let all = all.iter().map(|(key, value)| (key.clone(), filled(value)));
            all.filter(|(_, value)| !is_empty(value)).collect()
        }
        other => other.clone(),
    }
}
