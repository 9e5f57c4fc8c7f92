//! Entries of tables in every style that TOML has: one line, a header, dotted keys.

use toml_edit::{Array, InlineTable, Item, Key, RawString, Table, TableLike, Value};

use crate::comments::{has_comment, in_decor};
use crate::error::EditError;
use crate::lists::parts;

/// An entry that was taken out of a table: its key with the comments before it, and its value.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) key: Key,
    pub(crate) item: Item,
}

/// Takes the blank before `}` away from the last value of `{ a = 1 }`: another one follows, and
/// blanks before a comma are nobody's style. Whether there was one: a table that has none, as
/// `{a = 1}`, gets none.
fn close_up(table: &mut InlineTable) -> bool {
    let Some((_, last)) = table.iter_mut().last() else {
        return true;
    };
    let is_padded = last.decor().suffix().and_then(RawString::as_str) == Some(" ");
    if is_padded {
        last.decor_mut().set_suffix("");
    }
    is_padded
}

/// The opposite, of a table that [`close_up`] says is padded: the last value got there because
/// it is new, or those after it are gone.
fn open_up(table: &mut InlineTable, is_padded: bool) {
    if let Some((_, last)) = table.iter_mut().last()
        && is_padded
        && last
            .decor()
            .suffix()
            .and_then(RawString::as_str)
            .unwrap_or("")
            .is_empty()
    {
        last.decor_mut().set_suffix(" ");
    }
}

/// Whether a person wrote the entries as `[...packages.NAME]` tables; then the
/// next one is written so too.
pub(crate) fn written_as_tables(table: &Item) -> bool {
    table.as_table_like().is_some_and(|table| {
        let last = table.iter().last();
        last.is_some_and(|(_, item)| item.as_table().is_some_and(|table| !table.is_dotted()))
    })
}

/// A list of texts on one line.
pub(crate) fn array<'a>(items: impl Iterator<Item = &'a str>) -> Array {
    items.collect()
}

/// Takes an entry out of a table.
pub(crate) fn take(table: &mut Item, name: &str) -> Option<Entry> {
    let (key, item) = match table {
        Item::Table(table) => {
            let (mut key, mut item) = table.remove_entry(name)?;
            // What a blank line parts from it stays: the text is given it back.
            let own = |decor: &mut toml_edit::Decor, is_header: bool| {
                // It starts on a line of its own.
                let before = format!("\n{}", text(decor.prefix()));
                let (_, parted, own) = parts(&before);
                if !parted.is_empty() {
                    decor.set_prefix(if is_header { own } else { &own[1..] });
                }
            };
            own(key.leaf_decor_mut(), false);
            if let Item::Table(table) = &mut item {
                own(table.decor_mut(), true);
            }
            (key, item)
        }
        Item::Value(Value::InlineTable(table)) => {
            let (key, value) = take_inline(table, name)?;
            (key, Item::Value(value))
        }
        Item::None | Item::Value(_) | Item::ArrayOfTables(_) => return None,
    };
    Some(Entry { key, item })
}

/// Takes an entry out of a table between braces. The rest of the line that the one before it ends
/// with, and so its comment, is that one's.
fn take_inline(table: &mut InlineTable, name: &str) -> Option<(Key, Value)> {
    let names: Vec<String> = table.iter().map(|(key, _)| key.to_owned()).collect();
    let at = names.iter().position(|key| key == name)?;
    let (mut key, mut value) = table.remove_entry(name)?;
    let before = text(key.leaf_decor().prefix());
    let behind = text(value.decor().suffix());
    let (line, parted, own) = parts(&before);
    let of_previous = match before.find('\n') {
        Some(end) if at > 0 => format!("{}{parted}", &before[..end]),
        _ => format!("{line}{parted}"),
    };
    if before.contains('\n') {
        key.leaf_decor_mut().set_prefix(own);
    }
    if let Some(next) = names.get(at + 1) {
        if let Some(mut next) = table.key_mut(next) {
            let own = text(next.leaf_decor().prefix());
            // What stands behind the one that goes, on its line, goes along.
            let line = own.find('\n');
            let rest = line.map_or(own.as_str(), |end| &own[end..]).to_owned();
            let gone = line.map_or("", |end| &own[..end]).to_owned();
            if gone.contains('#') {
                value.decor_mut().set_suffix(format!("{behind}{gone}"));
            }
            next.leaf_decor_mut()
                .set_prefix(format!("{of_previous}{rest}"));
        }
        return Some((key, value));
    }
    let trailing = text(Some(table.trailing()));
    let line = trailing.find('\n');
    let gone = line.map_or("", |end| &trailing[..end]).to_owned();
    if gone.contains('#') {
        value.decor_mut().set_suffix(format!("{behind}{gone}"));
    }
    let rest = line
        .map_or(trailing.as_str(), |end| &trailing[end..])
        .to_owned();
    let last_line = match behind.find('\n') {
        Some(end) if rest.is_empty() => behind[end..].to_owned(),
        _ => String::new(),
    };
    if table.is_empty() {
        let left = format!("{of_previous}{rest}{last_line}");
        table.set_trailing(if left.contains('#') {
            left
        } else {
            String::new()
        });
        table.set_trailing_comma(false);
    } else if before.contains('\n') {
        table.set_trailing(format!("{of_previous}{rest}{last_line}"));
    } else {
        open_up(table, behind == " ");
    }
    Some((key, value))
}

