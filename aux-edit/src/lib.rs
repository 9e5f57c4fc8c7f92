//! Edits manifests of a family of repositories: comments, order and style of what a person wrote
//! stay as they are, and only the new lines are new.
//!
//! [`Editor`] opens the files of a manifest, takes many edits, and gives the files that changed,
//! or the [`Catalog`](aux_model::Catalog) that they make:
//!
//! | edit | of |
//! |---|---|
//! | [`add_package`](Editor::add_package), [`remove_package`](Editor::remove_package), [`rename_package`](Editor::rename_package), [`set_owner`](Editor::set_owner), [`describe_package`](Editor::describe_package) | packages and builders |
//! | [`add_edge`](Editor::add_edge), [`remove_edge`](Editor::remove_edge) | what they need |
//! | [`add_sig`](Editor::add_sig), [`add_repo`](Editor::add_repo), [`add_person`](Editor::add_person), and the like to remove and describe | SIGs, repos, people |
//! | [`add_use`](Editor::add_use), [`remove_use`](Editor::remove_use), [`add_peer`](Editor::add_peer), [`remove_peer`](Editor::remove_peer), [`set_contract`](Editor::set_contract) | what repos say of each other |
//! | [`allow`](Editor::allow), [`add_to_policy`](Editor::add_to_policy), [`remove_from_policy`](Editor::remove_from_policy) | the policy |
//! | [`rename`](Editor::rename), [`replace`](Editor::replace), [`rename_part`](Editor::rename_part), [`say_renamed`](Editor::say_renamed), [`say_removed`](Editor::say_removed) | names, and those that nothing has any more |
//! | [`rearrange`](Editor::rearrange) | packages that move, and all that follows |
//!
//! # What an edit promises
//! - It is made whole, or gives an [`EditError`] and nothing has changed.
//! - What it gives is TOML that says what was asked for, and nothing else has changed: each edit
//!   reads its own text again and compares.
//! - Every other line stays as it is, in its place and with its line end.
//! - No comment is lost, but those beside something that is taken away: in it, behind it on its
//!   line, and on the lines right above it. What a blank line parts from it stays.
//! - An addition and its removal give the text from before.
//!
//! It reads and writes no files: the caller does.

// This crate starts no process: see `clippy.toml`.
#![forbid(clippy::disallowed_types)]

mod borrowed;
mod comments;
mod documents;
mod edges;
mod editor;
mod error;
mod former;
mod lists;
mod moves;
mod names;
mod packages;
mod part;
mod plain;
mod references;
mod relations;
mod removal;
mod sets;
mod sigs;
mod style;
mod written;

pub use borrowed::NewBorrowed;
pub use editor::Editor;
pub use error::EditError;
pub use former::{FormerName, Removal};
pub use names::NewName;
pub use packages::{Addition, NewPackage, NewPart};
pub use part::RepoPart;
pub use relations::PolicyList;
pub use sets::NewMember;
pub use sigs::{NewRepo, NewSig};
