//! What parsers say, in words that lead on.

use aux_names::MAX_NAME_LENGTH;

/// What the parser says of a text that is not TOML, and what to do about it: a message and a help. `key` is the text that it
/// says it of. That braces and lists end what can be said of them is a rule that people meet when they
/// add to an entry that a program wrote, and the parser names the rule, not the way out.
#[must_use]
pub fn explain_syntax(said: &str, key: Option<&str>) -> (String, String) {
    const UNUSED: &str = "nothing of this file is used until it is mended";
    let said = said.trim_end().replace('\n', ", ");
    let key = key.filter(|key| !key.contains('\n') && key.len() <= MAX_NAME_LENGTH);
    let of_type = said.strip_prefix("cannot extend value of type ");
    match (of_type, key) {
        (Some(of_type), Some(key)) if of_type.starts_with("inline table") => (
            format!(
                "`{key} = {{ ... }}` ends where its braces close: nothing elsewhere can add to `{key}`"
            ),
            format!(
                "write what is to be added inside those braces, or make it a table of its own, `[... .{key}]` with one key on each line, and drop the braces; {UNUSED}"
            ),
        ),
        (Some(of_type), Some(key)) => (
            format!("`{key}` has a value that is no table, and nothing can be added to it"),
            format!(
                "it is of type {}: write all of it in one place; {UNUSED}",
                of_type.trim_end_matches(" with a dotted key")
            ),
        ),
        (None, Some(key)) if said == "duplicate key" => (
            format!("`{key}` is defined twice"),
            format!("write what both say in one of the two, and drop the other; {UNUSED}"),
        ),
        _ => (said, UNUSED.to_owned()),
    }
}
