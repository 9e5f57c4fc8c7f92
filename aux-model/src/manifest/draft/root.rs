//! The draft of a whole manifest.

use std::collections::BTreeSet;

use aux_names::{Handle, RelativePath, RepoName, SigName};
use toml::Spanned;
use toml::de::DeValue;

use crate::manifest::draft::access::ForgeRulesDraft;
use crate::manifest::draft::channel::ChannelDraft;
use crate::manifest::draft::ci::CiDraft;
use crate::manifest::draft::former::FormerDraft;
use crate::manifest::draft::organization::{OrganizationDraft, TierDraft};
use crate::manifest::draft::people::{PersonDraft, SigDraft};
use crate::manifest::draft::policy::PolicyDraft;
use crate::manifest::draft::repo::RepoDraft;
use crate::manifest::draft::values;
use crate::manifest::draft::values::{FORMAT, Pattern};
use crate::manifest::reader::{Reader, What};
use crate::manifest::table::Table;
use aux_problems::Code;
use aux_problems::Located;

/// Everything that was read, file after file.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    pub(crate) include: Vec<Located<Pattern>>,
    pub(crate) templates: Option<Located<RelativePath>>,
    pub(crate) organization: Option<OrganizationDraft>,
    pub(crate) tiers: Vec<TierDraft>,
    pub(crate) policy: PolicyDraft,
    pub(crate) ci: CiDraft,
    pub(crate) access: ForgeRulesDraft,
    pub(crate) channels: Vec<ChannelDraft>,
    pub(crate) former: FormerDraft,
    pub(crate) people: Vec<(Located<Handle>, PersonDraft)>,
    pub(crate) sigs: Vec<(Located<SigName>, SigDraft)>,
    pub(crate) repos: Vec<(Located<RepoName>, RepoDraft)>,
}

impl Draft {
    /// Reads the file that holds `format` and `organization`. Returns false if
    /// its format is newer than this crate: then nothing else is read.
    pub(crate) fn read_root(&mut self, root: &Spanned<DeValue<'_>>, reader: &mut Reader) -> bool {
        let Some(mut table) = reader.table(root, What::The("the manifest")) else {
            return false;
        };
        if !format_is_known(&mut table) {
            return false;
        }
        self.include = table.list("include");
        let mut named = BTreeSet::new();
        for pattern in &self.include {
            if !named.insert(&pattern.value.0) {
                table.reader.problem(
                    Code::DuplicateDefinition,
                    pattern.at,
                    format!("`include` names `{}` twice", pattern.value.0),
                    Some("remove one of the two".to_owned()),
                );
            }
        }
        self.templates = table.value("templates");
        if !table.has("organization") {
            table.missing("organization", "{ name = \"...\", forge = \"github:...\" }");
        }
        self.organization = table.sub("organization").map(OrganizationDraft::read);
        self.policy = table
            .sub("policy")
            .map(PolicyDraft::read)
            .unwrap_or_default();
        self.ci = table.sub("ci").map(CiDraft::read).unwrap_or_default();
        self.access = table
            .sub("access")
            .map(ForgeRulesDraft::read)
            .unwrap_or_default();
        for (index, item) in table.tables("channels").iter().enumerate() {
            let sub = table.reader.table(item, What::Nth("channel", index + 1));
            self.channels.extend(sub.and_then(ChannelDraft::read));
        }
        let said = table.reader.findings.len();
        let tiers = table.tables("tiers");
        // An empty list is one that has been read: the rule says what it lacks.
        let is_unread = table.reader.findings.len() > said;
        for (index, item) in tiers.iter().enumerate() {
            let sub = table.reader.table(item, What::Nth("tier", index + 1));
            self.tiers.extend(sub.and_then(TierDraft::read));
        }
        if self.tiers.len() < tiers.len() || is_unread {
            table.reader.hide(&[
                Code::MissingTier,
                Code::UnknownTier,
                Code::CoreCount,
                Code::TopLevelCount,
            ]);
        }
        self.read_members(&mut table);
        table.finish();
        true
    }

    /// Reads a file that the root includes: people, SIGs and repos, and the names that those had.
    pub(crate) fn read_included(
        &mut self,
        file: &Spanned<DeValue<'_>>,
        reader: &mut Reader,
    ) -> bool {
        if let Some(mut table) = reader.table(file, What::The("an included file")) {
            for key in [
                "access",
                "channels",
                "ci",
                "format",
                "include",
                "organization",
                "policy",
                "templates",
                "tiers",
            ] {
                let message = format!("`{key}` is a key of `aux.toml`, not of an included file");
                table.misplaced(key, message, "move it there, or drop it");
            }
            self.read_members(&mut table);
            table.finish();
        }
        true
    }

    /// Adds what an included file says that was read by itself.
    pub(crate) fn append(&mut self, mut included: Self) {
        self.former.append(included.former);
        self.people.append(&mut included.people);
        self.sigs.append(&mut included.sigs);
        self.repos.append(&mut included.repos);
    }

    fn read_members(&mut self, table: &mut Table<'_, '_>) {
        self.former.read(table);
        let people = table.drafts("people", "person", None, |_, sub| PersonDraft::read(sub));
        let sigs = table.drafts("sigs", "SIG", None, |_, sub| SigDraft::read(sub));
        let repos = table.drafts("repos", "repo", None, RepoDraft::read);
        self.people.extend(people);
        self.sigs.extend(sigs);
        self.repos.extend(repos);
    }
}

/// A newer major version may mean anything by the same words; it is refused.
fn format_is_known(table: &mut Table<'_, '_>) -> bool {
    let example = format!("\"{}.{}\"", FORMAT.major, FORMAT.minor);
    let Some(format) = table.required::<values::Format>("format", &example) else {
        return true;
    };
    if format.value.major <= FORMAT.major {
        return true;
    }
    table.reader.problem(
        Code::NewerFormat,
        format.at,
        format!(
            "the manifest has format {}.{}, and this program reads formats up to {}.{}",
            format.value.major, format.value.minor, FORMAT.major, FORMAT.minor
        ),
        Some("install a newer aux-gen".to_owned()),
    );
    false
}
