//! What is written of flakes: references, URLs, inputs.

mod forms;
mod inputs;
mod lock_format;
mod reference;
mod url;

pub use inputs::{FlakeInputs, InputSpec, MOST_NESTED_INPUTS};
pub use lock_format::LockFormat;
pub use reference::{Reference, ReferenceError, is_registry_id};
