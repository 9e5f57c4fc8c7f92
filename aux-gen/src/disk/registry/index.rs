//! The index of a core that is somebody else's: `index/NAME.json`, written by `aux-gen index`.

use std::collections::BTreeMap;

use aux_model::{AttrName, Indexed, RelativePath, RepoName, Rev, System, Tree, index_path};
use serde::{Deserialize, Serialize};

/// Who writes an index.
const GENERATED: &str = "Written by `aux-gen index`. Do not edit.";

/// The newest format of an index that this program reads.
const FORMAT: u32 = 1;

/// The attributes of a package set that is somebody else's, as one evaluation found them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct IndexFile {
    /// Who writes it.
    pub generated: String,
    /// The version of its format.
    pub format: u32,
    /// The commit that was evaluated; none if it stood in no repository.
    pub rev: Option<Rev>,
    /// The system that it was evaluated for.
    pub system: System,
    /// Derivations, each with the file that defines it, or the directory that holds nothing else.
    pub packages: BTreeMap<String, String>,
    /// Functions, and sets of packages, in the same way.
    pub builders: BTreeMap<String, String>,
}

/// Why a text is no index.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// It is no JSON of this form.
    #[error("it is no index: {0}")]
    Json(#[from] serde_json::Error),
    /// A newer program wrote it.
    #[error("it has format {0}, and this program knows {FORMAT}: install a newer one")]
    Newer(u32),
}

impl IndexFile {
    /// An index of these attributes.
    #[must_use]
    pub fn new(rev: Option<Rev>, system: System, attributes: &BTreeMap<AttrName, Indexed>) -> Self {
        let of_kind = |is_builder: bool| {
            let attributes = attributes.iter();
            let attributes = attributes.filter(|(_, found)| found.is_builder == is_builder);
            attributes
                .map(|(name, found)| (name.to_string(), found.file.to_string()))
                .collect()
        };
        Self {
            generated: GENERATED.to_owned(),
            format: FORMAT,
            rev,
            system,
            packages: of_kind(false),
            builders: of_kind(true),
        }
    }

    /// Reads the text of an index.
    ///
    /// # Errors
    /// When it is none, or one of a newer format.
    pub fn read(text: &str) -> Result<Self, IndexError> {
        /// What is known of every format.
        #[derive(Deserialize)]
        struct Version {
            format: u32,
        }
        let Version { format } = serde_json::from_str(text)?;
        if format > FORMAT {
            return Err(IndexError::Newer(format));
        }
        Ok(serde_json::from_str(text)?)
    }

    /// Its text: a line for each attribute, so that two versions of it can be compared.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).expect("its keys are texts");
        text.push('\n');
        text
    }

    /// Its attributes; those that can be none are rejected in the tree.
    fn attributes(&self, path: &str, tree: &mut Tree) -> BTreeMap<AttrName, Indexed> {
        let packages = self.packages.iter().map(|entry| (false, entry));
        let builders = self.builders.iter().map(|entry| (true, entry));
        let mut attributes = BTreeMap::new();
        for (is_builder, (name, file)) in packages.chain(builders) {
            let name = name.parse::<AttrName>().map_err(|error| error.to_string());
            let file = file.parse::<RelativePath>();
            let file = file.map_err(|error| error.to_string());
            match name.and_then(|name| Ok((name, file?))) {
                Ok((name, file)) => {
                    attributes.insert(name, Indexed { is_builder, file });
                }
                Err(reason) => tree.rejected.push((path.to_owned(), reason)),
            }
        }
        attributes
    }
}

/// Adds what the text of an index says to what is known of a repo.
pub(super) fn add(repo: &RepoName, text: &str, tree: &mut Tree) {
    let path = index_path(repo);
    match IndexFile::read(text) {
        Ok(index) => tree.index = Some(index.attributes(&path, tree)),
        Err(error) => tree.rejected.push((path, error.to_string())),
    }
}
