//! Nix text: the one place where it is parsed and formatted.
//!
//! The parsers are libraries that recurse over what they read and were made for files
//! of friends. So a text is first looked at token by token, in time linear in its size: what is
//! too long, too deep or too costly is an error of that text and never reaches a parser. The
//! rest is parsed, read and dropped on a stack that is sized for these limits, and a panic of
//! a library is an error of that text too.

mod attribute;
mod called;
mod error;
mod file;
mod formals;
mod format;
mod limits;
mod members;
pub mod paths;
mod quote;
mod requirements;
mod tokens;
mod values;

pub use attribute::literal_attribute;
pub use called::{Called, NoFunction, called};
pub use error::{SyntaxError, one_line};
pub use file::{NixFile, check, is_too_long, tokens};
pub use formals::{Formal, Shape, shape};
pub use format::format;
pub use limits::LONGEST;
pub use members::{SetMembers, set_members};
pub use quote::quote;
pub use requirements::{Requirements, requirements};
pub(crate) use values::{attribute_path, literal_text};
pub use values::{body, unwrapped};
