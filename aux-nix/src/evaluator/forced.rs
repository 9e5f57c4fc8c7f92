//! Which attributes an evaluation asks for, as Nix itself says.

use std::collections::BTreeSet;
use std::time::Instant;

use crate::evaluator::error::NixError;
use crate::evaluator::installation::Nix;
use crate::evaluator::limits::Limits;
use crate::evaluator::process::{Ended, deadline};
use crate::evaluator::question::Answer;
use crate::evaluator::session::{Clock, SeenMarks, nonce};
use crate::evaluator::transcript::{Mark, Transcript};
use crate::evaluator::workspace::Workspace;

/// Evaluates one question with `forced` bound; the nonce is held where the question
/// cannot reach it.
const PROTOCOL: &str = r#"nonce:
let
  mark = text: builtins.trace "@@${nonce} ${text}";
  forced = name: value: mark "forced ${name}" value;
  json = builtins.toJSON (builtins.scopedImport { inherit forced; } (./. + "/question-0.nix"));
in
mark "value 0 ${json}" null
"#;

/// The value of an expression, and what was forced on the way.
#[derive(Debug, Clone, PartialEq)]
pub struct Forced {
    /// The value, or why it has none.
    pub answer: Answer,
    /// The names of all values that were needed for it, or until it failed.
    pub names: BTreeSet<String>,
}

impl Nix {
    /// Evaluates one expression in which `forced NAME VALUE` is `VALUE`, and notes
    /// NAME once that is needed. What may be read is limited as for [`Nix::ask`].
    ///
    /// # Errors
    /// When Nix cannot be started at all or the temporary directory fails.
    pub fn forced(&self, expression: &str, limits: &Limits) -> Result<Forced, NixError> {
        let workspace = Workspace::new(self, "null", limits)?;
        workspace.add("forced", PROTOCOL)?;
        workspace.put("0", expression)?;
        let nonce = nonce();
        let clock = Clock {
            per_question: limits.total,
            end: deadline(Instant::now(), limits.total),
        };
        let output = workspace
            .call("eval")
            .args(["--impure", "--expr"])
            .arg(format!("import ./forced.nix \"{nonce}\""))
            .run(limits.total)?;
        let mut names = BTreeSet::new();
        if output.ended == Ended::TimedOut {
            let answer = Answer::Failed(clock.timed_out(limits.total));
            return Ok(Forced { answer, names });
        }
        let mut transcript = Transcript::new(&nonce);
        transcript.feed(&output.stderr);
        let mut heard = SeenMarks::default();
        while let Some(mark) = transcript.next_mark() {
            match mark {
                Mark::Forced(name) => {
                    names.insert(name);
                }
                mark => heard.note(mark, "0"),
            }
        }
        transcript.end();
        Ok(Forced {
            answer: heard.answer(&workspace, &transcript.take_text()),
            names,
        })
    }
}
