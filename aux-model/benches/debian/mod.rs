//! Debian's package index as one of our families: each team is a SIG with a
//! repo, and `core` is what every installation has.
//!
//! - A package stands in the repo of its `Maintainer`, by name and without the
//!   address: a team that is spelt in two ways is one team. `Essential` and
//!   `required` packages stand in `core`.
//! - `Pre-Depends` and `Depends` are runtime edges, `Recommends` are optional.
//!   Of alternatives the first that exists is taken, of the packages that
//!   provide a name the first. Versions and architectures are not looked at.
//! - Teams have each other as peers, because they need each other in cycles.
//!   `core` has none: what it needs above itself is what the rules report, so
//!   the manifest is read by [`Manifest::survey`](aux_model::Manifest::survey).

mod control;
mod family;
pub(crate) mod name;

pub(crate) use family::Family;
