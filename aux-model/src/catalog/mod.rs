//! The catalog: the checked whole. Code that holds one need not check again.

mod available;
mod build;
mod checked;
mod diff;
mod layers;
mod members;
mod overdue;
mod reference;
mod remembered;
mod tree;
mod view;

pub use build::index_path;
pub(crate) use checked::locate;
pub use checked::{Catalog, Family};
pub use diff::CatalogDiff;
pub use reference::Alone;
pub use tree::{Indexed, Tree, TreeEntry};
pub use view::{LeftOut, MovedAttribute, RenamedAttribute, View};

pub(crate) use build::build;
pub(crate) use layers::{arrange, before, below};
