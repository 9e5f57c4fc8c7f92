//! A split, from the look at the tree to the proof.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use aux_adopt::TreeSet;
use aux_adopt::ready::{Readiness, STUBS, Stubs, read_stubs, readiness};
use aux_adopt::split::{
    Assignment, CarveError, Carving, Coverage, Evidence, History, Monorepo, PackageSets, Relations,
    Rules, RulesError, Target, coverage, make,
};
use aux_arguments::{CoreWiring, Split};
use aux_eval::snapshot::{Core, Snapshot, names};
use aux_gen::disk::read_text;
use aux_git::WorkTree;
use aux_model::{RepoName, System, Wiring, printable};
use aux_nix::Nix;
use aux_session::{Exit, Failure, NOTE, Session, jobs};

use crate::named_system::system;
use crate::outside::Outside;
use crate::split::plan::{Download, Measured, Plan};
use crate::split::registry::registry;
use crate::split::steps::Steps;
use crate::split::{report, verify};

/// Runs the command.
///
/// # Errors
/// What stops it, with the way out.
pub fn run(session: &Session, args: &Split) -> Result<Exit, Failure> {
    let rules = rules(session, args)?;
    let root = tree(session, &args.tree)?;
    let target = args.apply.as_deref();
    let target = target
        .map(|target| Target::of(&session.directory().join(target), &root))
        .transpose()?;
    let outside = args.over.as_deref();
    let outside = outside
        .map(|over| Outside::checked_out(session, over))
        .transpose()?;
    let new = target
        .as_ref()
        .map(|target| {
            let core = outside.as_ref().map(|outside| outside.core.clone());
            registry(&rules, target, core)
        })
        .transpose()?;
    let rest = rest(&root, &rules, outside.as_ref())?;
    let system = system(args)?;
    let nix = nix(session, args)?;
    let set = match outside.as_ref().and_then(|outside| outside.from.clone()) {
        None => TreeSet::alone(&root),
        Some(path) => {
            let wiring = Wiring::Overlays;
            TreeSet::over(&root, Core { path, wiring })?
        }
    };
    let steps = Steps::new(session);
    steps.at("reading the tree");
    let mut monorepo = Monorepo::read(set, nix.as_ref().map(|nix| (nix, &system)))?;
    let mut measured = Measured::default();
    if let Some(nix) = &nix {
        monorepo.ask_for_names(nix, &system)?;
        measured.snapshot = look(session, args, nix, &system, &monorepo, &steps)?;
    }
    if let (Some(snapshot), Some(nix)) = (&measured.snapshot, &nix) {
        monorepo.evaluated(snapshot, nix, &system)?;
    }
    let looked = (measured.snapshot.as_ref(), &steps);
    let sets = sets(
        session,
        args,
        &monorepo,
        &rules,
        looked,
        (nix.as_ref(), &system),
    )?;
    steps.at("asking what core boots from");
    let evidence = Evidence::of(&monorepo, &rules, &sets, nix.as_ref(), &system)?;
    let chosen = rules.chosen_bootstrap().iter();
    if let Some(root) = chosen.clone().find(|root| evidence.missing.contains(*root)) {
        return Err(Failure::refused(
            format!(
                "core cannot boot from `{root}`: {}",
                evidence.without_value[root]
            ),
            "correct `core.bootstrap` in the rules",
        ));
    }
    let assignment = Assignment::of(&monorepo, &rules, &evidence, &sets);
    steps.at("measuring");
    let mut covered = Coverage::default();
    if let (Some(nix), Some(snapshot)) = (&nix, &measured.snapshot) {
        match coverage(&monorepo, (&assignment, &sets), &rules, snapshot, nix)? {
            Ok(coverage) => covered = coverage,
            Err(failure) => session.terminal.warn(format!(
                "{NOTE}unasked{NOTE:#} what each repo offers alone: {}",
                failure.reason
            )),
        }
    }
    let relations = Relations::of(&monorepo, &assignment, &covered);
    measured.alone = covered.alone;
    let stubs = if relations.stubs().is_empty() {
        Stubs::NotNeeded
    } else {
        Stubs::Wanted
    };
    let file = root.join(STUBS);
    if stubs == Stubs::Wanted && file.is_file() && read_stubs(&read_text(&file)?).is_none() {
        return Err(Failure::refused(
            format!("the tree has a `{STUBS}` of its own, where core's stubs are to be"),
            "rename it, and what imports it",
        ));
    }
    let (readiness, wiring) = if let Some(wiring) = monorepo.set().wiring() {
        (Readiness::default(), wiring)
    } else {
        let readiness = readiness(&root, stubs)?;
        let wiring = wiring(args, &readiness)?;
        (readiness, wiring)
    };
    let of_core = match &nix {
        Some(nix) => of_core(&monorepo, nix, &system)?,
        None => BTreeSet::new(),
    };
    measured.download = download(&monorepo, &rules, (&assignment, &sets))?;
    steps.done();
    let plan = Plan {
        monorepo,
        rules,
        assignment,
        sets,
        relations,
        readiness,
        wiring,
        rest,
        of_core,
        evidence,
        measured,
    };
    if !plan.assignment.clashes.is_empty() {
        let clashes = &plan.assignment.clashes;
        session.terminal.report(&report::Clashes { clashes })?;
        return Ok(Exit::Problems);
    }
    let (Some(target), Some(new)) = (target, new) else {
        session.terminal.report(&report::Planned {
            plan: &plan,
            done: None,
        })?;
        return Ok(Exit::Fine);
    };
    let verifier = nix.as_ref().filter(|_| args.verify);
    // What has no value in the tree is said before anything is made.
    let before = match verifier {
        Some(nix) => verify::before(session, args, &plan, nix, &system)?,
        None => Vec::new(),
    };
    let carving = Carving {
        monorepo: &plan.monorepo,
        rules: &plan.rules,
        assignment: &plan.assignment,
        sets: &plan.sets,
        relations: &plan.relations,
        readiness: &plan.readiness,
        wiring: plan.wiring,
        rest: &plan.rest,
        history: if args.no_history {
            History::Copied
        } else {
            History::Kept
        },
    };
    let index = match &outside {
        Some(outside) => Some(outside.index(session, &args.reach)?.0),
        None => None,
    };
    let steps = Steps::new(session);
    let made = make(&carving, target, (&new, index.as_ref()), &|step| {
        steps.at(step);
    })?;
    if let Some(outside) = &outside {
        outside.clone_to(&made.path)?;
    }
    steps.done();
    let verified = match verifier {
        Some(nix) => Some(verify::verify(
            session,
            args,
            &before,
            (&made, plan.is_over_core()),
            nix,
            &system,
        )?),
        None => None,
    };
    let is_same = verified.as_ref().is_none_or(verify::Verified::is_same);
    session.terminal.report(&report::Planned {
        plan: &plan,
        done: Some((&made, verified.as_ref())),
    })?;
    Ok(if is_same { Exit::Fine } else { Exit::Problems })
}

