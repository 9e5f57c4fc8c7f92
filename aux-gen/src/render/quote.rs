//! Escapes: how a value becomes part of a text in each language.
//!
//! Every value that a template writes passes one of these; a raw value is only
//! for what already is an expression of the language, such as a checked name.
//!
//! The manifest has no characters that nobody sees. Should one come another way, no
//! generated file holds it raw: it is an escape where the language has one, and U+FFFD
//! where it has none.

use std::fmt::Write;

use aux_model::{invisible_characters, is_invisible, visible};
use aux_nix::language::quote;

/// A Nix string literal for a generated file. Nix has no escape for a character by its number.
#[must_use]
pub fn nix(text: &str) -> String {
    quote(&visible(text))
}

/// Text inside a line of Markdown, at its start, in a table cell or anywhere else: on one
/// line, and nothing in it is markup (CommonMark 0.31, "Backslash escapes"; GitHub's
/// extensions of it; `$` of formulas). Only what would be markup where it stands is
/// escaped, so that most texts stay as they were written. Addresses of mail are the one
/// thing that GitHub makes a link of all the same: it looks for them when all escapes are
/// gone.
#[must_use]
pub(crate) fn markdown(text: &str) -> String {
    let text = visible(text).replace(['\n', '\r', '\t'], " ");
    let mut escaped = String::with_capacity(text.len());
    // Where what only means something at the start of a line has its character.
    let block = block_marker(&text);
    let last = text.chars().next_back().map_or(0, char::len_utf8);
    let mut before = ' ';
    for (at, character) in text.char_indices() {
        let rest = &text[at + character.len_utf8()..];
        let is_escaped = match character {
            // White space at the ends of a line is markup, or is dropped.
            ' ' if at == 0 || at == text.len() - last => {
                escaped.push_str("&#32;");
                before = ' ';
                continue;
            }
            // Not every reader of tables counts how many stand before a `|`.
            '\\' => {
                escaped.push_str("&#92;");
                before = character;
                continue;
            }
            '`' | '*' | '[' | ']' | '<' | '>' | '|' | '~' | '$' => true,
            '_' => !(before.is_alphanumeric() && rest.starts_with(char::is_alphanumeric)),
            // A heading; or the end of one.
            '#' => matches!(before, ' ' | '#'),
            '&' => is_reference(rest),
            ':' => rest.starts_with("//"),
            '.' => {
                let start = escaped.len().saturating_sub(3);
                escaped
                    .get(start..)
                    .is_some_and(|word| word.eq_ignore_ascii_case("www"))
            }
            _ => false,
        };
        if is_escaped || block == Some(at) {
            escaped.push('\\');
        }
        escaped.push(character);
        before = character;
    }
    escaped
}

/// Where a line has the character that makes it more than text: a list, a rule, the
/// underline of a heading, the second line of a table, a definition or a container.
fn block_marker(text: &str) -> Option<usize> {
    let first = text.chars().next()?;
    let rest = &text[first.len_utf8()..];
    let stands_alone = rest.is_empty() || rest.starts_with(' ');
    let goes_on = |more: &[char]| rest.chars().all(|c| c == ' ' || more.contains(&c));
    let is_marker = match first {
        '-' => stands_alone || goes_on(&['-', ':', '|']),
        '+' => stands_alone || goes_on(&['+']),
        '=' => goes_on(&['=']),
        ':' => true,
        _ => false,
    };
    if is_marker {
        return Some(0);
    }
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let after = text[digits..].strip_prefix(['.', ')'])?;
    let is_number = (1..10).contains(&digits) && (after.is_empty() || after.starts_with(' '));
    is_number.then_some(digits)
}

/// Whether a `&` before this is a reference to a character.
fn is_reference(text: &str) -> bool {
    let name = text.strip_prefix('#').unwrap_or(text);
    let length = name.find(|c: char| !c.is_ascii_alphanumeric());
    length.is_some_and(|length| length > 0 && name[length..].starts_with(';'))
}

