//! Lines of a text, asked for many times.

/// Where the lines of a text start.
pub struct Lines(Vec<usize>);

impl Lines {
    /// Looks through a text once.
    pub fn of(text: &str) -> Self {
        Self(text.match_indices('\n').map(|(at, _)| at).collect())
    }

    /// The 1-based line of a byte.
    pub fn line(&self, offset: usize) -> usize {
        self.0.partition_point(|end| *end < offset) + 1
    }
}
