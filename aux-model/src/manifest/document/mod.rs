//! A manifest as values: for programs that build one, and the shape of JSON and its schema.
//!
//! ```
//! use aux_model::Catalog;
//! use aux_model::document::{Document, PackageDocument, PersonDocument, RepoDocument, SigDocument};
//!
//! let document = Document::new("example", "github:example")
//!     .with_tier("core")
//!     .with_tier("sigs")
//!     .with_tier("top-level")
//!     .with_person("ada", PersonDocument::default())
//!     .with_sig("base", SigDocument::led_by(["ada"]))
//!     .with_repo("core", RepoDocument::new("base", "core").with_package("zlib", PackageDocument::default()))
//!     .with_repo("web", RepoDocument::new("base", "sigs")
//!         .using("core", "^1")
//!         .with_package("curl", PackageDocument::built_with(["zlib"])))
//!     .with_repo("top-level", RepoDocument::new("base", "top-level"));
//! let catalog = Catalog::from_document(&document)?;
//! assert_eq!(catalog.attribute("curl").expect("it is there").package.repo, "web");
//! # Ok::<(), aux_model::Problems>(())
//! ```

mod access;
mod former;
mod of_catalog;
mod parts;
#[cfg(feature = "schema")]
mod schema;
mod set;

pub use access::AccessDocument;
pub use former::{
    RemovedDocument, RemovedModuleDocument, RemovedNamesDocument, RenamedDocument,
    RenamedNamesDocument, RenamedRepoDocument,
};
pub use parts::{
    AllowDocument, CiDocument, Document, ImportedDocument, IncludedDocument, ModuleDocument,
    MovedDocument, OrganizationDocument, OverlayDocument, PackageDocument, PersonDocument,
    PolicyDocument, RepoDocument, SigDocument, TierDocument, UsesDocument, VariantsDocument,
};
#[cfg(feature = "schema")]
pub use schema::{included_schema, schema};
pub use set::{InstancesDocument, MemberDocument, SetDocument};
