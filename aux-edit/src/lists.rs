//! Lists: what is added and taken away, line by line as they are written.

use toml_edit::{Array, RawString, Value};

fn text(raw: Option<&RawString>) -> String {
    raw.and_then(RawString::as_str)
        .unwrap_or_default()
        .to_owned()
}

/// Adds a text at the end of a list. A list of lines gets a line.
pub(crate) fn push(list: &mut Array, new: &str) {
    push_value(list, Value::from(new));
}

/// As [`push`], of any value.
pub(crate) fn push_value(list: &mut Array, mut value: Value) {
    let last = list.len().checked_sub(1);
    let Some(last) = last else {
        // Comments in an empty list stay before what comes.
        let trailing = text(Some(list.trailing()));
        let Some(end) = trailing.rfind('\n') else {
            value.decor_mut().set_prefix(trailing.trim_end_matches(' '));
            list.push_formatted(value);
            list.set_trailing("");
            return;
        };
        // As far in as the last of them.
        let last = trailing[..end].lines().last().unwrap_or_default();
        let indent = &last[..last.len() - last.trim_start().len()];
        let comments = trailing[..end].trim_end();
        value
            .decor_mut()
            .set_prefix(format!("{comments}\n{indent}"));
        list.push_formatted(value);
        list.set_trailing(&trailing[end..]);
        return;
    };
    let indent = list.get(last).map_or(String::new(), |value| {
        let prefix = text(value.decor().prefix());
        match prefix.rfind('\n') {
            Some(at) => prefix[at..].to_owned(),
            None => String::new(),
        }
    });
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

/// What stands before an entry of a list or of braces: the rest of the line above, with a comment
/// that is that line's; lines that a blank line parts from the entry; and what is the entry's own.
pub(crate) fn parts(prefix: &str) -> (&str, &str, &str) {
    let (line, below) = prefix.split_at(prefix.find('\n').unwrap_or(prefix.len()));
    let line = if line.contains('#') { line } else { "" };
    let mut free = 0;
    let mut at = 0;
    for text in below.split_inclusive('\n') {
        at += text.len();
        // A blank line, but not the end of the line above.
        if at > 1 && text.trim().is_empty() && text.ends_with('\n') {
            free = at - 1;
        }
    }
    // The line end before the entry stays with the entry.
    let (parted, own) = below.split_at(free);
    let parted = if parted.contains('#') { parted } else { "" };
    (line, parted, own)
}

/// Takes a text out of a list, however often it is there; whether it was. The comment behind it
/// goes along, and so do those on lines right before it.
pub(crate) fn remove(list: &mut Array, old: &str) -> bool {
    let mut was_there = false;
    while remove_one(list, old) {
        was_there = true;
    }
    was_there
}

fn remove_one(list: &mut Array, old: &str) -> bool {
    let Some(at) = list.iter().position(|value| value.as_str() == Some(old)) else {
        return false;
    };
    let removed = list.remove(at);
    let prefix = text(removed.decor().prefix());
    let suffix = text(removed.decor().suffix());
    // The rest of the line that the one before it ends with, or the bracket, is not its own.
    let (line, parted, own) = parts(&prefix);
    let others = match prefix.find('\n') {
        Some(end) if at > 0 => format!("{}{parted}", &prefix[..end]),
        _ => format!("{line}{parted}"),
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
            // In an empty list they may be about the list.
            let own = if own.contains('#') {
                own.trim_end()
            } else {
                ""
            };
            let left = format!("{others}{own}{behind}");
            list.set_trailing(if left.contains('#') {
                left
            } else {
                String::new()
            });
            list.set_trailing_comma(false);
        } else if behind.contains('\n') || !others.is_empty() {
            list.set_trailing(format!("{others}{behind}"));
        } else if let Some(last) = list.get_mut(at - 1) {
            last.decor_mut().set_suffix(suffix);
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_before_an_entry_is_told_apart() {
        assert_eq!(
            parts(" # all\n  # own\n  "),
            (" # all", "", "\n  # own\n  ")
        );
        assert_eq!(parts("\n  # free\n\n  "), ("", "\n  # free\n", "\n  "));
        assert_eq!(parts("\n\n  "), ("", "", "\n  "));
        assert_eq!(parts(" "), ("", "", ""));
    }
}