fn text(raw: Option<&RawString>) -> String {
    raw.and_then(RawString::as_str)
        .unwrap_or_default()
        .to_owned()
}

/// A table of dotted keys, or one that has no header of its own, is not written when it is empty;
/// from now on it is.
pub(crate) fn keep_empty(item: &mut Item) {
    let is_unwritten =
        |table: &Table| table.is_empty() && (table.is_dotted() || table.is_implicit());
    if item.as_table().is_some_and(is_unwritten) {
        *item = toml_edit::value(InlineTable::new());
    }
    if let Some(table) = item.as_inline_table_mut().filter(|table| table.is_empty()) {
        table.set_dotted(false);
    }
}

/// Takes a section away that has no entries any more and was written for them alone: dotted keys,
/// or what an edit made.
pub(crate) fn drop_if_bare(table: &mut Item, section: &str, is_ours: bool) {
    let found = table.as_table_like().and_then(|table| table.get(section));
    let Some(found) = found else {
        return;
    };
    let is_empty = found.as_table_like().is_some_and(TableLike::is_empty);
    // A header that a person wrote is theirs to take away; dotted keys are gone with the last.
    let is_unwritten = match found {
        Item::Table(found) => found.is_dotted() || found.is_implicit(),
        Item::Value(Value::InlineTable(found)) => found.is_dotted(),
        _ => false,
    };
    if is_empty && (is_unwritten || is_ours) {
        take(table, section);
    }
}

/// Whether one line cannot hold an entry, because there are comments beside it.
pub(crate) fn needs_lines(entry: &Entry) -> bool {
    in_decor(entry.key.leaf_decor()) || has_comment(&entry.item)
}

/// Puts an entry into a table that has none of that name. On one line it loses its comments: see
/// [`needs_lines`].
pub(crate) fn put(table: &mut Item, entry: Entry) {
    let Entry { key, mut item } = entry;
    match table {
        Item::Table(table) => {
            if let Item::Table(own) = &mut item {
                float(own);
            }
            let mut key = key;
            if let Item::Value(value) = &mut item {
                on_a_line(&mut key, value);
            }
            table.insert_formatted(&key, item);
        }
        Item::Value(Value::InlineTable(table)) => {
            if let Ok(value) = item.into_value() {
                put_inline(table, key.get(), on_one_line(value));
            }
        }
        Item::None | Item::Value(_) | Item::ArrayOfTables(_) => {}
    }
}

/// Puts an entry at the end of a table between braces: on a line of its own if the last one has
/// one, else in the style of the braces.
pub(crate) fn put_inline(table: &mut InlineTable, name: &str, mut value: Value) {
    let mut bare = Key::new(name);
    bare.leaf_decor_mut().set_suffix(" ");
    value.decor_mut().set_prefix(" ");
    value.decor_mut().set_suffix("");
    let last = table.iter().last().map(|(key, _)| key.to_owned());
    let Some(last) = last else {
        bare.leaf_decor_mut().set_prefix(" ");
        value.decor_mut().set_suffix(" ");
        table.insert_formatted(&bare, value);
        return;
    };
    let prefix = text(table.key(&last).and_then(|key| key.leaf_decor().prefix()));
    let Some(line) = prefix.rfind('\n') else {
        let is_padded = close_up(table);
        bare.leaf_decor_mut().set_prefix(" ");
        table.insert_formatted(&bare, value);
        open_up(table, is_padded);
        return;
    };
    // The rest of its line is about the last one; lines of their own stay at the end.
    let indent = &prefix[line..];
    let mut between = String::new();
    if let Some(value) = table.get_mut(&last) {
        between = text(value.decor().suffix());
        value.decor_mut().set_suffix("");
    }
    between += &text(Some(table.trailing()));
    let (line, end) = match between.find('\n') {
        Some(at) => between.split_at(at),
        None => (between.as_str(), "\n"),
    };
    bare.leaf_decor_mut()
        .set_prefix(format!("{}{indent}", line.trim_end()));
    table.insert_formatted(&bare, value);
    table.set_trailing(end);
}

