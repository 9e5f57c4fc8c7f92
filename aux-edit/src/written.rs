//! A file as a person wrote it: its line ends, and its lines as far as an edit does not change
//! them.
//!
//! The TOML library prints some files in another order than they were written in (dotted keys that
//! stood apart come together), with line feeds alone, and with a line end at the end. So an edit is
//! taken over as a change of lines: what the library prints with it, against what it prints
//! without.

use std::collections::BTreeMap;

use diffy::DiffOptions;
use toml_parser::Source;
use toml_parser::lexer::TokenKind;

use crate::comments::comments;

/// How the lines of a file end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ends {
    has_mark: bool,
    has_carriage_returns: bool,
    lacks_last: bool,
}

/// The mark that editors of Windows put before a text of UTF-8.
const MARK: char = '\u{feff}';

impl Ends {
    /// Takes a text apart: how its lines end, and the text with line feeds alone.
    pub(crate) fn of(text: &str) -> (Self, String) {
        let bare = text.strip_prefix(MARK).unwrap_or(text);
        let returns = bare.matches("\r\n").count();
        let ends = Self {
            has_mark: bare.len() < text.len(),
            // Where they are mixed nobody's editor puts them right.
            has_carriage_returns: returns > 0 && returns == bare.matches('\n').count(),
            lacks_last: !bare.is_empty() && !bare.ends_with('\n'),
        };
        let mut plain = if ends.has_carriage_returns {
            bare.replace("\r\n", "\n")
        } else {
            bare.to_owned()
        };
        if ends.lacks_last {
            plain.push('\n');
        }
        (ends, plain)
    }

    /// The opposite.
    pub(crate) fn put(self, plain: &str) -> String {
        let plain = match plain.strip_suffix('\n') {
            // Also where line ends are mixed, and this one had two characters.
            Some(without) if self.lacks_last => without.strip_suffix('\r').unwrap_or(without),
            _ => plain,
        };
        let mark = if self.has_mark { "\u{feff}" } else { "" };
        let text = if self.has_carriage_returns {
            plain.replace('\n', "\r\n")
        } else {
            plain.to_owned()
        };
        format!("{mark}{text}")
    }
}

/// What the text can be after an edit, the most faithful first: `printed` is what the library
/// prints of it, without and with the edit.
pub(crate) fn edited(written: &str, printed: (&str, &str)) -> Vec<String> {
    let (before, after) = printed;
    if before == written {
        let below = below_comments(before, after);
        return below.into_iter().chain([after.to_owned()]).collect();
    }
    let mut texts: Vec<String> = diffy::merge(before, after, written).into_iter().collect();
    for lines_around in [3, 1, 0] {
        let mut options = DiffOptions::new();
        options.set_context_len(lines_around);
        let patch = options.create_patch(before, after);
        texts.extend(diffy::apply(written, &patch));
    }
    texts
}

/// A table that is added right below an entry with comments right below that: the comments belong to what
/// stands above, so the table comes after them. None if there is no such addition.
fn below_comments(before: &str, after: &str) -> Option<String> {
    let old: Vec<&str> = before.lines().collect();
    let new: Vec<&str> = after.lines().collect();
    let added = new
        .len()
        .checked_sub(old.len())
        .filter(|added| *added > 0)?;
    // One place, where lines came in and none went.
    let at = (0..old.len())
        .take_while(|line| old[*line] == new[*line])
        .count();
    let is_one = old[at..] == new[at + added..];
    let above = at.checked_sub(1).map(|line| old[line].trim())?;
    if !is_one || above.is_empty() || is_comment(above) {
        return None;
    }
    let comments = old[at..].iter().take_while(|line| is_comment(line)).count();
    let ends = old
        .get(at + comments)
        .is_none_or(|next| next.trim().is_empty());
    if comments == 0 || !ends {
        return None;
    }
    let (block, rest) = new[at..].split_at(added);
    // A table is parted from them by a blank line; a key would take them for its own.
    let starts = block
        .iter()
        .map(|line| line.trim())
        .find(|line| !line.is_empty());
    if !starts?.starts_with('[') || !block[0].trim().is_empty() {
        return None;
    }
    let mut lines: Vec<&str> = new[..at].to_vec();
    lines.extend(&rest[..comments]);
    lines.extend(block);
    lines.extend(&rest[comments..]);
    Some(lines.join("\n") + "\n")
}