/// The package sets of which rules name members.
fn sets(
    session: &Session,
    args: &Split,
    monorepo: &Monorepo,
    rules: &Rules,
    (snapshot, steps): (Option<&Snapshot>, &Steps),
    (nix, system): (Option<&Nix>, &System),
) -> Result<PackageSets, Failure> {
    let named = rules.sets_of_members();
    let Some(first) = named.first() else {
        return Ok(PackageSets::default());
    };
    if monorepo.set().is_over_core() {
        return Err(Failure::refused(
            format!(
                "the rules name members of `{first}`, and the tree stands over a core that has its own way to add to it"
            ),
            "take `members` out of the rules; in the family, `[repos.REPO.sets.SET]` with `extends` adds to a set of that core",
        ));
    }
    let Some(nix) = nix else {
        session.terminal.warn(format!(
            "{NOTE}unasked{NOTE:#} which members package sets have, and how others add to them: all members stay where they are"
        ));
        return Ok(PackageSets::default());
    };
    steps.at("asking where members of package sets come from");
    let wiring = wiring(args, &readiness(monorepo.root(), Stubs::NotNeeded)?)?;
    Ok(PackageSets::of(
        monorepo,
        rules,
        wiring,
        snapshot,
        (nix, system),
    )?)
}

/// The repo of what no rule moves: core, or the tree itself if that stands over one.
fn rest(root: &Path, rules: &Rules, outside: Option<&Outside>) -> Result<RepoName, Failure> {
    let Some(outside) = outside else {
        return Ok("core".parse().expect("it is a name"));
    };
    let folder = root.file_name().unwrap_or_default().to_string_lossy();
    let name: RepoName = folder.parse().map_err(|error| {
        Failure::refused(
            format!(
                "the folder `{}` cannot be a repo's name: {error}",
                printable(&folder)
            ),
            "what no rule moves stays in a repo of that name: rename the folder",
        )
    })?;
    let taken = ["core", "top-level"].contains(&name.as_str())
        || outside.core.name == name
        || rules.repos().contains(&&name);
    if taken {
        return Err(Failure::refused(
            format!("`{name}` is the name of another repo of the family"),
            "what no rule moves stays in a repo with the name of the tree's folder: rename that",
        ));
    }
    Ok(name)
}

/// Attributes that the tree gives another value, and that the core has that it stands over.
fn of_core(monorepo: &Monorepo, nix: &Nix, system: &System) -> Result<BTreeSet<String>, Failure> {
    Ok(match monorepo.set().of_core(nix, system)? {
        Some(set) => names(nix, &set)?,
        None => BTreeSet::new(),
    })
}