/// Tables stand where they are put, and not where they stood in another file.
fn float(table: &mut Table) {
    table.set_position(None);
    for (_, item) in table.iter_mut() {
        if let Item::Table(table) = item {
            float(table);
        }
    }
}

/// An entry of one line that stood between braces gets a line of its own.
fn on_a_line(key: &mut Key, value: &mut Value) {
    let is_blank = |raw: Option<&RawString>| {
        raw.and_then(RawString::as_str)
            .is_some_and(|text| text.trim().is_empty() && !text.contains('\n'))
    };
    if is_blank(key.leaf_decor().prefix()) {
        key.leaf_decor_mut().set_prefix("");
    }
    if is_blank(value.decor().suffix()) {
        value.decor_mut().set_suffix("");
    }
}

/// A value without line ends.
fn on_one_line(mut value: Value) -> Value {
    match &mut value {
        Value::Array(array) => {
            let items: Vec<Value> = array.iter().cloned().map(on_one_line).collect();
            let mut line = Array::new();
            for mut item in items {
                item.decor_mut().clear();
                line.push(item);
            }
            Value::Array(line)
        }
        Value::InlineTable(table) => {
            let entries: Vec<(String, Value)> = table
                .iter()
                .map(|(key, value)| (key.to_owned(), on_one_line(value.clone())))
                .collect();
            let mut line = InlineTable::new();
            for (key, mut value) in entries {
                value.decor_mut().clear();
                line.insert(key, value);
            }
            Value::InlineTable(line)
        }
        _ => value,
    }
}

/// Writes the table at `path` with a header, and so everything that leads to it, if any of that
/// is on one line. Comments stay with what they are beside.
pub(crate) fn expand(root: &mut Table, path: &[&str]) -> Result<(), EditError> {
    let Some((first, rest)) = path.split_first() else {
        return Ok(());
    };
    let missing = || EditError::Missing((*first).to_owned());
    let comments_before = root
        .key(first)
        .map(|key| key.leaf_decor().prefix().cloned().unwrap_or_default());
    let item = root.get_mut(first).ok_or_else(missing)?;
    if let Item::Value(Value::InlineTable(inline)) = item {
        let mut table = headed(inline);
        let before = comments_before.and_then(|raw| raw.as_str().map(str::to_owned));
        let before = before.unwrap_or_default();
        let before = before.trim_matches(['\n', ' ', '\t']);
        let before = match before {
            "" => "\n".to_owned(),
            comments => format!("\n{comments}\n"),
        };
        table.decor_mut().set_prefix(before);
        if let Some(after) = inline.decor().suffix().and_then(RawString::as_str) {
            table.decor_mut().set_suffix(after);
        }
        *item = Item::Table(table);
        // What stood before its key stands before its header now.
        if let Some(mut key) = root.key_mut(first) {
            key.leaf_decor_mut().clear();
        }
    }
    match root.get_mut(first) {
        Some(Item::Table(table)) => expand(table, rest),
        _ if rest.is_empty() => Ok(()),
        _ => Err(EditError::NotATable(path.join("."))),
    }
}

/// The entries of a table between braces, each on its own line, with the comments that stood
/// beside it.
fn headed(inline: &InlineTable) -> Table {
    let mut table = Table::new();
    let mut last: Option<String> = None;
    for (name, value) in inline {
        let mut value = value.clone();
        let behind = text(value.decor().suffix());
        value.decor_mut().set_prefix(" ");
        value.decor_mut().set_suffix(comment_of(&behind));
        if let Value::InlineTable(dotted) = &value
            && dotted.is_dotted()
        {
            // `{ a.b = 1 }` is a table in a table.
            let mut plain = dotted.clone();
            plain.set_dotted(false);
            value = Value::InlineTable(on_braces(&plain));
            value.decor_mut().set_prefix(" ");
        }
        let before = text(inline.key(name).and_then(|key| key.leaf_decor().prefix()));
        let (of_last, own) = before.split_at(before.find('\n').unwrap_or(before.len()));
        stand_behind(&mut table, last.as_deref(), of_last);
        let mut key = Key::new(name);
        let comments = own
            .lines()
            .map(str::trim)
            .filter(|line| line.starts_with('#'));
        let comments: String = comments.map(|line| format!("{line}\n")).collect();
        key.leaf_decor_mut().set_prefix(comments);
        table.insert_formatted(&key, Item::Value(value));
        last = Some(name.to_owned());
    }
    let trailing = text(Some(inline.trailing()));
    let (of_last, end) = trailing.split_at(trailing.find('\n').unwrap_or(trailing.len()));
    stand_behind(&mut table, last.as_deref(), of_last);
    for line in end
        .lines()
        .map(str::trim)
        .filter(|line| line.starts_with('#'))
    {
        stand_behind(&mut table, last.as_deref(), &format!("\n{line}"));
    }
    table
}

