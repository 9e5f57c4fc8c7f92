//! What `nix flake init -t` of top-level starts a flake of somebody's own with.

use aux_model::Catalog;
use serde::Serialize;

use crate::render::Context;
use crate::render::quote::shell;

/// The folder of the template in top-level, and the name that it has in its flake.
pub(super) const FOLDER: &str = "templates/my-package";

/// One file of it.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TemplateFile {
    #[serde(skip)]
    template: &'static str,
    organization: String,
    top_level: String,
    url: String,
    /// The same as a word of a shell.
    url_word: String,
    systems: Vec<String>,
}

impl TemplateFile {
    /// Its files, by name.
    pub(super) fn files(catalog: &Catalog) -> [(&'static str, Self); 3] {
        let top_level = catalog.top_level();
        let organization = catalog.organization();
        let url = top_level.url.to_string();
        let file = |template| Self {
            template,
            organization: organization.name.to_string(),
            top_level: top_level.name.to_string(),
            url_word: shell(&url),
            url: url.clone(),
            systems: organization
                .systems
                .iter()
                .map(ToString::to_string)
                .collect(),
        };
        [
            ("flake.nix", file("top-level/my-package/flake.nix")),
            ("layer.nix", file("top-level/my-package/layer.nix")),
            ("package.nix", file("top-level/my-package/package.nix")),
        ]
    }
}

impl Context for TemplateFile {
    fn template(&self) -> &'static str {
        self.template
    }
}
