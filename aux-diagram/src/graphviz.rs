//! SVG through the program `dot`, if it is there.

use std::io;

use aux_process::program;

use crate::dot::dot;
use crate::drawing::Diagram;

/// Why there is no diagram.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DiagramError {
    /// graphviz is not installed.
    #[error("an SVG is drawn by the program `dot` of graphviz, which is not installed")]
    Missing,
    /// It could not be run.
    #[error("cannot run `dot`")]
    Run {
        /// Why not.
        source: io::Error,
    },
    /// It gave up.
    #[error("`dot` failed: {message}")]
    Failed {
        /// What it says.
        message: String,
    },
}

impl DiagramError {
    /// The way out.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Missing => Some(
                "install it (Debian: `apt-get install graphviz`), or use `--as dot` or `--as mermaid`",
            ),
            Self::Run { .. } | Self::Failed { .. } => None,
        }
    }
}

/// The diagram as SVG.
///
/// # Errors
/// When graphviz is missing or fails.
pub fn svg(diagram: &Diagram) -> Result<String, DiagramError> {
    let run = |source: io::Error| match source.kind() {
        io::ErrorKind::NotFound => DiagramError::Missing,
        _ => DiagramError::Run { source },
    };
    let output = program::dot(&dot(diagram)).map_err(run)?;
    if !output.status.success() {
        return Err(DiagramError::Failed {
            message: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        });
    }
    // The same text of XML, and no command to the runner of a forge.
    Ok(String::from_utf8_lossy(&output.stdout).replace("##", "#&#35;"))
}
