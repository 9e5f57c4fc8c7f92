//! What using repos costs: `costs.json`, written by `aux-gen cost --write`.

use std::collections::BTreeMap;

use aux_model::{Price, Prices, System};
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
    repos: BTreeMap<String, Entry>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Entry {
    download: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    one: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    all: Option<u64>,
}

impl CostsFile {
    /// The file for some prices.
    #[must_use]
    pub fn new(system: System, prices: &Prices) -> Self {
        let repos = prices.iter().map(|(repo, price)| {
            let entry = Entry {
                download: price.download,
                one: price.one,
                all: price.all,
            };
            (repo.to_string(), entry)
        });
        Self {
            generated: GENERATED.to_owned(),
            format: FORMAT,
            system,
            repos: repos.collect(),
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
    let prices = file.repos.into_iter().map(|(repo, entry)| {
        let price = Price {
            download: entry.download,
            one: entry.one,
            all: entry.all,
        };
        Ok((repo.parse().map_err(|error| no(format!("{error}")))?, price))
    });
    prices.collect()
}
