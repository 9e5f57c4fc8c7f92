//! The by-name trees that `check` looks at, and what `check --fix` does to them.

use std::io;
use std::path::{Path, PathBuf};

use aux_adopt::layout::of_files;
use aux_arguments::Check;
use aux_eval::vet::{
    Fixed, Place, TreeDescription, Unfit, Vetted, fix, only_new, revision, told_once, vet,
};
use aux_gen::disk::Registry;
use aux_git::WorkTree;
use aux_model::{
    BY_NAME, Code, Layout, Problem, Repo, RepoName, Severity, Source, Wiring, printable,
};
use aux_output::{CheckedPlace, ErrorCode, FixedContract};
use aux_session::{
    BAD, CheckedRegistry, DIM, Exit, Failure, GOOD, NOTE, Report, Session, Terminal, count,
    counted, problem,
};
use serde::Serialize;

/// A repo with a by-name tree, and how its files are named.
pub(super) struct Tree {
    directory: PathBuf,
    /// Empty, or ends with `/`.
    prefix: String,
    /// Whether its files are the generator's to write.
    is_generated: bool,
    /// How its packages lie, and where those are that are named one by one.
    description: TreeDescription,
}

/// `check --tree DIR`: trees that need not be part of a family.
pub(super) fn run(session: &Session, args: &Check) -> Result<Exit, Failure> {
    let trees: Vec<Tree> = args
        .tree
        .iter()
        .map(|tree| named(session, tree))
        .collect::<Result<_, _>>()?;
    for (tree, named) in trees.iter().zip(&args.tree) {
        session.warn_if_unfinished(&tree.directory);
        if !tree.has_packages() {
            return Err(Failure::refused(
                format!(
                    "`{}` has neither `{BY_NAME}` nor a folder that holds a folder for each package",
                    named.display()
                ),
                "name the root of a repo; how its packages lie, `layout` in the manifest says of a repo of the family",
            ));
        }
    }
    if args.fix {
        return fix_all(session, &trees, Vec::new());
    }
    let vetted = look_at_all(&trees, args, trees.len() > 1)?;
    session.terminal.report(&Trees {
        trees: trees.len(),
        vetted: &vetted,
        base: args.base.as_deref(),
    })?;
    let is_bad = |severity| severity == Severity::Error || args.deny_warnings;
    if vetted.is_nothing() {
        return Ok(Exit::Problems);
    }
    let is_bad = vetted
        .problems
        .iter()
        .any(|problem| is_bad(problem.severity));
    Ok(if is_bad { Exit::Problems } else { Exit::Fine })
}

/// What is wrong in trees that need not be part of a family.
struct Trees<'v> {
    trees: usize,
    vetted: &'v Vetted,
    base: Option<&'v str>,
}

impl Report for Trees<'_> {
    type Output = aux_output::Checked;

    fn output(&self) -> impl Serialize {
        aux_output::Checked {
            problems: self.vetted.problems.iter().map(problem).collect(),
            sigs: 0,
            repos: self.trees,
            members: 0,
            packages: self.vetted.packages,
            places: self.vetted.places.iter().map(place).collect(),
            by_hand: self.vetted.by_hand,
            unseen: Vec::new(),
        }
    }

    fn show(&self, terminal: &Terminal) -> io::Result<()> {
        let vetted = self.vetted;
        terminal.problems(&vetted.problems, &vetted.sources);
        let is_fine = vetted.problems.is_empty();
        let since = self
            .base
            .map_or(String::new(), |base| format!(" since {base}"));
        // Of by-name directories, where everybody has them, there is nothing to say.
        let is_other =
            |place: &&Place| place.layout != Layout::ByName || !place.place.ends_with(BY_NAME);
        for place in vetted.places.iter().filter(is_other) {
            terminal.say(format!(
                "{DIM}looked at{DIM:#} {}: {}, laid out as {}",
                printable(&place.place),
                counted(place.packages, "package"),
                place.layout
            ));
        }
        if vetted.named > 0 {
            terminal.say(format!(
                "{DIM}looked at{DIM:#} {} more, named one by one",
                counted(vetted.named, "place")
            ));
        }
        not_looked_at(terminal, vetted.by_hand, &[]);
        terminal.say(format!(
            "{}: {}{}",
            if vetted.is_nothing() {
                format!("{BAD}nothing{BAD:#} was looked at")
            } else if is_fine {
                format!("{GOOD}fine{GOOD:#}")
            } else {
                format!("{BAD}vetted{BAD:#}")
            },
            counted(vetted.packages, "package"),
            match (is_fine, &*since) {
                (true, "") => String::new(),
                (true, since) => format!(", nothing new{since}"),
                (false, since) => format!(", {}{since}", count(vetted.problems.iter())),
            }
        ));
        Ok(())
    }
}

