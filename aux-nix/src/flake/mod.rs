//! What is written of flakes: references, URLs, inputs.

mod inputs;
mod lock_format;
mod parsing;
mod reference;
mod text;
mod url;

pub use inputs::{FlakeInputs, InputSpec, MOST_NESTED_INPUTS};
pub use lock_format::LockFormat;
pub use reference::{Reference, ReferenceError};
pub use text::FlakeText;
