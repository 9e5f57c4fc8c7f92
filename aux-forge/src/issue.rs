//! Issues, as both forges have them.

use serde::Deserialize;

/// An issue on a forge.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Issue {
    /// Its number in the repository.
    pub number: u64,
    /// Its title.
    pub title: String,
    /// Its text, in Markdown; both forges say `null` for an empty one.
    #[serde(default, deserialize_with = "text")]
    pub body: String,
    /// Where it can be read.
    #[serde(default)]
    pub html_url: String,
    /// What is there if it is a pull request: both forges list those among issues.
    #[serde(default)]
    pub(crate) pull_request: Option<serde_json::Value>,
}

/// What an issue says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssueText {
    /// Its title.
    pub title: String,
    /// Its text, in Markdown.
    pub body: String,
}

impl Issue {
    /// Whether it says that. Forges may keep line ends as `\r\n`, and cut blanks at the end.
    #[must_use]
    pub fn says(&self, text: &IssueText) -> bool {
        let plain = |text: &str| text.replace("\r\n", "\n").trim_end().to_owned();
        self.title == text.title && plain(&self.body) == plain(&text.body)
    }
}

fn text<'d, D: serde::Deserializer<'d>>(from: D) -> Result<String, D::Error> {
    Ok(Option::<String>::deserialize(from)?.unwrap_or_default())
}
