//! The patterns of `include`.

use globset::{GlobBuilder, GlobMatcher};

/// A pattern of `include`: a path in which `*` stands for any characters of one folder's or
/// file's name. As in a shell, it does not match a leading dot. No other character has a
/// meaning.
///
/// ```
/// use aux_names::IncludePattern;
///
/// let pattern = IncludePattern::new("sigs/*.toml");
/// assert!(pattern.matches("sigs/python.toml"));
/// assert!(!pattern.matches("sigs/.hidden.toml"));
/// assert!(!pattern.matches("sigs/more/python.toml"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IncludePattern {
    parts: Vec<IncludePart>,
}

/// One part of an [`IncludePattern`], between slashes.
#[derive(Debug, Clone)]
pub struct IncludePart {
    text: String,
    /// None if it is a name.
    glob: Option<GlobMatcher>,
}

impl PartialEq for IncludePart {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for IncludePart {}

impl IncludePattern {
    /// A pattern as the manifest has it, with `/` between its parts.
    #[must_use]
    pub fn new(pattern: &str) -> Self {
        Self {
            parts: pattern.split('/').map(IncludePart::new).collect(),
        }
    }

    /// Whether it matches a path relative to the root, with `/`.
    #[must_use]
    pub fn matches(&self, path: &str) -> bool {
        let mut names = path.split('/');
        let mut parts = self.parts.iter();
        parts.all(|part| names.next().is_some_and(|name| part.matches(name)))
            && names.next().is_none()
    }

    /// Its parts, for walking folders.
    #[must_use]
    pub fn parts(&self) -> &[IncludePart] {
        &self.parts
    }
}

impl IncludePart {
    fn new(text: &str) -> Self {
        let pieces: Vec<String> = text.split('*').map(globset::escape).collect();
        let glob = || GlobBuilder::new(&pieces.join("*")).build().ok();
        let glob = (pieces.len() > 1).then(glob).flatten();
        Self {
            text: text.to_owned(),
            glob: glob.map(|glob| glob.compile_matcher()),
        }
    }

    /// The name that it is, unless it is a pattern.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        Some(self.text.as_str()).filter(|_| self.glob.is_none())
    }

    /// Whether it matches the name of a file or folder.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        match &self.glob {
            Some(_) if self.text.starts_with('*') && name.starts_with('.') => false,
            Some(glob) => glob.is_match(name),
            None => self.text == name,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::IncludePattern;

    #[test]
    fn a_star_stays_within_one_name_and_leaves_hidden_files_alone() {
        for (pattern, path, fits) in [
            ("sigs/*.toml", "sigs/a.toml", true),
            ("sigs/*.toml", "sigs/.toml", false),
            ("sigs/*.toml", "sigs/.a.toml", false),
            ("sigs/*.toml", "sigs/a/b.toml", false),
            ("sigs/*.toml", "sigs/a.toml.bak", false),
            ("repos/*/aux.toml", "repos/core/aux.toml", true),
            ("repos/*/aux.toml", "repos/aux.toml", false),
            ("a*b*c", "abbc", true),
            ("a*b*c", "acb", false),
            ("a*a", "a", false),
            ("[ab]?.*", "[ab]?.x", true),
            ("[ab]?.*", "ab.x", false),
            ("core.toml", "core.toml", true),
        ] {
            let found = IncludePattern::new(pattern).matches(path);
            assert_eq!(found, fits, "{pattern} {path}");
        }
    }
}
