//! Which attributes an evaluation asks for, as Nix itself says.

use std::collections::BTreeSet;

use crate::evaluator::error::NixError;
use crate::evaluator::installation::Nix;
use crate::evaluator::limits::Limits;
use crate::evaluator::question::Answer;
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
        let single = workspace.run_program("forced", limits, |call| call)?;
        Ok(Forced {
            answer: single.answer,
            names: single.names,
        })
    }
}
