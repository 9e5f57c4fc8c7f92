//! The one reader: the registry's manifests, and the by-name trees of checkouts.

mod by_name;
mod files;
mod ignored;
mod index;
mod laid_out;
mod looks;
mod memory;
mod pattern;
mod prices;
mod reader;
mod sealed;
mod sparse;
mod text;
mod trees;

pub use by_name::{FUNCTIONS, name_of, read as by_name_tree};
pub use files::files_of;
pub use ignored::Ignored;
pub use index::{IndexError, IndexFile};
pub use laid_out::read as packages_of;
pub(super) use looks::{Looks, Seen};
pub use memory::Identity;
pub use prices::{COSTS, CostsFile};
pub use reader::{Draft, FolderLock, Loaded, MANIFEST, Registry, acquire_lock};
pub(super) use sealed::Sealed;
pub(crate) use sealed::{Hash, hash};
pub use text::{entries, read_text};