/// The text after something was taken away, with the comments that were not beside it: those on
/// lines of their own that a blank line parts from what goes. They stand where they stood.
pub(crate) fn with_free_comments(before: &str, after: &str) -> String {
    let mut missing = missing(before, after);
    if missing.is_empty() {
        return after.to_owned();
    }
    let old: Vec<&str> = before.lines().collect();
    let mut new: Vec<String> = after.lines().map(str::to_owned).collect();
    let stays = unchanged(before, after);
    // From the end, so that places before it stay the same.
    let mut end = old.len();
    while end > 0 {
        end -= 1;
        if !is_comment(old[end]) {
            continue;
        }
        let first = (0..=end)
            .rev()
            .take_while(|line| is_comment(old[*line]))
            .last();
        let first = first.unwrap_or(end);
        let block = &old[first..=end];
        let is_parted = old.get(end + 1).is_some_and(|next| next.trim().is_empty());
        // Between two lines that go it is in what goes.
        let mut above = (0..first).rev();
        let said = above.find(|line| !old[*line].trim().is_empty() && !is_comment(old[*line]));
        let is_free = is_parted && said.is_none_or(|line| stays.contains_key(&line));
        let is_lost = (first..=end).all(|line| !stays.contains_key(&line))
            && block
                .iter()
                .all(|line| missing.get(line.trim()).is_some_and(|count| *count > 0));
        if is_free && is_lost {
            for line in block {
                missing.entry(line.trim()).and_modify(|count| *count -= 1);
            }
            let line_above = (0..first).rev().find_map(|line| stays.get(&line));
            let at = line_above.map_or(0, |line| line + 1);
            let mut lines: Vec<String> = block.iter().map(|line| (*line).to_owned()).collect();
            if first > 0
                && old[first - 1].trim().is_empty()
                && at > 0
                && !new[at - 1].trim().is_empty()
            {
                lines.insert(0, String::new());
            }
            if new.get(at).is_some_and(|next| !next.trim().is_empty()) {
                lines.push(String::new());
            }
            new.splice(at..at, lines);
        }
        end = first;
    }
    let mut text = new.join("\n");
    text.push('\n');
    text
}

/// Comments that are no more, and how many of each.
fn missing<'t>(before: &'t str, after: &str) -> BTreeMap<&'t str, usize> {
    let now = comments(after);
    let before = comments(before).into_iter();
    let missing = before.map(|(comment, count)| {
        let left = now.get(comment).copied().unwrap_or(0);
        (comment, count.saturating_sub(left))
    });
    missing.filter(|(_, count)| *count > 0).collect()
}

/// The lines of one text that are lines of another, by number.
fn unchanged(before: &str, after: &str) -> BTreeMap<usize, usize> {
    let mut options = DiffOptions::new();
    options.set_context_len(usize::from(u16::MAX));
    let patch = options.create_patch(before, after);
    let mut same = BTreeMap::new();
    for hunk in patch.hunks() {
        let mut old = hunk.old_range().start().saturating_sub(1);
        let mut new = hunk.new_range().start().saturating_sub(1);
        for line in hunk.lines() {
            match line {
                diffy::Line::Context(_) => {
                    same.insert(old, new);
                    old += 1;
                    new += 1;
                }
                diffy::Line::Delete(_) => old += 1,
                diffy::Line::Insert(_) => new += 1,
            }
        }
    }
    same
}

/// Whether a line is a comment and nothing else.
fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with('#')
        && Source::new(line)
            .lex()
            .any(|token| token.kind() == TokenKind::Comment)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_ends_are_put_back() {
        for text in [
            "a = 1\n",
            "a = 1",
            "a = 1\r\nb = 2\r\n",
            "\u{feff}a = 1\r\n",
            "a\r\nb\n",
            "",
        ] {
            let (ends, plain) = Ends::of(text);
            assert_eq!(ends.put(&plain), text);
        }
    }

    #[test]
    fn what_a_blank_line_parts_stays() {
        let before = "# licence\n\n[a]\nx = 1\n\n# ---- tools ----\n\n# about y\ny = 2\n";
        let after = "[a]\nx = 1\n";
        assert_eq!(
            with_free_comments(before, after),
            "# licence\n\n[a]\nx = 1\n\n# ---- tools ----\n"
        );
    }
}
