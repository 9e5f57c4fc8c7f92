//! One planned file.

use aux_model::RelativePath;

use crate::plan::text::Text;
use crate::render::{Context, Filling, Marker, Provenance, Templates};

/// One file.
#[derive(Debug, Clone)]
pub struct PlannedFile {
    /// Its whole text.
    pub text: Text,
    /// Whose it is from now on.
    pub kind: FileKind,
    /// What it was made from.
    pub provenance: Provenance,
}

/// Whose a file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileKind {
    /// The generator's: replaced whenever the model changes.
    Generated {
        /// Files beside it that no longer count once it is there: another layout
        /// of the same thing.
        hides: &'static [&'static str],
    },
    /// A person's: written once, never again.
    Scaffold {
        /// Not written if the directory holds one of these already: another
        /// layout of the same thing.
        unless: &'static [&'static str],
        /// A scaffold beside it that it is a part of: where somebody wrote that file
        /// without a scaffold, its parts are theirs too.
        part_of: Option<&'static str>,
    },
}

impl PlannedFile {
    pub(crate) fn of(filling: Filling, kind: FileKind) -> Self {
        Self {
            provenance: filling.provenance(),
            text: Text::of(filling),
            kind,
        }
    }
}

/// A file that the generator goes on writing.
pub(super) fn marked(
    templates: &Templates,
    context: impl Context + Send + Sync + 'static,
) -> PlannedFile {
    let kind = FileKind::Generated { hides: &[] };
    PlannedFile::of(Filling::new(templates, context, Marker::Required), kind)
}

/// A path of checked names.
pub(super) fn checked(path: &str) -> RelativePath {
    path.parse()
        .expect("paths are made of checked names, none of which leaves its directory")
}