impl Tree {
    /// Whether there is anything to look at.
    fn has_packages(&self) -> bool {
        self.directory.join(BY_NAME).is_dir()
            || !self.description.layouts.is_empty()
            || !self.description.listed.is_empty()
    }
}

/// Says what nobody looked at.
pub(super) fn not_looked_at(terminal: &Terminal, by_hand: usize, repos: &[RepoName]) {
    if !repos.is_empty() {
        let repos: Vec<&str> = repos.iter().map(RepoName::as_str).collect();
        terminal.warn(format!(
            "{NOTE}not looked at{NOTE:#} the files of {}: nothing says where their packages are, and no folder of packages was found",
            repos.join(", ")
        ));
    }
    if by_hand > 0 {
        terminal.warn(format!(
            "{NOTE}not looked at{NOTE:#} {}, laid out by hand",
            counted(by_hand, "place")
        ));
    }
}

/// A folder of packages, for machines.
pub(super) fn place(place: &Place) -> CheckedPlace {
    CheckedPlace {
        place: place.place.clone(),
        layout: place.layout.to_string(),
        packages: place.packages,
    }
}

fn named(session: &Session, tree: &Path) -> Result<Tree, Failure> {
    let prefix = tree.display().to_string();
    let directory = session.directory().join(tree);
    Ok(Tree {
        description: description(session, &directory)?,
        directory,
        prefix: match prefix.trim_end_matches('/') {
            "." => String::new(),
            prefix => format!("{prefix}/"),
        },
        is_generated: false,
    })
}

/// How the packages of a tree lie: as the manifest says, if it is a repo of the family, else as its
/// files show.
fn description(session: &Session, directory: &Path) -> Result<TreeDescription, Failure> {
    let is_it = |path: PathBuf| {
        let path = path.canonicalize().ok();
        path.is_some() && path == directory.canonicalize().ok()
    };
    // A family that has problems says nothing here: what is asked of is the tree.
    let family = Registry::find(session.directory()).ok();
    let surveyed = family.and_then(|registry| Some((registry.survey().ok()?.0.ok()?, registry)));
    if let Some((survey, registry)) = surveyed
        && let Some(repo) = survey
            .family
            .repos()
            .find(|repo| is_it(registry.root().join(repo.path.as_str())))
    {
        return description_of(repo, directory);
    }
    Ok(TreeDescription {
        layouts: of_files(directory)?,
        ..TreeDescription::default()
    })
}

/// What the manifest says of a repo. Of one of which it says nothing, its files show how it lies.
fn description_of(repo: &Repo, directory: &Path) -> Result<TreeDescription, Failure> {
    let listed = repo.packages.values();
    let listed = listed.filter_map(|package| Some(package.file.as_ref()?.to_string()));
    let layouts = if repo.layout.is_empty() && !repo.is_generated() && !repo.is_outside() {
        of_files(directory)?
    } else {
        repo.layout.clone()
    };
    Ok(TreeDescription {
        layouts,
        listed: listed.collect(),
    })
}

/// What is wrong in a tree, or only what is new.
fn look(tree: &Tree, args: &Check) -> Result<Vetted, Failure> {
    let mut vetted = vet(&tree.directory, &tree.prefix, &tree.description)?;
    for place in &mut vetted.places {
        place.place.insert_str(0, &tree.prefix);
    }
    if let Some(base) = &args.base {
        let before = revision(&tree.directory, base, &tree.prefix, &tree.description)
            .map_err(|unfit| refusal(unfit, &tree.directory, base))?;
        vetted.problems = only_new(vetted.problems, &before.problems);
    }
    vetted.problems = told_once(vetted.problems);
    Ok(vetted)
}

