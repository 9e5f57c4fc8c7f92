//! One package collection in many repositories: the model, the rules, the answers.
//!
//! ```
//! use aux_model::Catalog;
//!
//! let catalog = Catalog::from_toml(r#"
//!     format = "1.0"
//!     organization = { name = "example", forge = "github:example" }
//!     tiers = [{ name = "core" }, { name = "sigs" }, { name = "top-level" }]
//!     people.ada = {}
//!     sigs.base.leads = ["ada"]
//!     repos.core = { sig = "base", tier = "core", packages = { openssl = {} } }
//!     repos.web = { sig = "base", tier = "sigs", packages = { curl = { build = ["openssl"] } } }
//!     repos.top-level = { sig = "base", tier = "top-level" }
//! "#)?;
//! let curl = catalog.attribute("curl").expect("it is defined above");
//! assert_eq!(curl.package.to_string(), "web/curl");
//! assert_eq!(catalog.inputs(catalog.top_level()).len(), 2);
//! # Ok::<(), aux_model::Problems>(())
//! ```
//!
//! # What is what
//! An [`Organization`] has [`Tier`]s, an ordered list of levels. A [`Sig`] is a
//! group of people; it runs [`Repo`]s, each on one tier. A [`Package`] is
//! **placed** in one repo and **owned** by one SIG, and the two are separate:
//! SIG python can own `python3` although core has to hold it. An [`Edge`] says
//! which package needs which. All of it together is a [`Family`], where the questions are. A
//! [`Catalog`] is a family with every rule checked; with one in hand nothing needs to be checked
//! again, and it alone can be planned and written.
//!
//! # The way in
//! | from | by |
//! |---|---|
//! | TOML texts that somebody else read from the disk | [`Manifest`]: open the root, hand in what it includes and the by-name trees, check |
//! | one TOML text | [`Catalog::from_toml`] |
//! | JSON of the same shape | [`Catalog::from_json`] |
//! | values of a program | [`Catalog::from_document`], with the types of [`document`] |
//! | a folder | `aux_gen::disk::Registry` |
//!
//! [`Manifest::survey`] gives a [`Survey`] instead: a family whose `uses` may break the rules, to ask
//! what causes a cycle and what would end it. It cannot be planned.
//!
//! All of them collect every [`Problem`] with a stable [`Code`], a place and a way out. There is
//! no other way to make a catalog, so one that exists is valid.
//!
//! # Questions a family answers
//! - Where is it? [`Family::attribute`], and the crate `aux-search` for words.
//! - What does a repo see alone, and what can it not offer? [`Family::view`].
//! - In which order do layers go? [`Family::layers`].
//! - What does a package need, and what needs it, directly or through others? In which order?
//!   [`answers::PackageGraph::closure`] and its neighbours, in both directions, by kind and origin
//!   of edges; their [`answers::PackageSet`]s can be kept, joined and subtracted.
//! - Why does one package need another, and in which cycles? [`Family::graph`] and [`answers`].
//! - Where does a package belong, what belongs in core, what is missing where?
//!   [`answers`].
//! - What has changed? [`Family::diff`].
//!
//! A family borrows nothing, and neither do sets of packages, differences and problems. A
//! [`PackageGraph`](answers::PackageGraph) borrows its family, and its edges and chains borrow
//! the graph. A name that a family does not have is an [`answers::Unknown`] or nothing, never a
//! panic, also if it comes from another one.
//!
//! # Which crate for what
//! | to | use |
//! |---|---|
//! | read, check and ask | aux-model |
//! | edit manifests and keep their comments | aux-edit |
//! | read a registry from the disk, plan its files, write them, lock | aux-gen |
//! | read what the program prints | aux-output |
//! | ask real Nix about a family | aux-eval |
//!
//! # Features
//! | feature | is for |
//! |---|---|
//! | `schema` (on) | JSON Schemas of manifests, and `JsonSchema` for [`document`] |
//! | `suggest` (on) | "did you mean" in problems, and misspelled names in searches |
//! | `proptest1` | strategies for families, to test programs that take them |
//!
//! # What this crate does not do
//! It reads no files, starts no processes, has no clock and prints nothing.
//! Same input, same answer, in the same order.

// This crate starts no process: see `clippy.toml`.
#![forbid(clippy::disallowed_types)]

mod access;
pub mod answers;
mod availability;
pub mod catalog;
mod channel;
mod ci;
mod convenience;
mod edge;
mod former;
mod interface;
mod layout;
mod manifest;
mod module;
mod organization;
mod package;
mod policy;
mod price;
#[cfg(feature = "proptest1")]
pub mod proptest1;
mod repo;
mod rules;
mod set;
mod sig;

pub use access::{Access, ForgeRules};
pub use aux_names::{
    ArgumentName, AttrName, BY_NAME, BranchName, ChannelName, CheckoutPath, CheckoutPathError,
    Date, DateError, FlakeRef, FlakeRefError, GitNameError, GitUrl, Handle, IncludePart,
    IncludePattern, MAIN, MAX_NAME_LENGTH, ModuleName, NameError, OverlayName, ProgramName,
    RelativePath, RelativePathError, RepoName, Rev, SigName, SiteUrl, SiteUrlError, System,
    SystemError, Team, TeamError, TierName, VariantName, counted, did_you_mean, escaped,
    invisible_characters, is_branch_name, is_commit_name, is_git_directory, is_invisible, nearest,
    printable, shard_of, visible,
};
pub use aux_problems::{
    Code, Location, Problem, ProblemSubject, Problems, Related, Severity, Source, SubjectKind,
    UnknownCode, UnknownWord,
};
pub use availability::{Availability, Restriction};
pub use catalog::{
    Alone, Catalog, CatalogDiff, Family, Indexed, LeftOut, MovedAttribute, RenamedAttribute, Tree,
    TreeEntry, View, index_path,
};
pub use channel::{Channel, Followed};
pub use ci::{BuildScope, Ci};
pub use convenience::Convenience;
pub use edge::{Edge, EdgeKind, Origin, PackageId, PackageIdError};
pub use former::{
    FormerMembers, FormerNames, FormerOfRepo, Removed, RemovedModule, Renamed, RenamedRepo,
};
pub use interface::{Interface, InterfaceChange, Offer};
pub use layout::{Layout, Layouts};
pub use manifest::document;
pub use manifest::{FORMAT, Manifest, PackageRef, PackageRefError, Survey};
#[cfg(feature = "schema")]
pub use manifest::{included_schema, schema};
pub use module::{Module, ModuleClass, Overlay};
pub use organization::{Organization, Tier};
pub use package::{Attribute, AttributeKind, Imported, Package, Shape, Variants};
pub use policy::{Allowed, Budget, Differing, Policy, Together, Weight};
pub use price::{Price, Prices};
pub use repo::{BorrowScope, Borrowed, EntryFile, Lent, Moved, Peer, Repo, RepoKind, Use, Wiring};
pub use semver;
pub use set::{Member, MemberEdge, Needed, PackageSet};
pub use sig::{Person, Sig};
