//! What the files say, before any of it is checked against the rest.
//!
//! A draft mirrors the format key by key. Every name in it is a possible name
//! (it parsed), but none is known to exist yet: that is the work of
//! `catalog::build`.

mod organization;
mod package;
mod people;
mod repo;
mod values;

pub(crate) use organization::{OrganizationDraft, TierDraft};
pub(crate) use package::{EdgeDraft, PackageDraft, ShapeDraft, VariantsDraft};
pub(crate) use people::{PersonDraft, SigDraft};
pub(crate) use repo::{ModuleDraft, OverlayDraft, RepoDraft};
pub(crate) use values::Pattern;
pub use values::{PackageRef, PackageRefError};

use semver::Version;
use toml::Spanned;
use toml::de::DeValue;

use super::reader::Reader;
use super::table::Table;
use crate::name::{Handle, RepoName, SigName};
use crate::problem::Code;
use crate::relative_path::RelativePath;
use crate::source::Located;

/// The version of the manifest's format that this crate reads and writes.
pub const FORMAT: Version = Version::new(1, 0, 0);

/// Everything that was read, file after file.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    pub(crate) include: Vec<Located<Pattern>>,
    pub(crate) templates: Option<Located<RelativePath>>,
    pub(crate) organization: Option<OrganizationDraft>,
    pub(crate) tiers: Vec<TierDraft>,
    pub(crate) people: Vec<(Located<Handle>, PersonDraft)>,
    pub(crate) sigs: Vec<(Located<SigName>, SigDraft)>,
    pub(crate) repos: Vec<(Located<RepoName>, RepoDraft)>,
}

impl Draft {
    /// Reads the file that holds `format` and `organization`. Returns false if
    /// its format is newer than this crate: then nothing else is read.
    pub(super) fn read_root(&mut self, root: &Spanned<DeValue<'_>>, reader: &mut Reader) -> bool {
        let Some(mut table) = reader.table(root, "the manifest") else {
            return false;
        };
        if !format_is_known(&mut table) {
            return false;
        }
        self.include = table.list("include");
        self.templates = table.value("templates");
        self.organization = match table.sub("organization") {
            Some(sub) => Some(OrganizationDraft::read(sub)),
            None => {
                table.missing("organization", "{ name = \"...\", forge = \"github:...\" }");
                None
            }
        };
        for item in table.tables("tiers") {
            let sub = table.reader.table(item, "a tier");
            self.tiers.extend(sub.and_then(TierDraft::read));
        }
        self.read_members(&mut table);
        table.finish();
        true
    }

    /// Reads a file that the root includes: people, SIGs and repos.
    pub(super) fn read_included(&mut self, file: &Spanned<DeValue<'_>>, reader: &mut Reader) {
        if let Some(mut table) = reader.table(file, "an included file") {
            self.read_members(&mut table);
            table.finish();
        }
    }

    fn read_members(&mut self, table: &mut Table<'_, '_>) {
        for (handle, value) in table.entries::<Handle>("people") {
            let what = format!("person `{}`", handle.value);
            if let Some(sub) = table.reader.table(value, what) {
                self.people.push((handle, PersonDraft::read(sub)));
            }
        }
        for (name, value) in table.entries::<SigName>("sigs") {
            let what = format!("SIG `{}`", name.value);
            if let Some(sub) = table.reader.table(value, what) {
                self.sigs.push((name, SigDraft::read(sub)));
            }
        }
        for (name, value) in table.entries::<RepoName>("repos") {
            let what = format!("repo `{}`", name.value);
            if let Some(sub) = table.reader.table(value, what) {
                let repo = RepoDraft::read(&name.value, sub);
                self.repos.push((name, repo));
            }
        }
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
