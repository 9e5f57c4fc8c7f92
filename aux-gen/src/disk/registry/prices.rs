//! What using repos costs: `costs.json`, written by `aux-gen cost --write`.

use aux_model::{Prices, System};
use serde::{Deserialize, Serialize};

/// Where it is, below the registry.
pub const COSTS: &str = "costs.json";

/// Who writes it.
const GENERATED: &str = "Written by `aux-gen cost --write`. Do not edit.";

/// The newest format that this program reads.
const FORMAT: u32 = 1;

/// What using each repo costs, as one run measured it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct CostsFile {
    generated: String,
    format: u32,
    /// The system that was evaluated for.
    system: System,
    repos: Prices,
}

impl CostsFile {
    /// The file for some prices.
    #[must_use]
    pub fn new(system: System, prices: Prices) -> Self {
        Self {
            generated: GENERATED.to_owned(),
            format: FORMAT,
            system,
            repos: prices,
        }
    }

    /// Its text.
    ///
    /// # Panics
    /// Never: its keys are texts.
    #[must_use]
    pub fn text(&self) -> String {
        serde_json::to_string_pretty(self).expect("its keys are texts") + "\n"
    }
}

/// The prices of a text, or why it has none.
pub(super) fn read(text: &str) -> Result<Prices, String> {
    let no = |reason: String| format!("`{COSTS}` is no record of costs: {reason}");
    let file: CostsFile = serde_json::from_str(text).map_err(|error| no(error.to_string()))?;
    if file.format > FORMAT {
        return Err(no(format!("it has format {}", file.format)));
    }
    Ok(file.repos)
}
