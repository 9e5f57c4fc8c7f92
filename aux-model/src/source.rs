//! Texts that a manifest is made of, and places in them.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// One file's text, with a path to show to people.
#[derive(Debug, Clone)]
pub struct Source {
    path: Arc<str>,
    text: Arc<str>,
    /// Byte offset at which each line starts.
    lines: Arc<[u32]>,
}

/// A place in a file: 1-based line and column, columns counted in characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Location {
    /// The file, as the reader named it.
    pub path: Arc<str>,
    /// First line is 1; 0 when only the file is known.
    pub line: u32,
    /// First column is 1, counted in characters; 0 when only the file is known.
    pub column: u32,
    /// Byte offsets in the file's text.
    pub span: (u32, u32),
}

/// A place before it is turned into lines and columns: which file, which bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct At {
    pub(crate) file: u32,
    pub(crate) start: u32,
    pub(crate) end: u32,
}

/// A value and where it was written.
#[derive(Debug, Clone)]
pub(crate) struct Located<T> {
    pub(crate) value: T,
    pub(crate) at: At,
}

impl Source {
    /// A text, and the path to show for it: relative to the registry, with `/`.
    ///
    /// # Panics
    /// Never for texts below 4 GiB, the most a [`Location`] can point into.
    #[must_use]
    pub fn new(path: &str, text: &str) -> Self {
        let mut lines = vec![0];
        lines.extend(
            text.bytes()
                .enumerate()
                .filter(|(_, byte)| *byte == b'\n')
                .map(|(offset, _)| offset_u32(offset + 1)),
        );
        Self {
            path: Arc::from(path),
            text: Arc::from(text),
            lines: Arc::from(lines),
        }
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
        let start = span.start.min(self.text.len());
        let line = self.lines.partition_point(|first| *first as usize <= start);
        let first = self.lines[line - 1] as usize;
        let column = self
            .text
            .get(first..start)
            .map_or(start - first, |before| before.chars().count());
        Location {
            path: Arc::clone(&self.path),
            line: offset_u32(line),
            column: offset_u32(column + 1),
            span: (offset_u32(start), offset_u32(span.end.min(self.text.len()))),
        }
    }

    /// This file as a whole, for problems that no line of it shows.
    #[must_use]
    pub fn whole(&self) -> Location {
        Location {
            path: Arc::clone(&self.path),
            line: 0,
            column: 0,
            span: (0, 0),
        }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line == 0 {
            write!(f, "{}", self.path)
        } else {
            write!(f, "{}:{}:{}", self.path, self.line, self.column)
        }
    }
}

impl serde::Serialize for Location {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let mut out = to.serialize_struct("Location", 3)?;
        out.serialize_field("file", &*self.path)?;
        out.serialize_field("line", &self.line)?;
        out.serialize_field("column", &self.column)?;
        out.end()
    }
}

impl<T> Located<T> {
    pub(crate) fn new(value: T, at: At) -> Self {
        Self { value, at }
    }
}

/// Offsets are 32 bits wide; a longer text keeps its last addressable place.
pub(crate) fn offset_u32(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

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
