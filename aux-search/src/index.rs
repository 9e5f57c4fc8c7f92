//! Everything that may be found in a family, as plain data: what a search looks at, and what is
//! published beside a site for those who have no registry.

use aux_model::answers::Formerly;
use aux_model::{AttrName, Handle, RepoName, SigName, System, TierName};
use serde::{Deserialize, Serialize};

use crate::hit::HitKind;

/// The version of the format of [`Index`]. It grows when a reader of the version before would
/// misunderstand something; fields that are only added do not change it.
pub const INDEX_FORMAT: u32 = 1;

/// Everything that may be found in a family.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Index {
    /// The version of this format: 1.
    pub format: u32,
    /// The organization.
    pub name: String,
    /// One sentence on what it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The systems that its repos offer packages for.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<String>"))]
    pub systems: Vec<System>,
    /// Its tiers, lowest first.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<String>"))]
    pub tiers: Vec<TierName>,
    /// The names of each part of a package set.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sets: Vec<SetNames>,
    /// What may be found: packages, modules and their options, overlays, members of sets, repos,
    /// SIGs, people.
    pub entries: Vec<Entry>,
    /// Names that nothing has any more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub former: Vec<FormerName>,
}

/// The part of a package set that one repo has, and the attributes that it is instantiated as.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct SetNames {
    /// The repo.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub repo: RepoName,
    /// The name of the set.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub name: AttrName,
    /// Its instances, such as `python312Packages`.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<String>"))]
    pub instances: Vec<AttrName>,
}

/// A name that something had once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct FormerName {
    /// What it was, such as `package`.
    pub kind: String,
    /// The name: REPO/NAME of what was in a repo, REPO/SET.NAME of a member of a package set.
    pub name: String,
    /// The name that it has now; null if it is gone.
    #[serde(default)]
    pub to: Option<String>,
    /// What became of it, in words.
    pub sentence: String,
}

impl From<Formerly> for FormerName {
    fn from(former: Formerly) -> Self {
        Self {
            kind: former.kind.to_owned(),
            name: former.name,
            to: former.to,
            sentence: former.sentence,
        }
    }
}

/// One thing that may be found, with every name that it goes by. What does not apply to it, or is
/// not known, is empty and left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Entry {
    /// What it is.
    pub kind: HitKind,
    /// Its own name: an attribute, the path of an option, a handle.
    pub name: String,
    /// A person's name in full.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub full_name: Option<String>,
    /// Whether its own name is an attribute of the package set.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_attribute: bool,
    /// The attribute that its own name means, if it has variants.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alias_of: Option<String>,
    /// The other attributes that it defines: variants, aliases, members.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<OtherName>,
    /// The attributes of its variants.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variants: Vec<String>,
    /// Its other names, those of variants among them, sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// The attributes that it defines, if it is a set that one file makes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<String>,
    /// The package set that it is a member of, or the module that it is an option of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part_of: Option<String>,
    /// The repo that it is placed in; a repo is in itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>"))]
    pub repo: Option<RepoName>,
    /// The tier of that repo.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>"))]
    pub tier: Option<TierName>,
    /// The SIG that answers for it; a SIG does for itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>"))]
    pub owner: Option<SigName>,
    /// Who looks after it besides its owner.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(with = "Vec<String>"))]
    pub maintainers: Vec<Handle>,
    /// Who leads the SIG.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(with = "Vec<String>"))]
    pub leads: Vec<Handle>,
    /// The SIGs that the person leads, then those they are a member of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(with = "Vec<String>"))]
    pub sigs: Vec<SigName>,
    /// Where to reach the SIG or the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
    /// What it is, in a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What to type after `nix build`, or to write into a configuration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// The flake that has its other names, which stand behind a `#`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flake: Option<String>,
    /// Its version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Its project's page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub homepage: Option<String>,
    /// Its licences, as SPDX identifiers where they have one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub licenses: Vec<String>,
    /// The systems that it is for; none for all of the organization's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<Vec<String>>"))]
    pub systems: Option<Vec<System>>,
    /// The systems on which it is known not to work.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(with = "Vec<String>"))]
    pub broken: Vec<System>,
    /// Whether its licence is not free.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unfree: bool,
    /// Its known vulnerabilities.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub insecure: Vec<String>,
}

