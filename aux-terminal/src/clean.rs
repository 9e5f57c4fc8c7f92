//! Makes text harmless for its reader: a terminal, or the log of a forge.
//!
//! Names, messages of remotes and words of the command line are other people's, and
//! wherever they end up they only say what they are: nothing in them moves the cursor,
//! hides or turns round what stands beside it, or tells a forge's runner what to do. Our
//! own colours are [`Style`]s, which become escape sequences only when all else is clean,
//! so that no text from outside can bring any.

use std::fmt;
use std::fmt::Write;
use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;

use aux_model::{escaped, invisible_characters, is_invisible};

/// A style that stands out: `{BAD}error{BAD:#}`. It displays as a mark, which printing
/// makes an escape sequence of.
#[derive(Debug, Clone, Copy)]
pub struct Style(&'static str);

/// What stands before and behind the parameters of a style: noncharacters, which are for
/// uses inside a process (Unicode 16, section 23.7), and a word that no text can know.
static OPEN: LazyLock<String> =
    LazyLock::new(|| format!("\u{fdd0}{:016x}:", RandomState::new().hash_one(0)));
const CLOSE: char = '\u{fdd1}';

/// How an escape sequence that sets colours begins and ends (ECMA-48, SGR).
const SGR: (&str, char) = ("\u{1b}[", 'm');

impl Style {
    /// The style that SGR has these parameters for.
    pub(crate) const fn new(parameters: &'static str) -> Self {
        Self(parameters)
    }
}

impl fmt::Display for Style {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parameters = if f.alternate() { "0" } else { self.0 };
        write!(f, "{}{parameters}{CLOSE}", *OPEN)
    }
}

/// A text that does nothing but say what it says. Line ends, tabs and styles stay. Every
/// other character that nobody sees becomes an escape such as `\u{202e}`; so does a
/// carriage return that ends no line. What a forge's runner takes for a command is broken
/// by an escape: `::name` at the start of a line, behind white space too, and `##[name]`
/// anywhere (`ActionCommand.cs` of GitHub's runner; `##vso[name]` is Azure's).
pub(crate) fn clean(text: &str) -> String {
    let mut cleaned = String::with_capacity(text.len());
    let mut line = LineStart::Blank;
    let mut hashes = Hashes::None;
    let mut hidden = invisible_characters(text).peekable();
    let mut at = 0;
    while let Some(character) = text[at..].chars().next() {
        let is_hidden = hidden.next_if(|(hidden, _)| *hidden == at).is_some();
        if is_hidden && let Some((mark, _)) = mark(&text[at..]) {
            cleaned.push_str(mark);
            at += mark.len();
            while hidden.next_if(|(hidden, _)| *hidden < at).is_some() {}
            continue;
        }
        let is_shown = match character {
            '\n' | '\t' => true,
            '\r' => text[at..].starts_with("\r\n"),
            _ => !is_hidden,
        };
        // `::: ` stands before the path of another file in reports; no command is called `:`.
        let is_report = text[at..].starts_with(":: ");
        let is_line = line.ends_in_command(character, is_shown) && !is_report;
        let is_command = hashes.end_in_command(character) || is_line;
        if is_shown && !is_command {
            cleaned.push(character);
        } else {
            cleaned.push_str(&escaped(character));
        }
        at += character.len_utf8();
    }
    cleaned
}

/// As [`clean`], on one line.
pub(crate) fn clean_line(text: &str) -> String {
    clean(text)
        .replace("\r\n", "\\n")
        .replace('\n', "\\n")
        .replace('\t', " ")
}

/// What a cleaned text is on a terminal: its styles as escape sequences.
pub(crate) fn paint(cleaned: &str) -> String {
    with_styles(cleaned, |painted, parameters| {
        painted.extend([SGR.0, parameters]);
        painted.push(SGR.1);
    })
}

/// A cleaned text without its styles.
pub(crate) fn plain(text: &str) -> String {
    with_styles(&clean(text), |_, _| {})
}

