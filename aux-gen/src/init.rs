//! A new registry: the texts that `aux-gen init` starts from. Scaffolds, all of
//! them: a person's from then on.

use std::collections::BTreeMap;

use aux_model::{FlakeRef, RepoName};
use serde::Serialize;

use crate::disk::MANIFEST;
use crate::render::{Context, TemplateError, Templates, quote};

/// Who starts a registry.
#[derive(Debug, Clone, Serialize)]
pub struct NewRegistry {
    /// Name of the organization.
    pub name: String,
    /// Prefix of every repo's flake reference.
    pub forge: String,
    /// Handle of the person who leads SIG core.
    pub lead: String,
    /// The core, if it is somebody else's.
    pub core: Option<OutsideCore>,
}

/// A core that is somebody else's.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OutsideCore {
    /// Its name in the family.
    pub name: RepoName,
    /// Where it is.
    pub url: FlakeRef,
    /// Whether it has a `flake.nix`.
    pub is_flake: bool,
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

/// The files of a new registry for repos that exist, by path: its tiers, lowest
/// first, and top-level unless one of the repos is it. SIG `run_by` runs that.
///
/// # Errors
/// Never with the built-in templates.
pub fn family(
    new: &NewRegistry,
    tiers: &[String],
    run_by: Option<&str>,
) -> Result<BTreeMap<String, String>, TemplateError> {
    let mut texts = BTreeMap::new();
    for (path, text) in files(new)? {
        if path == MANIFEST {
            texts.insert(path.to_owned(), with_tiers(&text, tiers, run_by));
        } else if path != SIG {
            texts.insert(path.to_owned(), text);
        }
    }
    Ok(texts)
}

fn with_tiers(root: &str, tiers: &[String], run_by: Option<&str>) -> String {
    let start = root.find("# Lowest first").unwrap_or(root.len());
    let mut text = root[..start].to_owned();
    text.push_str("# Lowest first: a repo may use what is on its tier and below it.\n");
    for tier in tiers {
        text.push_str(&format!("[[tiers]]\nname = {}\n\n", quote::toml(tier)));
    }
    if let (Some(top), Some(sig)) = (tiers.last(), run_by) {
        text.push_str(&format!(
            "[repos.top-level]\nsig = {}\ntier = {}\n",
            quote::toml(sig),
            quote::toml(top)
        ));
    }
    text.trim_end().to_owned() + "\n"
}

/// The file of the SIG that a new registry starts with.
const SIG: &str = "sigs/core.toml";

/// The files of a new registry: path and text.
///
/// # Errors
/// Never with the built-in templates.
pub fn files(new: &NewRegistry) -> Result<Vec<(&'static str, String)>, TemplateError> {
    let templates = Templates::built_in();
    let sig = match new.core {
        None => "registry/sig.toml",
        Some(_) => "registry/outside.toml",
    };
    [
        (MANIFEST, "registry/root.toml"),
        (SIG, sig),
        (".gitignore", "registry/gitignore"),
    ]
    .into_iter()
    .map(|(path, template)| Ok((path, templates.render(&Text { template, new })?)))
    .collect()
}
