//! What the files say, before any of it is checked against the rest.
//!
//! A draft mirrors the format key by key. Every name in it is a possible name
//! (it parsed), but none is known to exist yet: that is the work of
//! `catalog::build`.

mod access;
mod channel;
mod ci;
mod former;
mod organization;
mod package;
mod people;
mod policy;
mod repo;
mod restriction;
mod root;
mod set;
mod values;

pub(crate) use access::ForgeRulesDraft;
pub(crate) use channel::ChannelDraft;
pub(crate) use ci::CiDraft;
pub(crate) use former::{
    FormerDraft, FormerMembersDraft, FormerOfRepoDraft, RemovedDraft, RenamedDraft,
};
pub(crate) use organization::{OrganizationDraft, TierDraft};
pub(crate) use package::{EdgeDraft, PackageDraft, ShapeDraft, VariantsDraft};
pub(crate) use people::{PersonDraft, SigDraft};
pub(crate) use policy::{AllowDraft, PolicyDraft};
pub(crate) use repo::{BorrowedDraft, ModuleDraft, MovedDraft, OverlayDraft, RepoDraft};
pub(crate) use restriction::RestrictionDraft;
pub(crate) use root::Draft;
pub(crate) use set::SetDraft;
pub use values::{FORMAT, PackageRef, PackageRefError};
