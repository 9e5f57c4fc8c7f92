//! Why a command stopped.

use std::io;

use aux_terminal::{BAD, DIM, NOTE, indented};

use crate::failure::Failure;
use crate::terminal::report::Terminal;

impl Terminal {
    /// Says why a command stopped.
    pub fn failure(&self, failure: &Failure) -> io::Result<()> {
        if self.is_json() {
            return self.answer_error(failure.output());
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
