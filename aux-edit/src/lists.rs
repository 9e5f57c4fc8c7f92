//! Lists: what is added and taken away, line by line as they are written.

use toml_edit::{Array, RawString, Value};

fn text(raw: Option<&RawString>) -> String {
    raw.and_then(RawString::as_str)
        .unwrap_or_default()
        .to_owned()
}

/// Adds a text at the end of a list. A list of lines gets a line.
pub(crate) fn push(list: &mut Array, new: &str) {
    let last = list.len().checked_sub(1);
    let Some(last) = last else {
        // Comments in an empty list stay before what comes.
        let trailing = text(Some(list.trailing()));
        let mut value = Value::from(new);
        value.decor_mut().set_prefix(trailing.trim_end_matches(' '));
        list.push_formatted(value);
        list.set_trailing(if trailing.contains('\n') { "\n" } else { "" });
        return;
    };
    let indent = list.get(last).map_or(String::new(), |value| {
        let prefix = text(value.decor().prefix());
        match prefix.rfind('\n') {
            Some(at) => prefix[at..].to_owned(),
            None => String::new(),
        }
    });
    let mut value = Value::from(new);
    let behind = list
        .get_mut(last)
        .map(|value| {
            let suffix = text(value.decor().suffix());
            value.decor_mut().set_suffix("");
            suffix
        })
        .unwrap_or_default();
    if indent.is_empty() {
        // `[ "a" ]` becomes `[ "a", "b" ]`.
        value.decor_mut().set_prefix(" ");
        value.decor_mut().set_suffix(behind);
        list.push_formatted(value);
        return;
    }
    // What stands behind the last one, its comment among it, stays between the two.
    let trailing = text(Some(list.trailing()));
    let between = format!("{behind}{trailing}");
    // The rest of its line is about the last one; lines of their own stay at the end.
    let (line, end) = match between.find('\n') {
        Some(at) => between.split_at(at),
        None => (between.as_str(), ""),
    };
    value
        .decor_mut()
        .set_prefix(format!("{}{indent}", line.trim_end()));
    list.push_formatted(value);
    list.set_trailing(if end.is_empty() { "\n" } else { end });
}

/// Takes a text out of a list; whether it was there. The comment behind it goes along, and so do
/// those on lines of their own before it.
pub(crate) fn remove(list: &mut Array, old: &str) -> bool {
    let Some(at) = list.iter().position(|value| value.as_str() == Some(old)) else {
        return false;
    };
    let removed = list.remove(at);
    let prefix = text(removed.decor().prefix());
    let suffix = text(removed.decor().suffix());
    // The rest of the line that the one before it ends with is that one's.
    let others = match prefix.find('\n') {
        Some(end) if at > 0 => prefix[..end].to_owned(),
        _ => String::new(),
    };
    if at < list.len() {
        if let Some(next) = list.get_mut(at) {
            let own = text(next.decor().prefix());
            let behind = match own.find('\n') {
                Some(end) => own[end..].to_owned(),
                None if prefix.contains('\n') => {
                    prefix[prefix.rfind('\n').unwrap_or(0)..].to_owned()
                }
                None if at == 0 => prefix.clone(),
                None => own,
            };
            next.decor_mut().set_prefix(format!("{others}{behind}"));
        }
    } else {
        let trailing = text(Some(list.trailing()));
        let behind = match trailing.find('\n') {
            Some(end) => trailing[end..].to_owned(),
            None if suffix.contains('\n') => suffix[suffix.find('\n').unwrap_or(0)..].to_owned(),
            None => String::new(),
        };
        if list.is_empty() {
            list.set_trailing("");
            list.set_trailing_comma(false);
        } else if behind.contains('\n') || !others.is_empty() {
            list.set_trailing(format!("{others}{behind}"));
        } else if let Some(last) = list.get_mut(at - 1) {
            last.decor_mut().set_suffix(suffix);
        }
    }
    true
}
