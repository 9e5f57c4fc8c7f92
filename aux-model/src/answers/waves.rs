//! Waves: in which order repos move when all of them are to move.

use std::collections::BTreeMap;

use aux_names::RepoName;

use crate::catalog::Family;
use aux_graph::Digraph;

/// Repos that move at once: one, or those of an allowed cycle. In order of name.
pub type Step = Vec<RepoName>;

impl Family {
    /// The condensation of the graph of flake inputs, from the bottom up: whatever a step
    /// uses is part of an earlier wave, so that the steps of one wave may be taken at the
    /// same time. A repo is in the first wave that it can be in.
    ///
    /// ```
    /// # let catalog = aux_model::Catalog::from_toml(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/family.toml")))?;
    /// let waves: Vec<usize> = catalog.waves().iter().map(Vec::len).collect();
    /// // core; javascript and python; gnome; top-level.
    /// assert_eq!(waves, [1, 2, 1, 1]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn waves(&self) -> Vec<Vec<Step>> {
        let repos: Vec<_> = self.repos().collect();
        let numbers: BTreeMap<&RepoName, usize> = repos
            .iter()
            .zip(0..)
            .map(|(repo, at)| (&repo.name, at))
            .collect();
        let arcs = repos.iter().enumerate().flat_map(|(from, repo)| {
            let inputs = self.inputs(repo).into_iter();
            inputs
                .filter_map(|input| numbers.get(&input.name))
                .map(move |to| (from, *to))
        });
        let graph = Digraph::new(repos.len(), arcs.collect::<Vec<_>>());
        let mut wave_of = vec![0; repos.len()];
        let mut waves: Vec<Vec<Step>> = Vec::new();
        // What is needed comes before what needs it.
        for component in graph.components() {
            let below = component
                .iter()
                .flat_map(|node| graph.successors(*node))
                .filter(|node| !component.contains(node));
            let wave = below.map(|node| wave_of[node] + 1).max().unwrap_or(0);
            for node in &component {
                wave_of[*node] = wave;
            }
            if waves.len() <= wave {
                waves.resize_with(wave + 1, Vec::new);
            }
            let mut step: Step = component
                .iter()
                .map(|node| repos[*node].name.clone())
                .collect();
            step.sort();
            waves[wave].push(step);
        }
        for wave in &mut waves {
            wave.sort();
        }
        waves
    }
}
