//! Templates to text: filled from typed contexts, one escape for each
//! language. Decisions, sorting and joining happen before; nothing here touches
//! the disk.

mod error;
mod filling;
mod includes;
mod provenance;
pub mod quote;
mod templates;

pub use error::TemplateError;
pub(crate) use filling::{Filling, Marker};
pub use provenance::Provenance;
pub use templates::{Context, Override, Templates};