/// The problem of a tree that cannot be looked at.
fn unread(tree: &Tree, failure: &Failure) -> Problem {
    let (said, help) = match failure {
        Failure::Other {
            message,
            causes,
            hint,
            ..
        } => {
            let all: Vec<&str> = [message]
                .into_iter()
                .chain(causes)
                .map(String::as_str)
                .collect();
            (all.join(": "), hint.clone())
        }
        Failure::Problems { .. } => ("its manifest has problems".to_owned(), None),
    };
    let path = tree.prefix.trim_end_matches('/');
    Problem {
        code: Code::Unread,
        severity: Severity::Error,
        location: Some(Source::new(path, "").whole()),
        message: format!("`{path}` cannot be looked at: {said}"),
        help,
        related: Vec::new(),
    }
}

/// Why nothing can be compared with a revision, in git's own words if it has some.
fn refusal(unfit: Unfit, directory: &Path, base: &str) -> Failure {
    let said = match (&unfit, WorkTree::of(directory)) {
        (Unfit::Git(_), Some(tree)) => tree.commit_of(base).err(),
        _ => None,
    };
    let Some(said) = said else {
        return unfit.into();
    };
    Failure::because(
        ErrorCode::NotFound,
        &said,
        format!(
            "`{}` is no commit that can be compared with",
            printable(base)
        ),
        "name a commit, a branch or a tag of the repo that the tree is in",
    )
}

/// As [`look`], tree by tree. One that cannot be looked at is a problem of its own where there
/// are others.
fn look_at_all(trees: &[Tree], args: &Check, are_several: bool) -> Result<Vetted, Failure> {
    use rayon::prelude::*;
    let mut vetted = Vetted::default();
    // All of them, then one after the other: which thread was faster must not decide what is said.
    let looked: Vec<_> = trees.par_iter().map(|tree| look(tree, args)).collect();
    for (tree, looked) in trees.iter().zip(looked) {
        let found = match looked {
            Ok(found) => found,
            Err(failure) if are_several => {
                vetted.problems.push(unread(tree, &failure));
                continue;
            }
            Err(failure) => return Err(failure),
        };
        add(&mut vetted, found);
    }
    Ok(vetted)
}

fn add(vetted: &mut Vetted, other: Vetted) {
    vetted.packages += other.packages;
    vetted.by_hand += other.by_hand;
    vetted.named += other.named;
    vetted.places.extend(other.places);
    vetted.problems.extend(other.problems);
    vetted.sources.extend(other.sources);
}

/// What is wrong in the trees of a family, but for what its manifest shows already. Those of
/// external repos are for their owners to mend: what is wrong there is a warning.
pub(super) fn of_family(
    family: &CheckedRegistry,
    args: &Check,
) -> Result<(Vetted, Vec<RepoName>), Failure> {
    let (trees, unseen) = trees(family)?;
    let (own, external): (Vec<Tree>, Vec<Tree>) =
        trees.into_iter().partition(|tree| tree.is_generated);
    let are_several = own.len() + external.len() > 1;
    let mut vetted = look_at_all(&own, args, are_several)?;
    let mut of_others = look_at_all(&external, args, are_several)?;
    for problem in &mut of_others.problems {
        problem.severity = Severity::Warning;
    }
    add(&mut vetted, of_others);
    vetted.problems.retain(|problem| {
        !matches!(
            problem.code,
            Code::InvalidName | Code::NoPackageFile | Code::WrongShard
        )
    });
    Ok((vetted, unseen))
}

/// `check --fix`.
pub(super) fn fix_family(
    session: &Session,
    family: &CheckedRegistry,
    contracts: Vec<FixedContract>,
) -> Result<Exit, Failure> {
    let (trees, _) = trees(family)?;
    let (own, external): (Vec<Tree>, Vec<Tree>) =
        trees.into_iter().partition(|tree| tree.is_generated);
    for tree in external {
        session.terminal.say(format!(
            "{DIM}left{DIM:#}   {}: external; `aux-gen check --tree {0} --fix`, if it is yours",
            tree.prefix.trim_end_matches('/')
        ));
    }
    fix_all(session, &own, contracts)
}

/// The repos of a family that are checked out and have packages that can be looked at; and the
/// names of those that are checked out, take part, and have none.
fn trees(family: &CheckedRegistry) -> Result<(Vec<Tree>, Vec<RepoName>), Failure> {
    let root = family.registry.root();
    let (mut trees, mut others) = (Vec::new(), Vec::new());
    for repo in family.catalog.repos() {
        let directory = root.join(repo.path.as_str());
        // What is somebody else's is not judged.
        if !directory.is_dir() || repo.is_outside() {
            continue;
        }
        let tree = Tree {
            description: description_of(repo, &directory)?,
            directory,
            prefix: format!("{}/", repo.path),
            is_generated: repo.is_generated(),
        };
        if tree.has_packages() {
            trees.push(tree);
        } else if !repo.is_generated() && repo.wiring != Wiring::Nothing {
            others.push(repo.name.clone());
        }
    }
    Ok((trees, others))
}

