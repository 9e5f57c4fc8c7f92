//! Texts that a manifest is made of, and places in them.

use std::fmt;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

/// One file's text, with a path to show to people.
#[derive(Debug, Clone)]
pub struct Source {
    path: Arc<str>,
    text: Arc<str>,
    /// Found when the first place is asked for: most texts have nothing wrong.
    index: Arc<OnceLock<LineIndex>>,
    /// Whether places in it count values instead of bytes: JSON, which is read without places.
    numbered: bool,
}

/// Where lines start, and how many characters are before a place.
#[derive(Debug, PartialEq)]
struct LineIndex {
    /// Byte offset at which each line starts.
    lines: Vec<u32>,
    /// How many characters start before each block of [`BLOCK`] bytes, so that
    /// a column is cheap in a line that is as long as the file.
    characters: Vec<u32>,
}

/// See [`LineIndex`].
const BLOCK: usize = 256;

/// A place in a file: 1-based line and column, columns counted in characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Location {
    /// The file, as the reader named it.
    pub path: Arc<str>,
    /// First line is 1; 0 when only the file is known.
    pub line: u32,
    /// First column is 1, counted in characters; 0 when only the file is known.
    pub column: u32,
    /// Byte offsets in the file's text; of JSON, which is read without places, the number of the
    /// value, so that places sort as they stand.
    pub span: (u32, u32),
    /// What is there, as a JSON pointer (RFC 6901) into the manifest file's tree, such as
    /// `/repos/web/packages/curl`, or nothing for all of it; only problems of a manifest have it.
    pub pointer: Option<Arc<str>>,
}

/// A place before it is turned into lines and columns: which file, which bytes.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
pub struct At {
    /// The number of the file among those that were read.
    pub file: u32,
    /// The first byte; of JSON, which is read without places, the number of the value.
    pub start: u32,
    /// The byte behind the last; 0 if only the file is known.
    pub end: u32,
}

/// A value and where it was written.
#[derive(Debug, Clone)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// Where it was written.
    pub at: At,
}

impl Source {
    /// A text, and the path to show for it: relative to the registry, with `/`.
    ///
    /// # Panics
    /// Never for texts below 4 GiB, the most a [`Location`] can point into.
    #[must_use]
    pub fn new(path: &str, text: &str) -> Self {
        Self {
            path: Arc::from(path),
            text: Arc::from(text),
            index: Arc::new(OnceLock::new()),
            numbered: false,
        }
    }

    /// A JSON text, of whose values only the number is known: the first that ends is 1.
    pub fn numbered(path: &str, text: &str) -> Self {
        Self {
            numbered: true,
            ..Self::new(path, text)
        }
    }

    /// See [`Self::numbered`].
    pub fn is_numbered(&self) -> bool {
        self.numbered
    }

    /// The path to show.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The whole text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The line and column of a byte offset.
    #[must_use]
    pub fn location(&self, span: Range<usize>) -> Location {
        if self.numbered {
            return Location {
                span: (offset_u32(span.start), offset_u32(span.end)),
                ..self.whole()
            };
        }
        let start = span.start.min(self.text.len());
        let lines = &self.index().lines;
        let line = lines.partition_point(|first| *first as usize <= start);
        let first = lines[line - 1] as usize;
        let column = self.characters_before(start) - self.characters_before(first);
        Location {
            path: Arc::clone(&self.path),
            line: offset_u32(line),
            column: offset_u32(column + 1),
            span: (offset_u32(start), offset_u32(span.end.min(self.text.len()))),
            pointer: None,
        }
    }

    /// How many characters start before a byte offset.
    fn characters_before(&self, offset: usize) -> usize {
        let block = offset / BLOCK;
        let rest = &self.text.as_bytes()[block * BLOCK..offset];
        self.index().characters[block] as usize + starts(rest)
    }

    fn index(&self) -> &LineIndex {
        self.index.get_or_init(|| LineIndex::of(&self.text))
    }

    /// This file as a whole, for problems that no line of it shows.
    #[must_use]
    pub fn whole(&self) -> Location {
        Location {
            path: Arc::clone(&self.path),
            line: 0,
            column: 0,
            span: (0, 0),
            pointer: None,
        }
    }
}

impl PartialEq for Source {
    fn eq(&self, other: &Self) -> bool {
        (&self.path, &self.text, self.numbered) == (&other.path, &other.text, other.numbered)
    }
}

impl LineIndex {
    fn of(text: &str) -> Self {
        let bytes = text.bytes().enumerate();
        let ends = bytes.filter(|(_, byte)| *byte == b'\n');
        let mut lines = vec![0];
        lines.extend(ends.map(|(offset, _)| offset_u32(offset + 1)));
        let mut characters = Vec::with_capacity(text.len() / BLOCK + 1);
        let mut before = 0;
        for block in text.as_bytes().chunks(BLOCK) {
            characters.push(offset_u32(before));
            before += starts(block);
        }
        characters.push(offset_u32(before));
        Self { lines, characters }
    }
}

impl fmt::Display for Location {
    /// As compilers do; where there are no lines, the pointer is the fragment of a URI.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.pointer {
            _ if self.line > 0 => write!(f, "{}:{}:{}", self.path, self.line, self.column),
            Some(pointer) => write!(f, "{}#{pointer}", self.path),
            None => write!(f, "{}", self.path),
        }
    }
}

impl serde::Serialize for Location {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let mut out = to.serialize_struct("Location", 4)?;
        out.serialize_field("file", &*self.path)?;
        out.serialize_field("line", &self.line)?;
        out.serialize_field("column", &self.column)?;
        out.serialize_field("pointer", &self.pointer.as_deref())?;
        out.end()
    }
}

impl<T> Located<T> {
    /// A value, and where it was written.
    pub fn new(value: T, at: At) -> Self {
        Self { value, at }
    }
}

/// How many characters start in these bytes of UTF-8.
fn starts(bytes: &[u8]) -> usize {
    let is_start = |byte: &&u8| **byte & 0b1100_0000 != 0b1000_0000;
    bytes.iter().filter(is_start).count()
}

/// Offsets are 32 bits wide; a longer text keeps its last addressable place.
pub fn offset_u32(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_of_a_long_line_are_those_of_a_plain_count() {
        for text in ["ä€x𝄞".repeat(200), "x".repeat(2 * BLOCK), String::new()] {
            let source = Source::new("aux.toml", &format!("\n{text}"));
            let ends = text.char_indices().map(|(offset, _)| offset);
            for (count, offset) in ends.chain([text.len()]).enumerate() {
                let at = source.location(offset + 1..offset + 1);
                assert_eq!((at.line, at.column as usize), (2, count + 1));
            }
        }
    }

    #[test]
    fn lines_and_columns_count_from_one_in_characters() {
        let source = Source::new("aux.toml", "a = 1\nä = \"b\"\n");
        let place = |offset: usize| {
            let at = source.location(offset..offset);
            (at.line, at.column)
        };
        assert_eq!(place(0), (1, 1));
        assert_eq!(place(4), (1, 5));
        assert_eq!(place(6), (2, 1));
        assert_eq!(place(8), (2, 2), "two bytes, one character");
        assert_eq!(place(15), (3, 1));
        assert_eq!(place(99), (3, 1), "beyond the end is the end");
    }
}
