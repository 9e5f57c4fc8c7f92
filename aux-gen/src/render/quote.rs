//! Escapes: how a value becomes part of a text in each language.
//!
//! Every value that a template writes passes one of these; a raw value is only
//! for what already is an expression of the language, such as a checked name.

/// A Nix string literal, quotes included (Nix manual, "String literals"): `\`,
/// `"` and `${` are escaped, line ends and tabs are written as escapes so that
/// no formatter can touch them.
#[must_use]
pub fn nix(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '$' if characters.peek() == Some(&'{') => quoted.push_str("\\$"),
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

/// Text inside a line of Markdown, in a table cell or not: on one line, and
/// nothing in it starts markup or HTML.
#[must_use]
pub fn markdown(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' | '\r' | '\t' => escaped.push(' '),
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#' => {
                escaped.push('\\');
                escaped.push(character);
            }
            other => escaped.push(other),
        }
    }
    escaped
}

/// A TOML string, quotes included.
#[must_use]
pub fn toml(text: &str) -> String {
    toml_edit::Value::from(text).to_string().trim().to_owned()
}

/// A YAML string in double quotes, for workflows: on one line, printable
/// characters only, and no `${{` that a forge would take for an expression; it is
/// written as the expression that means it.
#[must_use]
pub fn yaml(text: &str) -> String {
    use std::fmt::Write;
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.replace("${{", "${{ '${{' }}").chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            // YAML 1.2, "Character Set" and "Line Break Characters".
            '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}' => {
                write!(quoted, "\\u{:04x}", u32::from(character))
                    .expect("writing to a string does not fail");
            }
            control if control.is_control() => {
                write!(quoted, "\\u{:04x}", u32::from(control))
                    .expect("writing to a string does not fail");
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

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

        #[test]
        fn a_quoted_yaml_text_comes_back(text in "\\PC*|[\"\\\\'\n\r\t#:${ \u{7f}\u{85}\u{2028}\u{feff}]*") {
            let document = format!("a: {} # b", yaml(&text));
            let read: std::collections::BTreeMap<String, String> =
                serde_saphyr::from_str(&document).unwrap();
            prop_assert_eq!(&read["a"], &text.replace("${{", "${{ '${{' }}"));
        }

        #[test]
        fn a_quoted_toml_text_comes_back(text in "\\PC*|[\"\\\\'\n\r\t ]*") {
            let document: toml_edit::DocumentMut = format!("a = {}", toml(&text)).parse().unwrap();
            prop_assert_eq!(document["a"].as_str(), Some(text.as_str()));
        }
    }
}
