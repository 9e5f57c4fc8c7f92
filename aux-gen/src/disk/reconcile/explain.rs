//! Why a generated file is, or would be, written anew.

use crate::disk::error::DiskError;
use crate::disk::reconcile::decide::place;
use crate::disk::reconcile::record::Record;
use crate::disk::registry::Registry;
use crate::plan::{FileKind, Plan};
use crate::render::Provenance;

/// What is known of one generated file.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Explanation {
    /// The file, relative to the registry.
    pub file: String,
    /// The template it is made from.
    pub template: String,
    /// The version of that template.
    pub version: String,
    /// The version of the template when the file was last written; none if it never
    /// was.
    pub written_version: Option<String>,
    /// The version of the program that last wrote it.
    pub written_by: Option<String>,
    /// Why its text is another than the one last written; none if it is the same.
    pub because: Option<Because>,
}

/// Why a text differs from the one last written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Because {
    /// It was never written.
    New,
    /// The template is another, or of another version.
    Template,
    /// The template is the same, so it is the model that changed.
    Model,
    /// It is a scaffold: written once, and a person's since.
    Scaffold,
}

/// Explains a file, named relative to the registry.
///
/// # Errors
/// When no repo is generated with such a file, or its record cannot be read.
pub fn explain(registry: &Registry, plan: &Plan, file: &str) -> Result<Explanation, DiskError> {
    let (folder, files, path) = place(plan, file)?;
    let planned = files.get(&path).ok_or_else(|| DiskError::NotGenerated {
        file: file.to_owned(),
    })?;
    let record = Record::read(&registry.root().join(folder))?;
    let written = record.files.get(path.as_str());
    let Provenance { template, version } = planned.provenance.clone();
    let is_scaffold = matches!(planned.kind, FileKind::Scaffold { .. });
    let is_there = registry.root().join(folder).join(path.as_str()).exists();
    let because = match written {
        None if is_scaffold && is_there => Some(Because::Scaffold),
        None => Some(Because::New),
        Some(written) if written.is(planned.text.get()?.as_bytes()) => None,
        Some(written)
            if (&written.template, &written.template_version) == (&template, &version) =>
        {
            Some(Because::Model)
        }
        Some(_) => Some(Because::Template),
    };
    Ok(Explanation {
        file: file.to_owned(),
        template,
        version,
        written_version: written.map(|written| written.template_version.clone()),
        written_by: written.map(|written| written.tool.clone()),
        because,
    })
}
