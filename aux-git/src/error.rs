//! What git refuses, in its own words.

use std::io;
use std::path::PathBuf;

/// git refused.
#[derive(Debug, thiserror::Error)]
#[error("`git {command}` failed in `{}`: {message}", .directory.display())]
pub struct GitError {
    pub(crate) command: String,
    pub(crate) directory: PathBuf,
    pub(crate) message: String,
    pub(crate) source: Option<io::Error>,
}

impl GitError {
    /// What git says, in one line: its first line, without `fatal:`.
    #[must_use]
    pub fn reason(&self) -> String {
        let mut lines = self.message.lines().map(str::trim);
        let first = lines.find(|line| !line.is_empty());
        match (first, &self.source) {
            (Some(line), _) => {
                let line = line.strip_prefix("fatal: ").unwrap_or(line);
                line.strip_prefix("error: ").unwrap_or(line).to_owned()
            }
            (None, Some(source)) => source.to_string(),
            (None, None) => format!("`git {}` failed", self.command),
        }
    }
}
