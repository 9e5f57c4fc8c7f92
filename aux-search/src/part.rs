//! Which part of a text a word is, whatever the case of the text.

/// A part of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Whole,
    Start,
    Inside,
}

/// The part of `text` that `word`, which is in lower case, is. Where `text` is
/// ASCII, as all names are, nothing is allocated: this is asked of every name
/// and every description.
pub(crate) fn part_of(text: &str, word: &str) -> Option<Part> {
    let (at, length) = if text.is_ascii() {
        (find_ascii(text.as_bytes(), word.as_bytes())?, text.len())
    } else {
        let text = text.to_lowercase();
        (text.find(word)?, text.len())
    };
    Some(match at {
        0 if word.len() == length => Part::Whole,
        0 => Part::Start,
        _ => Part::Inside,
    })
}

fn find_ascii(text: &[u8], word: &[u8]) -> Option<usize> {
    let Some(first) = word.first() else {
        return Some(0);
    };
    let starts = &text[..=text.len().checked_sub(word.len())?];
    starts.iter().enumerate().find_map(|(at, start)| {
        let fits = start.to_ascii_lowercase() == *first
            && text[at..at + word.len()].eq_ignore_ascii_case(word);
        fits.then_some(at)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_case_of_the_text_does_not_matter() {
        for (text, word, expected) in [
            ("OpenSSL", "openssl", Some(Part::Whole)),
            ("OpenSSL", "open", Some(Part::Start)),
            ("OpenSSL", "ssl", Some(Part::Inside)),
            ("OpenSSL", "tls", None),
            ("ssl", "openssl", None),
            ("aab", "ab", Some(Part::Inside)),
            ("", "a", None),
            ("a", "", Some(Part::Start)),
            ("Ärger", "ärger", Some(Part::Whole)),
            ("Über Öl", "öl", Some(Part::Inside)),
            ("plain", "ä", None),
        ] {
            assert_eq!(part_of(text, word), expected, "{word} in {text}");
        }
    }
}
