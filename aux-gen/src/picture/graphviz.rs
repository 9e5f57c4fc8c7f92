//! SVG through the program `dot`, if it is there. The one place that starts it.

use std::io::{self, Write};
use std::process::{Command, Stdio};

use aux_model::Picture;

use super::dot;

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PictureError {
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

impl PictureError {
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

/// The picture as SVG.
///
/// # Errors
/// When graphviz is missing or fails.
pub fn svg(picture: &Picture) -> Result<String, PictureError> {
    let run = |source: io::Error| match source.kind() {
        io::ErrorKind::NotFound => PictureError::Missing,
        _ => PictureError::Run { source },
    };
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that starts graphviz"
    )]
    let mut child = Command::new("dot")
        .arg("-Tsvg")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(run)?;
    let mut stdin = child.stdin.take().expect("standard input is a pipe");
    let text = dot(picture);
    // In a thread of its own: dot may fill its output before it has read all.
    let feeding = std::thread::spawn(move || stdin.write_all(text.as_bytes()));
    let output = child.wait_with_output().map_err(run)?;
    let fed = feeding.join().expect("writing to a pipe does not panic");
    if !output.status.success() {
        return Err(PictureError::Failed {
            message: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        });
    }
    fed.map_err(run)?;
    // The same text of XML, and no command to the runner of a forge.
    Ok(String::from_utf8_lossy(&output.stdout).replace("##", "#&#35;"))
}
