//! A by-name tree, vetted.

use std::path::Path;

use aux_gen::disk::DiskError;
use aux_model::{Problem, Source};

use crate::vet::{case, layout, references};

/// What was found in one tree.
#[derive(Debug, Default)]
pub struct Vetted {
    /// How many package directories there are.
    pub packages: usize,
    /// What is wrong, sorted by place.
    pub problems: Vec<Problem>,
    /// The texts that problems point into.
    pub sources: Vec<Source>,
}

/// Vets the by-name tree of a repo. Places are named as `prefix` and the path in the
/// repo; `prefix` is empty or ends with `/`.
///
/// # Errors
/// When a directory or file cannot be read, or there is no by-name tree.
pub fn vet(repo: &Path, prefix: &str) -> Result<Vetted, DiskError> {
    use rayon::prelude::*;
    let mut layout = layout::read(repo, prefix)?;
    let packages = layout.packages.par_iter();
    let references: Vec<_> = packages
        .map(|package| references::check(repo, prefix, package))
        .collect();
    let mut vetted = Vetted {
        packages: layout.packages.len(),
        problems: std::mem::take(&mut layout.problems),
        sources: Vec::new(),
    };
    for found in references {
        let found = found?;
        vetted.problems.extend(found.problems);
        vetted.sources.extend(found.sources);
    }
    let known: std::collections::BTreeSet<String> = vetted
        .problems
        .iter()
        .map(|problem| problem.message.clone())
        .collect();
    let collisions = case::collisions(repo, prefix)?.into_iter();
    // Of package directories the layout has said it.
    let new = collisions.filter(|problem| !known.contains(&problem.message));
    vetted.problems.extend(new);
    vetted
        .problems
        .sort_by(|a, b| (&a.location, a.code, &a.message).cmp(&(&b.location, b.code, &b.message)));
    Ok(vetted)
}
