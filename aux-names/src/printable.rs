//! Texts of other people: which characters nobody sees, and how they are shown.
//!
//! A character that is not seen can change what everything around it seems to say:
//! U+202E turns a line round ("Trojan Source", CVE-2021-42574), a zero-width space makes
//! two names of one, an escape sequence rewrites the terminal. So there is one answer to
//! which characters these are: manifests refuse them, generated files never hold them,
//! and output shows them as escapes.

/// Whether a character by itself is one that nobody sees: a control character (line ends
/// and tabs too), a line or paragraph separator, a noncharacter, or one that Unicode has
/// displayed as nothing (`Default_Ignorable_Code_Point`, which the controls of direction,
/// the zero-width ones, variation selectors and tags are part of).
#[must_use]
pub fn is_invisible(character: char) -> bool {
    if character.is_ascii() {
        return character.is_ascii_control();
    }
    let code = u32::from(character);
    character.is_control()
        || matches!(code, 0x2028 | 0x2029 | 0xFFF0..=0xFFFB)
        // Noncharacters (Unicode 16, section 23.7).
        || matches!(code, 0xFDD0..=0xFDEF)
        || code & 0xFFFE == 0xFFFE
        // DerivedCoreProperties.txt of Unicode 16, Default_Ignorable_Code_Point.
        || matches!(
            code,
            0x00AD
                | 0x034F
                | 0x061C
                | 0x115F..=0x1160
                | 0x17B4..=0x17B5
                | 0x180B..=0x180F
                | 0x200B..=0x200F
                | 0x202A..=0x202E
                | 0x2060..=0x206F
                | 0x3164
                | 0xFE00..=0xFE0F
                | 0xFEFF
                | 0xFFA0
                | 0x1BCA0..=0x1BCA3
                | 0x1D173..=0x1D17A
                | 0xE0000..=0xE0FFF
        )
}

/// The characters of a text that nobody sees, with where they start.
///
/// As [`is_invisible`], but for those that are part of how something visible is written:
/// joiners and variation selectors within an emoji, a joiner between two letters of a
/// script that joins its letters (Persian, Hindi), and a variation selector after an
/// ideograph (names in Japanese). The sequences of tags that some flags are made of are
/// not among them, because any text can be hidden in tags.
pub fn invisible_characters(text: &str) -> impl Iterator<Item = (usize, char)> + '_ {
    let mut before = None;
    // One selector belongs to a character; others behind it select nothing.
    let mut is_selected = false;
    text.char_indices().filter(move |&(at, character)| {
        if !is_invisible(character) {
            (before, is_selected) = (Some(character), false);
            return false;
        }
        let after = text[at + character.len_utf8()..].chars().next();
        let is_shown = !(is_selector(character) && is_selected)
            && is_part_of_writing(before, character, after);
        if is_shown && is_selector(character) {
            is_selected = true;
        } else {
            (before, is_selected) = (Some(character), false);
        }
        !is_shown
    })
}

/// Whether an invisible character belongs to how its neighbours are written (Unicode 16,
/// UTS 51 "Emoji", section 1.4.9; UAX 31, section 2.3, for joiners).
fn is_part_of_writing(before: Option<char>, character: char, after: Option<char>) -> bool {
    let Some(before) = before else {
        return false;
    };
    match character {
        '\u{fe0e}' | '\u{fe0f}' if is_pictograph(before) => true,
        // Keycaps.
        '\u{fe0f}' if matches!(before, '0'..='9' | '#' | '*') => after == Some('\u{20e3}'),
        '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}' => is_ideograph(before),
        '\u{180b}'..='\u{180d}' | '\u{180f}' => matches!(before, '\u{1820}'..='\u{18aa}'),
        '\u{200d}' if is_pictograph(before) => after.is_some_and(is_pictograph),
        '\u{200c}' | '\u{200d}' => is_joining(before) && after.is_some_and(is_joining),
        _ => false,
    }
}

