//! The one reader: the registry's manifests, and the by-name trees of checkouts.

mod by_name;
mod files;
mod ignored;
mod index;
mod laid_out;
mod pattern;
mod prices;
mod reader;
mod sparse;
mod text;

pub use by_name::{FUNCTIONS, name_of, read as by_name_tree};
pub use files::files_of;
pub use ignored::Ignored;
pub use index::{IndexError, IndexFile};
pub use laid_out::read as packages_of;
pub use prices::{COSTS, CostsFile};
pub use reader::{Draft, FolderLock, Loaded, MANIFEST, Registry, acquire_lock};
pub use text::{entries, read_text};
