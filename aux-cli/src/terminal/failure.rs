//! Problems, and why a command stopped.

use std::io;

use aux_model::{Problem, Source};
use aux_output::Ended;

use crate::failure::Failure;
use crate::terminal::printer::{BAD, DIM, NOTE, Terminal};
use crate::terminal::problem::render;
use crate::terminal::words::indented;

impl Terminal {
    /// Problems as a compiler shows them.
    pub(crate) fn problems<'p>(
        &self,
        problems: impl IntoIterator<Item = &'p Problem>,
        sources: &[Source],
    ) {
        for problem in problems {
            self.warn(render(problem, sources));
            self.warn("");
        }
    }

    /// Says why a command stopped.
    pub(crate) fn failure(&self, failure: &Failure) -> io::Result<()> {
        if self.is_json() {
            return self.answer(&self.command, Ended::Error(failure.output()));
        }
        match failure {
            Failure::Problems {
                problems, sources, ..
            } => {
                self.problems(problems, sources);
                self.warn(format!("{BAD}error{BAD:#}: {}", failure.message()));
                self.warn(format!(
                    "{DIM}`aux-gen explain CODE` says more about each kind{DIM:#}"
                ));
            }
            Failure::Other { causes, hint, .. } => {
                let message = failure.message();
                self.warn(format!("{BAD}error{BAD:#}: {}", indented(&message)));
                for cause in causes {
                    self.warn(format!("  caused by: {}", indented(cause)));
                }
                if let Some(hint) = hint {
                    self.warn(format!("  {NOTE}help{NOTE:#}: {}", indented(hint)));
                }
            }
        }
        Ok(())
    }
}
