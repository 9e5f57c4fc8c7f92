//! The packages of a repo, vetted.

use std::path::Path;

use aux_gen::disk::DiskError;
use aux_model::{BY_NAME, Layout, Layouts, Problem, RelativePath, Source};

use crate::vet::{case, layout, references};

/// What was found in one tree.
#[derive(Debug, Default)]
pub struct Vetted {
    /// How many package directories there are.
    pub packages: usize,
    /// Where they are.
    pub places: Vec<Place>,
    /// How many folders were not looked at, since they are laid out by hand.
    pub by_hand: usize,
    /// What is wrong, sorted by place.
    pub problems: Vec<Problem>,
    /// The texts that problems point into.
    pub sources: Vec<Source>,
}

/// A folder of packages that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Place {
    /// The folder, relative to the repo.
    pub place: String,
    /// How its packages lie.
    pub layout: Layout,
    /// How many there are.
    pub packages: usize,
}

impl Place {
    fn of(place: &str, layout: Layout, packages: usize) -> Self {
        Self {
            place: place.to_owned(),
            layout,
            packages,
        }
    }
}

/// Whether a repo has a by-name tree, and nobody says that it lies otherwise.
pub(super) fn is_by_name(repo: &Path, layouts: &Layouts) -> bool {
    let says = |(place, layout): (&RelativePath, &Layout)| {
        place.as_str() == BY_NAME && *layout != Layout::ByName
    };
    repo.join(BY_NAME).is_dir() && !layouts.iter().any(says)
}

/// Vets the packages of a repo that lies as `layouts` says: its by-name directories, which have to
/// stand alone, and those of other layouts, which may lead to each other. Places are named as
/// `prefix` and the path in the repo; `prefix` is empty or ends with `/`.
///
/// # Errors
/// When a directory or file cannot be read.
pub fn vet(repo: &Path, prefix: &str, layouts: &Layouts) -> Result<Vetted, DiskError> {
    use rayon::prelude::*;
    let mut vetted = Vetted::default();
    let mut packages = Vec::new();
    if is_by_name(repo, layouts) {
        let found = layout::by_name(repo, prefix)?;
        vetted.problems = found.problems;
        vetted
            .places
            .push(Place::of(BY_NAME, Layout::ByName, found.packages.len()));
        packages = found.packages;
    }
    for (place, layout) in layouts
        .iter()
        .filter(|(place, _)| repo.join(place.as_str()).exists())
    {
        let place = place.as_str();
        let found = match layout {
            Layout::Flat | Layout::Variants | Layout::Scope => layout::flat(repo, place)?,
            Layout::ByName if place != BY_NAME => layout::sharded(repo, place)?,
            Layout::Calls => {
                packages.push(layout::list(place));
                continue;
            }
            Layout::ByHand => {
                vetted.by_hand += 1;
                continue;
            }
            Layout::ByName => continue,
        };
        let is_by_hand = |package: &layout::Package| {
            let own = layouts
                .iter()
                .find(|(place, _)| place.as_str() == package.path);
            own.is_some_and(|(_, layout)| *layout == Layout::ByHand)
        };
        let found: Vec<_> = found.into_iter().filter(|one| !is_by_hand(one)).collect();
        vetted.places.push(Place::of(place, *layout, found.len()));
        packages.extend(found);
    }
    let references: Vec<_> = packages
        .par_iter()
        .map(|package| references::check(repo, prefix, package))
        .collect();
    vetted.packages = vetted.places.iter().map(|place| place.packages).sum();
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