/// Which packages go to which repo.
fn rules(session: &Session, args: &Split) -> Result<Rules, Failure> {
    let mut rules = match (&args.rules, args.random) {
        (Some(file), _) => {
            let text = read_text(&session.directory().join(file))?;
            Rules::read(&text).map_err(|error| refused(file, &error))?
        }
        (None, number) => Rules::at_random(usize::from(number.unwrap_or(1)), args.seed),
    };
    let given = |given: &Option<String>, ruled: Option<String>| given.clone().or(ruled);
    rules.name = given(&args.name, rules.name);
    rules.forge = given(&args.forge, rules.forge);
    rules.lead = given(&args.lead, rules.lead);
    Ok(rules)
}

fn refused(file: &Path, error: &RulesError) -> Failure {
    Failure::refused(
        format!(
            "`{}` are no rules: {}",
            file.display(),
            error.to_string().trim_end()
        ),
        "`docs/splitting.md` describes them; `aux-gen split --help` shows some",
    )
}

fn tree(session: &Session, named: &Path) -> Result<PathBuf, Failure> {
    let root = session.directory().join(named).canonicalize();
    root.ok().filter(|root| root.is_dir()).ok_or_else(|| {
        Failure::not_found(
            format!("`{}` is no directory", named.display()),
            "name a checkout of the tree that is to be split",
        )
    })
}

/// Nix, unless it is not to be asked.
fn nix(session: &Session, args: &Split) -> Result<Option<Nix>, Failure> {
    match (args.no_eval, Nix::find()) {
        (true, _) => {
            session.terminal.warn(format!(
                "{NOTE}unasked{NOTE:#} nobody knows what core boots from: only what paths tie to it is pinned"
            ));
            Ok(None)
        }
        (false, Ok(_)) => session.nix(&args.reach).map(Some),
        (false, Err(error)) if args.verify => Err(error.into()),
        (false, Err(error)) => {
            session.terminal.warn(format!(
                "{NOTE}unasked{NOTE:#} {error}: nobody knows what core boots from, so only what paths tie to it is pinned"
            ));
            Ok(None)
        }
    }
}

/// Evaluates every attribute of the tree.
fn look(
    session: &Session,
    args: &Split,
    nix: &Nix,
    system: &System,
    monorepo: &Monorepo,
    steps: &Steps,
) -> Result<Option<Snapshot>, Failure> {
    let set = monorepo.set().own(nix, system)?;
    match steps.snapshot(nix, &set, system, jobs(args.jobs))? {
        Ok(snapshot) => Ok(Some(snapshot)),
        Err(failure) if args.verify => Err(Failure::refused(
            format!("the tree's set has no value: {}", failure.reason),
            "its `default.nix` is called with `system`, `config` and `overlays`",
        )),
        Err(failure) => {
            session.terminal.warn(format!(
                "{NOTE}unasked{NOTE:#} the tree's set has no value: {}",
                failure.reason
            ));
            Ok(None)
        }
    }
}

/// How core takes part: as asked for, or by layers if it can.
fn wiring(args: &Split, readiness: &Readiness) -> Result<Wiring, Failure> {
    let unknown = readiness.unknown().next();
    match (args.wiring, unknown) {
        (CoreWiring::Overlays, _) => Ok(Wiring::Overlays),
        (CoreWiring::Auto | CoreWiring::Layers, None) => Ok(Wiring::Layers),
        (CoreWiring::Auto, Some(_)) => Ok(Wiring::Overlays),
        (CoreWiring::Layers, Some(place)) => {
            let reason = match &place.state {
                aux_adopt::ready::State::Unknown { reason } => reason.as_str(),
                _ => "",
            };
            Err(Failure::refused(
                format!(
                    "`{}` cannot be made ready for layers ({}): {reason}",
                    place.file, place.what
                ),
                "`aux-gen ready TREE` names every place; or take `--wiring overlays`",
            ))
        }
    }
}

/// What users fetch, if git knows the tree.
fn download(
    monorepo: &Monorepo,
    rules: &Rules,
    (assignment, sets): (&Assignment, &PackageSets),
) -> Result<Option<Download>, Failure> {
    let tree = WorkTree::at(monorepo.root());
    let Some(tree) = tree.filter(|tree| tree.head().is_some()) else {
        return Ok(None);
    };
    let places = assignment.places(monorepo, sets);
    let of = |repo: Option<&RepoName>| {
        tree.archived(&|file| places.repo_of(file) == repo)
            .map_err(CarveError::from)
    };
    let mut repos = BTreeMap::from([(None, of(None)?)]);
    for repo in rules.repos() {
        repos.insert(Some(repo.clone()), of(Some(repo))?);
    }
    let tree = tree.archived(&|_| true).map_err(CarveError::from)?;
    Ok(Some(Download { tree, repos }))
}