/// An attribute that a package defines besides the one of its own name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct OtherName {
    /// The attribute.
    pub name: String,
    /// The attribute that it is another name for; none if it is a derivation or a function of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alias_of: Option<String>,
}

/// Why a text is not an index.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IndexError {
    /// It is no JSON, or of another shape.
    #[error("it is no index of a site: {0}")]
    Shape(#[source] serde_json::Error),
    /// It is of a version that this program does not know.
    #[error("it is an index of format {0}, and this program reads {INDEX_FORMAT}")]
    Format(u32),
}

/// A name of an entry.
#[derive(Clone, Copy)]
pub(crate) struct Name<'i> {
    pub(crate) text: &'i str,
    /// A person's name in full.
    pub(crate) full: Option<&'i str>,
    /// Whether it is the thing's own name, and not one of a variant, an alias or a member.
    pub(crate) is_own: bool,
    pub(crate) is_attribute: bool,
    pub(crate) alias_of: Option<&'i str>,
}

impl Index {
    /// Reads what was published.
    ///
    /// # Errors
    /// When it is none, or of a later format.
    pub fn from_json(text: &[u8]) -> Result<Self, IndexError> {
        #[derive(Deserialize)]
        struct Head {
            format: u32,
        }
        let head: Head = serde_json::from_slice(text).map_err(IndexError::Shape)?;
        if head.format != INDEX_FORMAT {
            return Err(IndexError::Format(head.format));
        }
        serde_json::from_slice(text).map_err(IndexError::Shape)
    }

    /// What became of things that had this name once, NAME or REPO/NAME or SET.NAME.
    #[must_use]
    pub fn formerly(&self, text: &str) -> Vec<&FormerName> {
        let text = text.trim_start_matches('@');
        let is_it = |former: &&FormerName| {
            let short = former.name.split_once('/').map(|(_, name)| name);
            let member = short.and_then(|name| name.rsplit_once('.'));
            former.name == text
                || short == Some(text)
                || member.is_some_and(|(_, member)| member == text)
        };
        self.former.iter().filter(is_it).collect()
    }
}

impl Entry {
    pub(crate) fn new(kind: HitKind, name: &str) -> Self {
        Self {
            kind,
            name: name.to_owned(),
            full_name: None,
            is_attribute: false,
            alias_of: None,
            names: Vec::new(),
            variants: Vec::new(),
            aliases: Vec::new(),
            members: Vec::new(),
            part_of: None,
            repo: None,
            tier: None,
            owner: None,
            maintainers: Vec::new(),
            leads: Vec::new(),
            sigs: Vec::new(),
            contact: None,
            description: None,
            reference: None,
            flake: None,
            version: None,
            homepage: None,
            licenses: Vec::new(),
            systems: None,
            broken: Vec::new(),
            unfree: false,
            insecure: Vec::new(),
        }
    }

    /// An option of a module, in the repo and of the SIG that the module is.
    #[must_use]
    pub fn option(path: &str, module: &Self) -> Self {
        Self {
            part_of: Some(module.name.clone()),
            repo: module.repo.clone(),
            tier: module.tier.clone(),
            owner: module.owner.clone(),
            reference: module.reference.clone(),
            ..Self::new(HitKind::Option, path)
        }
    }

    /// Who leads it or looks after it, besides the SIG that owns it.
    pub(crate) fn handles(&self) -> &[Handle] {
        match self.kind {
            HitKind::Sig => &self.leads,
            _ => &self.maintainers,
        }
    }

    /// Every name it goes by; its own is first.
    pub(crate) fn each_name<'i>(&'i self, mut visit: impl FnMut(Name<'i>)) {
        visit(self.own_name());
        for other in &self.names {
            visit(Name {
                text: &other.name,
                full: None,
                is_own: false,
                is_attribute: true,
                alias_of: other.alias_of.as_deref(),
            });
        }
    }

    /// Its own name.
    pub(crate) fn own_name(&self) -> Name<'_> {
        Name {
            text: &self.name,
            full: self.full_name.as_deref(),
            is_own: true,
            is_attribute: self.is_attribute,
            alias_of: self.alias_of.as_deref(),
        }
    }

    /// What to type for one of its names.
    pub(crate) fn reference_of(&self, name: &Name<'_>) -> Option<String> {
        if name.is_own {
            return self.reference.clone();
        }
        let flake = self.flake.as_ref()?;
        Some(format!("{flake}#{}", name.text))
    }
}