/// A cleaned text with something in place of each style.
fn with_styles(cleaned: &str, style: impl Fn(&mut String, &str)) -> String {
    let mut painted = String::with_capacity(cleaned.len());
    let mut rest = cleaned;
    while let Some(at) = rest.find(OPEN.as_str()) {
        painted.push_str(&rest[..at]);
        rest = &rest[at..];
        match mark(rest) {
            Some((mark, parameters)) => {
                style(&mut painted, parameters);
                rest = &rest[mark.len()..];
            }
            None => break,
        }
    }
    painted.push_str(rest);
    painted
}

/// A text whose escape sequences a library of ours wrote: those for colours become
/// styles, and the others are escaped with all else.
pub fn styled(text: &str) -> String {
    let mut marked = String::with_capacity(text.len());
    let mut parts = text.split(SGR.0);
    marked.push_str(parts.next().unwrap_or_default());
    for part in parts {
        match part.split_once(SGR.1) {
            Some((parameters, rest)) if is_style(parameters) => {
                write!(marked, "{}{parameters}{CLOSE}{rest}", *OPEN)
                    .expect("writing to a string does not fail");
            }
            _ => marked.extend([SGR.0, part]),
        }
    }
    marked
}

/// The same JSON value, with what nobody sees as the escapes of JSON strings, and without
/// `##[`, which a forge's runner takes for a command wherever it stands.
pub fn clean_json(json: &str) -> String {
    let mut cleaned = String::with_capacity(json.len());
    let mut hashes = Hashes::None;
    for character in json.chars() {
        // Line ends stand between values only: in strings they are escaped already.
        let is_hidden = is_invisible(character) && character != '\n';
        if hashes.end_in_command(character) || is_hidden {
            for unit in character.encode_utf16(&mut [0; 2]) {
                write!(cleaned, "\\u{unit:04x}").expect("writing to a string does not fail");
            }
        } else {
            cleaned.push(character);
        }
    }
    cleaned
}

/// The mark that a text begins with, and its parameters.
fn mark(text: &str) -> Option<(&str, &str)> {
    let rest = text.strip_prefix(OPEN.as_str())?;
    let (parameters, _) = rest.split_once(CLOSE)?;
    let length = OPEN.len() + parameters.len() + CLOSE.len_utf8();
    is_style(parameters).then(|| (&text[..length], parameters))
}

/// Whether SGR parameters reset, or set bold, dim, italic, underlined or a colour of the
/// text; not what blinks, reverses or conceals, nor colours of the background, by which
/// text can be hidden.
fn is_style(parameters: &str) -> bool {
    let parameters = parameters.strip_prefix("38;5;").unwrap_or(parameters);
    parameters.len() <= 16
        && parameters.split(';').all(|parameter| {
            matches!(
                parameter.parse::<u8>(),
                Ok(0..=4 | 9..=15 | 22..=24 | 30..=37 | 39 | 90..=97)
            ) || parameter.is_empty()
        })
}

/// How far a line has come towards `::`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum LineStart {
    /// Nothing but white space.
    Blank,
    /// One colon.
    Colon,
    /// Something that no command starts with.
    Text,
}

impl LineStart {
    /// Whether the next character makes a command of the line.
    fn ends_in_command(&mut self, character: char, is_shown: bool) -> bool {
        let was = *self;
        *self = match (was, character) {
            (_, '\n') => Self::Blank,
            (Self::Blank, ':') => Self::Colon,
            (Self::Blank, _) if is_shown && character.is_whitespace() => Self::Blank,
            _ => Self::Text,
        };
        was == Self::Colon && character == ':'
    }
}

/// How far a text has come towards `##[` or `##word[`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Hashes {
    None,
    One,
    /// Two or more.
    Two,
    /// Two, and letters behind them.
    Word,
}