fn is_selector(character: char) -> bool {
    matches!(character, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

/// Whether emoji start with it or are joined from it (emoji-data.txt of Unicode 16,
/// Extended_Pictographic and Emoji_Modifier, by blocks).
fn is_pictograph(character: char) -> bool {
    matches!(
        character,
        '\u{a9}' | '\u{ae}' | '\u{203c}' | '\u{2049}' | '\u{2122}' | '\u{2139}'
            | '\u{2194}'..='\u{21aa}'
            | '\u{231a}'..='\u{23ff}'
            | '\u{24c2}'
            | '\u{25aa}'..='\u{27bf}'
            | '\u{2934}'..='\u{2935}'
            | '\u{2b05}'..='\u{2b55}'
            | '\u{3030}' | '\u{303d}' | '\u{3297}' | '\u{3299}'
            | '\u{1f000}'..='\u{1faff}'
    )
}

fn is_ideograph(character: char) -> bool {
    matches!(
        character,
        '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}'
    )
}

/// Whether it is written in a script whose letters join: Arabic, Syriac, N'Ko and
/// Mongolian; the scripts of India, Sinhala, Myanmar and Khmer.
fn is_joining(character: char) -> bool {
    matches!(
        character,
        '\u{620}'..='\u{8ff}' | '\u{900}'..='\u{dff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{18aa}'
    ) && !is_invisible(character)
}

/// The text on one line, with what nobody sees as escapes such as `\u{202e}`; quotes and
/// backslashes stay as they were written.
#[must_use]
pub fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = 0;
    for (at, character) in invisible_characters(text) {
        shown.push_str(&text[rest..at]);
        shown.push_str(&escaped(character));
        rest = at + character.len_utf8();
    }
    shown.push_str(&text[rest..]);
    shown
}

/// A character as an escape: `\n`, `\r` and `\t`, or its number, as in `\u{202e}`.
#[must_use]
pub fn escaped(character: char) -> String {
    match character {
        '\n' => "\\n".to_owned(),
        '\r' => "\\r".to_owned(),
        '\t' => "\\t".to_owned(),
        other => other.escape_unicode().to_string(),
    }
}

/// A text with U+FFFD in place of every character that nobody sees, but for line ends
/// and tabs.
#[must_use]
pub fn visible(text: &str) -> String {
    let mut visible = String::with_capacity(text.len());
    let mut rest = 0;
    for (at, hidden) in invisible_characters(text) {
        if !matches!(hidden, '\n' | '\r' | '\t') {
            visible.push_str(&text[rest..at]);
            visible.push(char::REPLACEMENT_CHARACTER);
            rest = at + hidden.len_utf8();
        }
    }
    visible.push_str(&text[rest..]);
    visible
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_cannot_be_seen_is_escaped() {
        assert_eq!(printable(r#"a"b' ${c} \ ü"#), r#"a"b' ${c} \ ü"#);
        assert_eq!(
            printable("a\nb\u{1b}[31m\u{202e}"),
            r"a\nb\u{1b}[31m\u{202e}"
        );
    }

    #[test]
    fn how_people_write_is_visible() {
        for text in [
            "Grüße, ñandú, e\u{301}",
            "Привет, 你好, こんにちは, 안녕하세요",
            "שלום, مرحبا",
            // "I want" in Persian, a conjunct in Hindi, a Japanese name.
            "می\u{200c}خواهم",
            "क्\u{200d}ष",
            "葛\u{e0100}城",
            "☕ ❤\u{fe0f} 1\u{fe0f}\u{20e3}",
            "👩\u{200d}💻 🧑🏽\u{200d}🚀 🏳\u{fe0f}\u{200d}🌈 ❤\u{fe0f}\u{200d}🔥",
            "🇩🇪",
        ] {
            assert_eq!(printable(text), text);
        }
    }

    #[test]
    fn what_hides_is_found_wherever_it_stands() {
        for text in [
            "a\u{202e}b",
            "a\u{2066}b",
            "a\u{200e}",
            "\u{61c}a",
            "a\u{200b}b",
            "a\u{200d}b",
            "a\u{200c}b",
            "\u{200d}",
            "👩\u{200d}",
            "👩\u{200d}\u{200d}💻",
            "a\u{fe0f}",
            "1\u{fe0f}",
            "👩\u{fe0f}\u{fe0f}",
            "a\u{e0061}",
            "🏴\u{e0067}\u{e007f}",
            "葛\u{e0100}\u{e0101}",
            "a\u{feff}",
            "a\u{ad}b",
            "a\u{2028}b",
            "a\u{2029}b",
            "a\u{85}b",
            "a\u{9b}b",
            "a\u{7f}",
            "\u{3164}",
            "\u{fff9}",
            "\u{fdd0}",
            "\u{1ffff}",
            "a\u{2060}b",
            "م\u{200c}",
        ] {
            assert!(invisible_characters(text).next().is_some(), "{text:?}");
        }
    }
}
