//! The issues of one repository.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::de::IgnoredAny;
use serde_json::json;

use crate::access::Access;
use crate::address::{ForgeKind, RepositoryName};
use crate::error::ForgeError;
use crate::issue::{Issue, IssueText};
use crate::label::{Label, LabelText};

/// A repository on a forge.
#[derive(Debug, Clone)]
pub struct Forge {
    access: Access,
    repository: RepositoryName,
}

impl Forge {
    /// A repository that is asked about.
    #[must_use]
    pub fn new(access: Access, repository: RepositoryName) -> Self {
        Self { access, repository }
    }

    /// The repository.
    #[must_use]
    pub fn repository(&self) -> &RepositoryName {
        &self.repository
    }

    /// The open issues that have a label, oldest first. Only who may write to a repository can give
    /// a label, so that nobody else can pass one off as ours.
    ///
    /// # Errors
    /// When the forge refuses, or has more than can be read.
    pub fn open_issues(&self, label: &str) -> Result<Vec<Issue>, ForgeError> {
        let label = utf8_percent_encode(label, NON_ALPHANUMERIC);
        let path = self.path(&format!("issues?state=open&type=issues&labels={label}"));
        let mut all: Vec<Issue> = self.access.list(&path)?;
        all.retain(|issue| issue.pull_request.is_none());
        all.sort_by_key(|issue| issue.number);
        all.dedup_by_key(|issue| issue.number);
        Ok(all)
    }

    /// Opens an issue with a label, which is made if the repository has none of that name.
    ///
    /// # Errors
    /// When the forge refuses.
    pub fn open(&self, text: &IssueText, label: &LabelText) -> Result<Issue, ForgeError> {
        let id = self.label(label)?;
        // GitHub wants names, Forgejo numbers.
        let labels = match self.access.kind() {
            ForgeKind::Github => json!([label.name]),
            ForgeKind::Forgejo => json!([id]),
        };
        let IssueText { title, body } = text;
        let issue = json!({ "title": title, "body": body, "labels": labels });
        self.access.post(&self.path("issues"), &issue)
    }

    /// Makes an issue say something else.
    ///
    /// # Errors
    /// When the forge refuses.
    pub fn edit(&self, number: u64, text: &IssueText) -> Result<Issue, ForgeError> {
        let IssueText { title, body } = text;
        let change = json!({ "title": title, "body": body });
        self.access
            .patch(&self.path(&format!("issues/{number}")), &change)
    }

    /// Says something below an issue, in Markdown.
    ///
    /// # Errors
    /// When the forge refuses.
    pub fn comment(&self, number: u64, body: &str) -> Result<(), ForgeError> {
        let path = self.path(&format!("issues/{number}/comments"));
        let _said: IgnoredAny = self.access.post(&path, &json!({ "body": body }))?;
        Ok(())
    }

    /// Closes an issue.
    ///
    /// # Errors
    /// When the forge refuses.
    pub fn close(&self, number: u64) -> Result<Issue, ForgeError> {
        let change = json!({ "state": "closed" });
        self.access
            .patch(&self.path(&format!("issues/{number}")), &change)
    }

    /// The number of a label of the repository, which is made if there is none.
    fn label(&self, text: &LabelText) -> Result<u64, ForgeError> {
        let path = self.path("labels");
        let labels: Vec<Label> = self.access.list(&path)?;
        match labels.into_iter().find(|label| label.name == text.name) {
            Some(label) => Ok(label.id),
            None => Ok(Label::make(&self.access, &path, text)?.id),
        }
    }

    fn path(&self, rest: &str) -> String {
        format!("/repos/{}/{rest}", self.repository)
    }
}