fn fix_all(
    session: &Session,
    trees: &[Tree],
    contracts: Vec<FixedContract>,
) -> Result<Exit, Failure> {
    let mut fixed = Vec::new();
    for tree in trees {
        fixed.push(FixedTree {
            tree: &tree.prefix,
            fixed: fix(&tree.directory, &tree.description)?,
        });
    }
    let fixed = FixedTrees {
        contracts,
        trees: fixed,
    };
    session.terminal.report(&fixed)?;
    let is_open = |tree: &FixedTree<'_>| {
        let fixed = &tree.fixed;
        !fixed.blocked.is_empty()
            || !fixed.reached.is_empty()
            || !fixed.unsharded.is_empty()
            || fixed.remaining > 0
    };
    Ok(if fixed.trees.iter().any(is_open) {
        Exit::Problems
    } else {
        Exit::Fine
    })
}

/// What was mended, tree by tree.
#[derive(Serialize)]
struct FixedTrees<'t> {
    contracts: Vec<FixedContract>,
    trees: Vec<FixedTree<'t>>,
}

#[derive(Serialize)]
struct FixedTree<'t> {
    tree: &'t str,
    #[serde(flatten)]
    fixed: Fixed,
}

impl Report for FixedTrees<'_> {
    type Output = aux_output::Fixed;

    fn output(&self) -> impl Serialize {
        self
    }

    fn show(&self, terminal: &Terminal) -> io::Result<()> {
        let (mut moved, mut paths, mut remaining) = (0, 0, 0);
        for FixedContract { repo, from, to } in &self.contracts {
            terminal.say(format!(
                "{DIM}update{DIM:#} contract of {repo}: {from} -> {to}"
            ));
        }
        for FixedTree {
            tree: prefix,
            fixed,
        } in &self.trees
        {
            for fix in &fixed.moved {
                terminal.say(format!(
                    "{DIM}move{DIM:#}   {prefix}{} -> {prefix}{}",
                    fix.from, fix.to
                ));
            }
            for (file, rewritten) in &fixed.rewritten {
                let paths = counted(*rewritten, "path");
                terminal.say(format!("{DIM}update{DIM:#} {prefix}{file}: {paths}"));
            }
            for fix in &fixed.blocked {
                terminal.warn(format!(
                    "{NOTE}left{NOTE:#}   {prefix}{}: {prefix}{} is there already",
                    fix.from, fix.to
                ));
            }
            for reached in &fixed.reached {
                terminal.warn(format!(
                    "{NOTE}left{NOTE:#}   {prefix}{}: a path that is computed in {prefix}{} may lead to it; write that path out",
                    reached.package,
                    printable(&reached.place)
                ));
            }
            if let Some(first) = fixed.unsharded.first() {
                terminal.warn(format!(
                    "{NOTE}left{NOTE:#}   {}: `{first}` is no shard, so the tree may be laid out in another way: nothing was moved",
                    match prefix.trim_end_matches('/') {
                        "" => "the tree",
                        tree => tree,
                    }
                ));
            }
            remaining += fixed.remaining;
            moved += fixed.moved.len();
            paths += fixed.rewritten.values().sum::<usize>();
        }
        if remaining > 0 {
            terminal.warn(format!(
                "{BAD}error{BAD:#}: {} that nothing here can fix; `aux-gen check` shows them",
                match remaining {
                    1 => "1 error is left".to_owned(),
                    more => format!("{more} errors are left"),
                }
            ));
        }
        terminal.say(if !self.contracts.is_empty() && moved == 0 {
            format!(
                "{GOOD}fixed{GOOD:#}: {}; `aux-gen generate` writes it into the repos",
                counted(self.contracts.len(), "contract")
            )
        } else if moved == 0 && remaining > 0 {
            "nothing was moved".to_owned()
        } else if moved == 0 {
            format!("{GOOD}fine{GOOD:#}: nothing to fix")
        } else {
            format!(
                "{GOOD}fixed{GOOD:#}: {} moved, {} written anew",
                counted(moved, "package"),
                counted(paths, "path")
            )
        });
        Ok(())
    }
}
