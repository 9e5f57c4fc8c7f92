//! What is wrong with a template, and the way out.

use std::path::PathBuf;

use aux_model::printable;
use aux_nix::language::SyntaxError;
use handlebars::{RenderErrorReason, TemplateErrorReason};

/// A template that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TemplateError {
    /// An override has the name of no template.
    #[error("{}: there is no template `{name}` to replace", .path.display())]
    Unknown {
        /// The override.
        path: PathBuf,
        /// The name it has.
        name: String,
        /// The nearest name that exists.
        nearest: Option<&'static str>,
    },
    /// The template language's own syntax is broken.
    #[error("{}: {message}", located(.path, .line, .column))]
    Syntax {
        /// The override, or the name of a built-in template.
        path: PathBuf,
        /// 1-based, if known.
        line: Option<usize>,
        /// 1-based, if known.
        column: Option<usize>,
        /// What is wrong.
        message: String,
    },
    /// Filling it in would not end, or produce too much.
    #[error("{}: {message}", located(.path, .line, .column))]
    Refused {
        /// The override.
        path: PathBuf,
        /// 1-based, if known.
        line: Option<usize>,
        /// 1-based, if known.
        column: Option<usize>,
        /// What is too much.
        message: String,
    },
    /// The filled-in text is not Nix.
    #[error("{}: filled in, it is not Nix: {source}\n  {excerpt}", .path.display())]
    NotNix {
        /// The override, or the name of a built-in template.
        path: PathBuf,
        /// Where in the filled-in text.
        source: SyntaxError,
        /// That line of the filled-in text.
        excerpt: String,
    },
    /// The filled-in text does not say that it was generated.
    #[error("{}: the line `{{{{{{marker}}}}}}` is gone from the first three lines", .path.display())]
    NoMarker {
        /// The override.
        path: PathBuf,
    },
}

impl TemplateError {
    /// The way out.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Unknown { nearest, .. } => {
                nearest.map(|name| format!("did you mean `{name}.hbs`?"))
            }
            Self::Syntax { .. } => Some(
                "the built-in template of that name shows what there is; a literal `{{` is written `\\{{`".to_owned(),
            ),
            Self::Refused { .. } => Some(
                "include only what does not lead back, and write the rest out; `shared/` shows what an included template may be"
                    .to_owned(),
            ),
            Self::NotNix { .. } => Some(
                "write values as `{{value}}`, which quotes them, and only names and expressions as `{{{value}}}`"
                    .to_owned(),
            ),
            Self::NoMarker { .. } => Some(
                "start the template with a comment that holds `{{{marker}}}`, so that people know who writes the file"
                    .to_owned(),
            ),
        }
    }
}

/// Why a template could not be filled in.
pub(super) fn why(reason: &RenderErrorReason) -> String {
    match reason {
        RenderErrorReason::MissingVariable(Some(name)) => {
            format!("this template is given no value `{}`", printable(name))
        }
        RenderErrorReason::MissingVariable(None) => {
            "this template is given no such value".to_owned()
        }
        other => lower_case(&other.to_string()),
    }
}

/// Why a text is no template. The grammar's rules that the parser expected are
/// its own business.
pub(super) fn broken(reason: &TemplateErrorReason) -> String {
    match reason {
        TemplateErrorReason::InvalidSyntax(_) => {
            "it is no template: a `{{` or a `{{#...}}` is not closed, or holds what it cannot"
                .to_owned()
        }
        other => lower_case(&other.to_string()),
    }
}

fn lower_case(text: &str) -> String {
    let mut characters = text.chars();
    characters
        .next()
        .map(|first| first.to_lowercase().chain(characters).collect())
        .unwrap_or_default()
}

fn located(path: &std::path::Path, line: &Option<usize>, column: &Option<usize>) -> String {
    let mut place = path.display().to_string();
    for number in [line, column].into_iter().flatten() {
        place.push(':');
        place.push_str(&number.to_string());
    }
    place
}
