//! The text of a planned file: known, or made when somebody asks for it. Most
//! files of a family are scaffolds that were written long ago; theirs is never
//! asked for.

use std::fmt::Write;
use std::sync::OnceLock;

use crate::render::{Filling, TemplateError};

/// A text that need not be there yet. It is the same whenever it is asked for.
#[derive(Debug, Clone)]
pub struct Text {
    /// What it is made of; none if it was given.
    filling: Option<Filling>,
    made: OnceLock<String>,
}

impl Text {
    /// A text that is there.
    pub(super) fn given(text: String) -> Self {
        Self {
            filling: None,
            made: OnceLock::from(text),
        }
    }

    /// A template that is filled in when its text is wanted.
    pub(super) fn of(filling: Filling) -> Self {
        Self {
            filling: Some(filling),
            made: OnceLock::new(),
        }
    }

    /// The text.
    ///
    /// # Errors
    /// When a template override fails; built-in templates do not.
    pub fn get(&self) -> Result<&str, TemplateError> {
        if let (None, Some(filling)) = (self.made.get(), &self.filling) {
            // Another thread that made it made the same.
            let _made_already = self.made.set(filling.text()?);
        }
        Ok(self.made.get().map_or("", String::as_str))
    }

    /// Adds what the text is made of, without making it: the same for two texts only
    /// if they are the same.
    pub(crate) fn describe(&self, to: &mut String) {
        let is_written = match &self.filling {
            Some(filling) => write!(to, "{}", filling.describe()),
            None => write!(to, "{:?}", self.made.get()),
        };
        is_written.expect("writing to a string does not fail");
    }
}
