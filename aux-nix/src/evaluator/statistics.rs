//! What an evaluation takes, as Nix itself counts it (`NIX_SHOW_STATS`).

use std::time::Duration;

use serde::Deserialize;

use crate::evaluator::error::NixError;
use crate::evaluator::failure::Failure;
use crate::evaluator::installation::Nix;
use crate::evaluator::limits::Limits;
use crate::evaluator::question::Answer;
use crate::evaluator::workspace::Workspace;

/// Evaluates one question; the nonce is held where the question cannot reach it.
const PROTOCOL: &str = r#"nonce:
builtins.trace "@@${nonce} value 0 ${builtins.toJSON (import (./. + "/question-0.nix"))}" null
"#;

/// What one evaluation in a process of its own took.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Statistics {
    /// Expressions that were put off until somebody needs them: what grows with the work, and is the same in every
    /// run.
    pub thunks: u64,
    /// Values that were made.
    pub values: u64,
    /// Bytes that were asked for, over the whole run.
    pub allocated: u64,
    /// Bytes of the heap at the end, which has never been larger.
    pub heap: u64,
    /// Processor time.
    pub processor: Duration,
    /// Time on the clock, with that for starting.
    pub elapsed: Duration,
}

/// How the heap of an evaluation starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heap {
    /// As users have it: with up to 384 MiB, so that it has to be collected less often.
    Usual,
    /// Small: at the end it is as large as it had to be.
    Grown,
}

/// The statistics as Nix writes them; it has more.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Written {
    cpu_time: f64,
    nr_thunks: u64,
    values: Values,
    #[serde(default)]
    gc: Gc,
}

#[derive(Deserialize)]
struct Values {
    number: u64,
}

/// A Nix without a garbage collector has none.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Gc {
    total_bytes: u64,
    heap_size: u64,
}

impl Nix {
    /// Evaluates one expression in a process of its own, and says what that took; or why it has no
    /// value. What may be read is limited as for [`Nix::ask`].
    ///
    /// # Errors
    /// When Nix cannot be started at all, the temporary directory fails, or Nix writes no statistics.
    pub fn statistics(
        &self,
        expression: &str,
        heap: Heap,
        limits: &Limits,
    ) -> Result<Result<Statistics, Failure>, NixError> {
        let workspace = Workspace::new(self, "null", limits)?;
        workspace.add("statistics", PROTOCOL)?;
        workspace.put("0", expression)?;
        let file = workspace.path().join("statistics.json");
        let single = workspace.run_program("statistics", limits, |call| {
            call.statistics(file.clone())
                .small_heap(heap == Heap::Grown)
        })?;
        if let Answer::Failed(failure) = single.answer {
            return Ok(Err(failure));
        }
        let text = std::fs::read(&file).map_err(NixError::file("read", &file))?;
        let written: Written =
            serde_json::from_slice(&text).map_err(|source| NixError::Garbled {
                command: single.command,
                source,
            })?;
        Ok(Ok(Statistics {
            thunks: written.nr_thunks,
            values: written.values.number,
            allocated: written.gc.total_bytes,
            heap: written.gc.heap_size,
            processor: Duration::try_from_secs_f64(written.cpu_time).unwrap_or_default(),
            elapsed: single.elapsed,
        }))
    }
}