impl Hashes {
    /// Whether the next character makes a command of them.
    fn end_in_command(&mut self, character: char) -> bool {
        let was = *self;
        *self = match (was, character) {
            (Self::None | Self::Word, '#') => Self::One,
            (Self::One | Self::Two, '#') => Self::Two,
            (Self::Two | Self::Word, letter) if letter.is_ascii_alphabetic() => Self::Word,
            _ => Self::None,
        };
        matches!(was, Self::Two | Self::Word) && character == '['
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BAD: Style = Style::new("1;31");

    #[track_caller]
    fn check(text: &str, cleaned: &str) {
        assert_eq!(paint(&clean(text)), cleaned);
    }

    #[test]
    fn what_is_meant_to_be_read_stays() {
        check("a\tb\n\r\n ü 👩\u{200d}💻\n", "a\tb\n\r\n ü 👩\u{200d}💻\n");
        check("std::fs :: a::b", "std::fs :: a::b");
        check("# a\n## [b]\n### c", "# a\n## [b]\n### c");
        check(
            &format!("{BAD}error{BAD:#}: x"),
            "\u{1b}[1;31merror\u{1b}[0m: x",
        );
    }

    #[test]
    fn what_is_not_seen_is_shown() {
        check("a\rb", "a\\rb");
        check("\u{1b}[31mred\u{1b}[0m", "\\u{1b}[31mred\\u{1b}[0m");
        check("\u{9b}31m\u{7f}\0", "\\u{9b}31m\\u{7f}\\u{0}");
        check(
            "a\u{202e}b\u{2028}c\u{200b}",
            "a\\u{202e}b\\u{2028}c\\u{200b}",
        );
        check("\u{fdd0}1;31\u{fdd1}", "\\u{fdd0}1;31\\u{fdd1}");
    }

    #[test]
    fn a_forge_finds_no_command() {
        check("::error::x", ":\\u{3a}error::x");
        check(
            " \t\u{a0}::add-mask::x\n::b",
            " \t\u{a0}:\\u{3a}add-mask::x\n:\\u{3a}b",
        );
        check(
            &format!("{BAD}::{BAD:#}x"),
            "\u{1b}[1;31m:\\u{3a}\u{1b}[0mx",
        );
        check("\u{feff}::x", "\\u{feff}::x");
        check(" ::: a.toml:1\n:::x", " ::: a.toml:1\n:\\u{3a}:x");
        check("a ##[group]b", "a ##\\u{5b}group]b");
        check("###[x] ##vso[task]", "###\\u{5b}x] ##vso\\u{5b}task]");
    }

    #[test]
    fn libraries_bring_colours_and_nothing_else() {
        let text = |text: &str| paint(&clean(&styled(text)));
        let colours = "\u{1b}[1m\u{1b}[38;5;12m|\u{1b}[0m";
        assert_eq!(text(colours), colours);
        for hiding in ["8", "7", "1;8", "41", "38;2;0;0;0", "5"] {
            let shown = text(&format!("\u{1b}[{hiding}mx"));
            assert_eq!(shown, format!("\\u{{1b}}[{hiding}mx"));
        }
        assert_eq!(text("\u{1b}[2J"), "\\u{1b}[2J");
    }

    #[test]
    fn json_stays_the_same_value() {
        let value =
            serde_json::json!({ "\u{202e}": "a\u{7f}\u{9b}\u{e0061}##[x]\r\n👩\u{200d}💻" });
        let json = clean_json(&serde_json::to_string_pretty(&value).unwrap());
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&json).unwrap(),
            value
        );
        assert!(
            !json.contains(|c: char| is_invisible(c) && c != '\n'),
            "{json}"
        );
        assert!(!json.contains("##["), "{json}");
    }

    proptest! {
        #[test]
        fn a_clean_text_is_clean(
            text in "(\\PC|\\PC|[:#\\[a \n\r\t\u{1b}\u{9b}\u{202e}\u{200b}\u{200c}\u{200d}\u{fe0f}\u{20e3}1👩💻می葛\u{e0100}\u{e0061}\u{fdd0}\u{fdd1}])*"
        ) {
            let cleaned = clean(&text);
            prop_assert_eq!(&clean(&cleaned), &cleaned);
            let lines = cleaned.replace("\r\n", "\n");
            for (_, hidden) in invisible_characters(&lines) {
                prop_assert!(matches!(hidden, '\n' | '\t'), "{:?}", cleaned);
            }
            for line in lines.lines() {
                prop_assert!(!line.trim_start().starts_with("::") || line.trim_start().starts_with("::: "), "{:?}", cleaned);
            }
            prop_assert!(!cleaned.contains("##["), "{:?}", cleaned);
        }
    }
}