/// Puts a comment behind an entry, if it is one.
fn stand_behind(table: &mut Table, name: Option<&str>, comment: &str) {
    let value = name.and_then(|name| table.get_mut(name)?.as_value_mut());
    if let Some(value) = value.filter(|_| comment.contains('#')) {
        let behind = text(value.decor().suffix());
        let comment = if comment.starts_with('\n') {
            comment.to_owned()
        } else {
            comment_of(comment)
        };
        value.decor_mut().set_suffix(format!("{behind}{comment}"));
    }
}

/// A comment as it stands behind a value; nothing if there is none.
fn comment_of(text: &str) -> String {
    match text.find('#') {
        Some(at) => format!(" {}", text[at..].trim_end()),
        None => String::new(),
    }
}

fn on_braces(table: &InlineTable) -> InlineTable {
    let mut braces = InlineTable::new();
    for (name, value) in table {
        let mut value = value.clone();
        if let Value::InlineTable(inner) = &value
            && inner.is_dotted()
        {
            let mut plain = inner.clone();
            plain.set_dotted(false);
            value = Value::InlineTable(on_braces(&plain));
        }
        value.decor_mut().clear();
        braces.insert(name, value);
    }
    braces
}

/// Sets a text of an entry, or takes it away.
pub(crate) fn set_text(table: &mut Item, name: &str, text: Option<&str>) -> Result<(), EditError> {
    let not_a_table = || EditError::NotATable(name.to_owned());
    match text {
        None => {
            take(table, name);
            keep_empty(table);
            Ok(())
        }
        Some(text) => {
            let old = table
                .as_table_like_mut()
                .and_then(|table| table.get_mut(name));
            if let Some(old) = old.filter(|old| !old.is_none()) {
                let old = old.as_value_mut().ok_or_else(not_a_table)?;
                let decor = old.decor().clone();
                *old = Value::from(text);
                *old.decor_mut() = decor;
                return Ok(());
            }
            if let Some(inline) = table.as_inline_table_mut() {
                put_inline(inline, name, Value::from(text));
                return Ok(());
            }
            let entries: &mut dyn TableLike = table.as_table_like_mut().ok_or_else(not_a_table)?;
            entries.insert(name, toml_edit::value(text));
            Ok(())
        }
    }
}

/// Gives an entry another key, in its place and with what stands around it.
pub(crate) fn rename_key(table: &mut Item, old: &str, new: &str) {
    let renamed = |key: &Key| {
        let mut renamed = Key::new(if key.get() == old { new } else { key.get() });
        if key.get() != old {
            return key.clone();
        }
        *renamed.leaf_decor_mut() = key.leaf_decor().clone();
        *renamed.dotted_decor_mut() = key.dotted_decor().clone();
        renamed
    };
    match table {
        Item::Table(table) => {
            let names: Vec<String> = table.iter().map(|(name, _)| name.to_owned()).collect();
            let entries: Vec<(Key, Item)> = names
                .iter()
                .filter_map(|name| table.remove_entry(name))
                .collect();
            for (key, item) in entries {
                table.insert_formatted(&renamed(&key), item);
            }
        }
        Item::Value(toml_edit::Value::InlineTable(table)) => {
            let names: Vec<String> = table.iter().map(|(name, _)| name.to_owned()).collect();
            let entries: Vec<_> = names
                .iter()
                .filter_map(|name| table.remove_entry(name))
                .collect();
            for (key, value) in entries {
                table.insert_formatted(&renamed(&key), value);
            }
        }
        Item::None | Item::Value(_) | Item::ArrayOfTables(_) => {}
    }
}