/// A TOML string, quotes included; what nobody sees is written as an escape.
#[must_use]
pub fn toml(text: &str) -> String {
    if invisible_characters(text).next().is_none() {
        return toml_edit::Value::from(text).to_string().trim().to_owned();
    }
    escaped(text)
}

/// A YAML string in double quotes, for workflows: on one line, printable
/// characters only, and no `${{` that a forge would take for an expression; it is
/// written as the expression that means it.
#[must_use]
pub(crate) fn yaml(text: &str) -> String {
    // YAML 1.2, "Character Set" and "Line Break Characters", are among what nobody sees.
    escaped(&text.replace("${{", "${{ '${{' }}"))
}

/// A string in double quotes with the escapes that TOML and YAML share.
fn escaped(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            hidden if is_invisible(hidden) => push_number(&mut quoted, hidden),
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

/// The same JSON value, with what nobody sees as the escapes of JSON strings. Line ends
/// stand between values only: in strings they are escaped already.
#[must_use]
pub fn json(json: &str) -> String {
    let mut quoted = String::with_capacity(json.len());
    for character in json.chars() {
        if is_invisible(character) && character != '\n' {
            for unit in character.encode_utf16(&mut [0; 2]) {
                write!(quoted, "\\u{unit:04x}").expect("writing to a string does not fail");
            }
        } else {
            quoted.push(character);
        }
    }
    quoted
}

/// A character by its number, as TOML and YAML write it in double quotes.
fn push_number(to: &mut String, character: char) {
    let number = u32::from(character);
    match number {
        0..=0xffff => write!(to, "\\u{number:04x}"),
        _ => write!(to, "\\U{number:08x}"),
    }
    .expect("writing to a string does not fail");
}

/// A text as one word of a shell, as POSIX has it ("Shell Command Language", 2.2.2); a
/// plain one stays as it is. A word may still begin with `-`.
#[must_use]
pub fn shell(text: &str) -> String {
    let text = visible(text);
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._~:/@+,=%#".contains(c);
    if text.chars().all(plain) && !text.is_empty() && !text.starts_with(['~', '#']) {
        text
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Texts of what is markup somewhere.
    const MARKUP: &str = "(\\PC|[-+*=:#>~`_<&;|!$^1.) a\\[\\]]| {4}|~~~|---|===|:::|&lt;|&#33;|<!--|https?://a\\.b|www\\.a\\.b|\\[a\\]: b|1\\. |- |~~x~~|\\$x\\$|x_y){1,8}";

    /// The text of a value among others, and the kinds of what a reader of Markdown makes
    /// of the whole.
    fn read(before: &str, text: &str, after: &str) -> (String, Vec<String>) {
        use pulldown_cmark::{Event, Options, Parser};
        let options = Options::ENABLE_TABLES
            | Options::ENABLE_FOOTNOTES
            | Options::ENABLE_STRIKETHROUGH
            | Options::ENABLE_TASKLISTS
            | Options::ENABLE_GFM
            | Options::ENABLE_MATH
            | Options::ENABLE_DEFINITION_LIST
            | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS
            | Options::ENABLE_PLUSES_DELIMITED_METADATA_BLOCKS;
        let document = format!("{before}{}{after}\n", markdown(text));
        let (mut texts, mut events) = (vec![String::new()], Vec::new());
        for event in Parser::new_ext(&document, options) {
            match event {
                Event::Text(part) => texts.last_mut().unwrap().push_str(&part),
                other => {
                    texts.push(String::new());
                    events.push(format!("{other:?}"));
                }
            }
        }
        texts.retain(|text| !text.is_empty());
        (texts.pop().unwrap_or_default(), events)
    }

    #[test]
    fn only_what_would_be_markup_is_escaped() {
        for plain in [
            "node-gyp 1.2 & R&D, a C# compiler: std::fs, x86_64 (a.b) -> c!",
            "-Werror",
            "+1",
            "3.14",
            "it's 50% \"off\"",
            "a^b",
        ] {
            let shown = plain.replace('>', "\\>");
            assert_eq!(markdown(plain), shown);
        }
        for (text, escaped) in [
            ("- x", "\\- x"),
            ("---", "\\---"),
            ("12. x", "12\\. x"),
            ("===", "\\==="),
            ("    x ", "&#32;   x&#32;"),
            ("a\\|b", "a&#92;\\|b"),
            ("&lt;", "\\&lt;"),
            ("~~x~~", "\\~\\~x\\~\\~"),
            ("<!-- $x$", "\\<!-- \\$x\\$"),
            ("::: x", "\\::: x"),
            (
                "see https://a.b or www.a.b",
                "see https\\://a.b or www\\.a.b",
            ),
            ("a\u{202e}b\nc", "a\u{fffd}b c"),
        ] {
            assert_eq!(markdown(text), escaped);
        }
    }

    #[test]
    fn what_nobody_sees_is_in_no_file() {
        let text = "a\u{202e}\u{200b}\u{e0061}\u{feff}b 👩\u{200d}💻";
        let replaced = "a\u{fffd}\u{fffd}\u{fffd}\u{fffd}b 👩\u{200d}💻";
        assert_eq!(visible(text), replaced);
        assert_eq!(nix(text), format!("\"{replaced}\""));
        assert_eq!(markdown(text), replaced);
        assert_eq!(shell(text), format!("'{replaced}'"));
        for quoted in [toml(text), yaml(text), json(&format!("\"{text}\""))] {
            assert!(!quoted.contains(is_invisible), "{quoted}");
        }
    }

    #[test]
    fn what_nix_would_read_as_code_is_escaped() {
        assert_eq!(nix("a\"b\\c${d}$e\n''"), r#""a\"b\\c\${d}$e\n''""#);
        assert_eq!(nix("$${x}"), r#""$\${x}""#);
    }

    proptest! {
        /// Whatever the text, it is one string literal without interpolation.
        #[test]
        fn a_quoted_text_is_one_plain_literal(text in "\\PC*|[\"\\\\$\\{\\}'\n\r\t ]*") {
            let quoted = nix(&text);
            let parsed = rnix::Root::parse(&quoted);
            prop_assert!(parsed.errors().is_empty(), "{quoted}");
            let tokens: Vec<_> = parsed.syntax().descendants().map(|node| node.kind()).collect();
            prop_assert!(!tokens.contains(&rnix::SyntaxKind::NODE_INTERPOL), "{quoted}");
        }

        /// Whatever the text, it is one paragraph of nothing but this text, at the start of
        /// a line, behind a paragraph, in a list, in a heading and in a cell of a table.
        #[test]
        fn a_markdown_text_is_plain(text in MARKUP) {
            for (before, after) in [("", ""), ("x\n", ""), ("- ", ""), ("# ", ""), ("|a|b|\n|-|-|\n|x|", "|")] {
                let (around, events) = read(before, &text, after);
                let (_, plain) = read(before, "x", after);
                prop_assert_eq!(&around, &visible(&text), "{} gives {:?}", markdown(&text), events);
                prop_assert_eq!(events, plain, "{}", markdown(&text));
            }
        }

        #[test]
        fn a_quoted_yaml_text_comes_back(text in "\\PC*|[\"\\\\'\n\r\t#:${ \u{7f}\u{85}\u{2028}\u{feff}]*") {
            let document = format!("a: {} # b", yaml(&text));
            let read: std::collections::BTreeMap<String, String> =
                serde_saphyr::from_str(&document).unwrap();
            prop_assert_eq!(&read["a"], &text.replace("${{", "${{ '${{' }}"));
        }

        #[test]
        fn a_quoted_toml_text_comes_back(text in "\\PC*|[\"\\\\'\n\r\t \u{202e}\u{200d}\u{e0061}\u{7f}]*") {
            let document: toml_edit::DocumentMut = format!("a = {}", toml(&text)).parse().unwrap();
            prop_assert_eq!(document["a"].as_str(), Some(text.as_str()));
        }
    }
}
