//! The pages: what each template is filled with.

mod frame;
mod home;
mod lists;
mod member;
mod module;
mod overlay;
mod package;
mod people;
mod release;
mod repo;
mod sig;
mod things;
mod tiers;

pub(crate) use home::Home;
pub(crate) use lists::{Letters, Missing, Modules, Repos, Sigs};
pub(crate) use member::MemberPage;
pub(crate) use module::ModulePage;
pub(crate) use overlay::OverlayPage;
pub(crate) use package::PackagePage;
pub(crate) use people::{People, PersonPage};
pub(crate) use release::{ReleasePage, Releases};
pub(crate) use repo::{RepoPage, page_path as repo_page_path, pages as repo_pages};
pub(crate) use sig::SigPage;
pub(crate) use tiers::Tiers;
