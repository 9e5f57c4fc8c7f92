//! A new registry: the texts that `aux-gen init` starts from. Scaffolds, all of
//! them: a person's from then on.

use serde::Serialize;

use crate::render::{Context, TemplateError, Templates};

/// Who starts a registry.
#[derive(Debug, Clone, Serialize)]
pub struct NewRegistry {
    /// Name of the organization.
    pub name: String,
    /// Prefix of every repo's flake reference.
    pub forge: String,
    /// Handle of the person who leads SIG core.
    pub lead: String,
}

/// One of the texts; which template it fills in.
#[derive(Serialize)]
struct Text<'a> {
    #[serde(skip)]
    template: &'static str,
    #[serde(flatten)]
    new: &'a NewRegistry,
}

impl Context for Text<'_> {
    fn template(&self) -> &'static str {
        self.template
    }
}

/// The files of a new registry: path and text.
///
/// # Errors
/// Never with the built-in templates.
pub fn files(new: &NewRegistry) -> Result<Vec<(&'static str, String)>, TemplateError> {
    let templates = Templates::built_in();
    [
        ("aux.toml", "registry/root.toml"),
        ("sigs/core.toml", "registry/sig.toml"),
        (".gitignore", "registry/gitignore"),
    ]
    .into_iter()
    .map(|(path, template)| Ok((path, templates.render(&Text { template, new })?)))
    .collect()
}
