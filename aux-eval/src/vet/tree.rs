//! The packages of a repo, vetted.

use std::collections::BTreeSet;
use std::path::Path;

use aux_gen::disk::{DiskError, FUNCTIONS, read_text};
use aux_model::{BY_NAME, Layout, Layouts, Problem, RelativePath, Source};

use aux_nix::language::paths::{PathStart, parent, path_literals, resolve};

use crate::vet::{case, layout, references};

/// What was found in one tree.
#[derive(Debug, Default)]
pub struct Vetted {
    /// How many package directories there are.
    pub packages: usize,
    /// Where they are.
    pub places: Vec<Place>,
    /// How many of the packages are in none of those, but named one by one.
    pub named: usize,
    /// How many folders were not looked at, since they are laid out by hand.
    pub by_hand: usize,
    /// What is wrong, sorted by place.
    pub problems: Vec<Problem>,
    /// The texts that problems point into.
    pub sources: Vec<Source>,
}

impl Vetted {
    /// Whether there was nothing to look at.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.packages == 0 && self.places.is_empty()
    }
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

/// What a list of calls leads to: folders that are packages, and Nix files.
fn targets(repo: &Path, list: &str) -> Vec<String> {
    // What cannot be read is told of the list itself.
    let text = read_text(&repo.join(list)).unwrap_or_default();
    let literals = path_literals(&text);
    let relative = literals
        .iter()
        .filter(|literal| literal.kind == PathStart::Relative && !literal.is_open);
    let targets = relative.filter_map(|literal| resolve(parent(list), literal.text));
    let is_package = |target: &String| {
        let path = repo.join(target);
        let has_function = FUNCTIONS.iter().any(|file| path.join(file).is_file());
        has_function || (path.is_file() && target.ends_with(".nix"))
    };
    targets.filter(is_package).collect()
}

/// Whether a repo has a by-name tree, and nobody says that it lies otherwise.
pub(super) fn is_by_name(repo: &Path, layouts: &Layouts) -> bool {
    let says = |(place, layout): (&RelativePath, &Layout)| {
        place.as_str() == BY_NAME && *layout != Layout::ByName
    };
    repo.join(BY_NAME).is_dir() && !layouts.iter().any(says)
}

/// What is said of a repo: how it lies, and where packages are that are named one by one.
#[derive(Debug, Clone, Default)]
pub struct TreeDescription {
    /// How its folders lie.
    pub layouts: Layouts,
    /// Folders and files that define packages, relative to the repo.
    pub listed: BTreeSet<String>,
}

/// Vets the packages of a repo: its by-name directories, which have to stand alone, and all others
/// that something is said of, which may lead to each other. Places are named as `prefix` and the
/// path in the repo; `prefix` is empty or ends with `/`.
///
/// # Errors
/// When a directory or file cannot be read.
pub fn vet(repo: &Path, prefix: &str, description: &TreeDescription) -> Result<Vetted, DiskError> {
    use rayon::prelude::*;
    let layouts = &description.layouts;
    let mut vetted = Vetted::default();
    let mut packages: Vec<layout::Package> = Vec::new();
    if is_by_name(repo, layouts) {
        let found = layout::by_name(repo, prefix)?;
        vetted.problems = found.problems;
        let place = Place::of(BY_NAME, Layout::ByName, found.packages.len());
        vetted.places.push(place);
        packages = found.packages;
    }
    let is_by_hand = |path: &str| {
        let own = layouts.iter().find(|(place, _)| place.as_str() == path);
        own.is_some_and(|(_, layout)| *layout == Layout::ByHand)
    };
    let there = layouts.iter();
    let there = there.filter(|(place, _)| repo.join(place.as_str()).exists());
    let mut called: Vec<layout::Package> = Vec::new();
    for (place, layout) in there {
        let place = place.as_str();
        let (mut found, problems) = match layout {
            Layout::Flat | Layout::Variants | Layout::Scope => layout::flat(repo, place, prefix)?,
            Layout::ByName if place != BY_NAME => layout::sharded(repo, place, prefix)?,
            Layout::Calls => {
                called.push(layout::at(place));
                called.extend(targets(repo, place).iter().map(|target| layout::at(target)));
                continue;
            }
            Layout::ByHand => {
                vetted.by_hand += 1;
                continue;
            }
            Layout::ByName => continue,
        };
        found.retain(|package| !is_by_hand(&package.path));
        vetted.problems.extend(problems);
        vetted.places.push(Place::of(place, *layout, found.len()));
        packages.extend(found);
    }
    // Those that no folder of packages has; of each once.
    let listed = description.listed.iter().map(|place| layout::at(place));
    let mut seen: BTreeSet<String> = packages.iter().map(|one| one.path.clone()).collect();
    for one in called.into_iter().chain(listed) {
        let is_new = repo.join(&one.path).exists()
            && !is_by_hand(&one.path)
            && !Path::new(&one.path)
                .ancestors()
                .any(|above| above.to_str().is_some_and(|above| seen.contains(above)));
        if is_new {
            seen.insert(one.path.clone());
            vetted.named += 1;
            packages.push(one);
        }
    }
    let references: Vec<_> = packages
        .par_iter()
        .map(|package| references::check(repo, prefix, package))
        .collect();
    vetted.packages = packages.len();
    for found in references {
        let found = found?;
        vetted.problems.extend(found.problems);
        vetted.sources.extend(found.sources);
    }
    let known: BTreeSet<String> = vetted
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
