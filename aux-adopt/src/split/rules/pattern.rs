//! Patterns of attributes and of directories.

use globset::{GlobBuilder, GlobMatcher};

use crate::split::rules::error::RulesError;

/// A pattern of attributes or of directories.
#[derive(Debug, Clone)]
pub(in crate::split) struct Pattern {
    /// As it is written.
    pub(in crate::split) text: String,
    pub(in crate::split) of: PatternOf,
    /// Whether it names one thing only.
    pub(in crate::split) is_exact: bool,
    glob: GlobMatcher,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::split) enum PatternOf {
    Attributes,
    Paths,
    /// `SET.NAME`.
    Members,
}

pub(in crate::split) fn patterns(
    key: &str,
    texts: &[String],
    of: PatternOf,
) -> Result<Vec<Pattern>, RulesError> {
    let pattern = |text: &String| {
        let text = match of {
            PatternOf::Attributes | PatternOf::Members => text.as_str(),
            PatternOf::Paths => text.trim_start_matches("./").trim_matches('/'),
        };
        let mut builder = GlobBuilder::new(text);
        let built = builder.literal_separator(true).build();
        let glob = built.map_err(|error| RulesError::Value {
            key: key.to_owned(),
            message: error.to_string(),
        })?;
        Ok(Pattern {
            text: text.to_owned(),
            of,
            is_exact: !text.contains(['*', '?', '[', '{']),
            glob: glob.compile_matcher(),
        })
    };
    texts.iter().map(pattern).collect()
}

impl Pattern {
    /// What of a by-name directory it matches: its path, or one of its attributes.
    pub(in crate::split) fn matches<'a>(
        &self,
        directory: &'a str,
        attributes: impl IntoIterator<Item = &'a str>,
    ) -> Option<&'a str> {
        let mut things = match self.of {
            PatternOf::Paths => vec![directory],
            PatternOf::Attributes | PatternOf::Members => attributes.into_iter().collect(),
        }
        .into_iter();
        things.find(|thing| self.glob.is_match(thing))
    }

    /// The key that it is written under.
    pub(in crate::split) fn key(&self) -> &'static str {
        match self.of {
            PatternOf::Paths => "paths",
            PatternOf::Attributes => "attributes",
            PatternOf::Members => "members",
        }
    }

    /// The set that a pattern of members starts with.
    pub(in crate::split) fn set(&self) -> Option<&str> {
        let (set, member) = self.text.split_once('.')?;
        let is_plain = !set.is_empty() && !set.contains(['*', '?', '[', '{']);
        (self.of == PatternOf::Members && is_plain && !member.is_empty()).then_some(set)
    }

    /// Whether it fits a member of a set, or any attribute of that name.
    pub(in crate::split) fn fits_member(&self, full_name: &str) -> bool {
        self.of != PatternOf::Paths && self.glob.is_match(full_name)
    }
}
