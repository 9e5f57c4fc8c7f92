//! Package sets as data.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::edge::EdgeKind;
use crate::manifest::document::former::{RemovedDocument, RenamedDocument, by_name};
use crate::set::{Member, Needed, PackageSet};

/// A package set, or what a repo adds to that of another one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SetDocument {
    /// The SIG that answers for it; the repo's if absent.
    #[serde(default)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// One sentence on what it holds.
    #[serde(default)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The set that it is a part of: REPO/SET.
    #[serde(default)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extends: Option<String>,
    /// The attribute with what others add to it; SETExtensions if absent.
    #[serde(default)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hook: Option<String>,
    /// The argument under which members get the interpreter; interpreter if absent.
    #[serde(default)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub argument: Option<String>,
    /// The attributes that it is instantiated as, each with its interpreter, such as
    /// { python312Packages = "python312" }; or a list of attributes.
    #[serde(default)]
    #[serde(skip_serializing_if = "InstancesDocument::is_nothing")]
    pub instances: InstancesDocument,
    /// The instance that the name of the set means; the last one if absent.
    #[serde(default)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// Its members by name.
    #[serde(default)]
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub members: BTreeMap<String, MemberDocument>,
    /// Members that have another name, by the one that they had.
    #[serde(default)]
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub renamed: BTreeMap<String, RenamedDocument>,
    /// Members that are gone.
    #[serde(default)]
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub removed: BTreeMap<String, RemovedDocument>,
}

/// Attributes with interpreters, or without.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum InstancesDocument {
    /// Attribute and interpreter.
    Interpreters(BTreeMap<String, String>),
    /// Attributes alone.
    Names(Vec<String>),
}

impl Default for InstancesDocument {
    fn default() -> Self {
        Self::Interpreters(BTreeMap::new())
    }
}

impl InstancesDocument {
    /// Whether there is nothing to write.
    pub(super) fn is_nothing(&self) -> bool {
        match self {
            Self::Interpreters(all) => all.is_empty(),
            Self::Names(all) => all.is_empty(),
        }
    }
}

/// A package of a set.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct MemberDocument {
    /// The SIG that answers for it; the set's if absent.
    #[serde(default)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// One sentence on what it is.
    #[serde(default)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Handles of those who look after it besides the owner.
    #[serde(default)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub maintainers: Vec<String>,
    /// Needed while it is built: a member, ATTRIBUTE or REPO/ATTRIBUTE.
    #[serde(default)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub build: Vec<String>,
    /// Needed while it runs.
    #[serde(default)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub runtime: Vec<String>,
    /// Needed for its tests only.
    #[serde(default)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub test: Vec<String>,
    /// Used if there: a lambda argument with a default.
    #[serde(default)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub optional: Vec<String>,
    /// Asked for by name and maybe not used.
    #[serde(default)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub asks: Vec<String>,
}

impl SetDocument {
    pub(super) fn of(set: &PackageSet) -> Self {
        let own = set.extends.is_none();
        let text = |name: &dyn ToString| Some(name.to_string());
        let has_interpreters = set.instances.values().any(Option::is_some);
        let named = set.instances.iter().filter(|_| own);
        Self {
            owner: text(&set.owner),
            description: set.description.clone(),
            extends: set
                .extends
                .as_ref()
                .map(|repo| format!("{repo}/{}", set.name)),
            hook: text(&set.hook),
            argument: text(&set.argument),
            instances: if has_interpreters {
                let pair = |(name, interpreter): (&aux_names::AttrName, &Option<_>)| {
                    let interpreter: &Option<aux_names::AttrName> = interpreter;
                    Some((name.to_string(), interpreter.as_ref()?.to_string()))
                };
                InstancesDocument::Interpreters(named.filter_map(pair).collect())
            } else {
                InstancesDocument::Names(named.map(|(name, _)| name.to_string()).collect())
            },
            default: set
                .default
                .as_ref()
                .filter(|_| own)
                .map(ToString::to_string),
            members: by_name(&set.members, MemberDocument::of),
            renamed: by_name(&set.former.renamed, RenamedDocument::of),
            removed: by_name(&set.former.removed, RemovedDocument::of),
        }
    }
}

impl MemberDocument {
    fn of(member: &Member) -> Self {
        let edges = |kind: EdgeKind| {
            let of_kind = member.edges.iter().filter(|edge| edge.kind == kind);
            let names = of_kind.map(|edge| match &edge.to {
                Needed::Member(_, name) => name.to_string(),
                Needed::Package(id, attribute) => format!("{}/{attribute}", id.repo),
            });
            names.collect()
        };
        Self {
            owner: Some(member.owner.to_string()),
            description: member.description.clone(),
            maintainers: member.maintainers.iter().map(ToString::to_string).collect(),
            build: edges(EdgeKind::Build),
            runtime: edges(EdgeKind::Runtime),
            test: edges(EdgeKind::Test),
            optional: edges(EdgeKind::Optional),
            asks: edges(EdgeKind::Asks),
        }
    }
}
