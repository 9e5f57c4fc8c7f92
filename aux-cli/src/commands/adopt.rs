//! `adopt`: repos that exist become part of a family, as they are.

use std::collections::BTreeMap;
use std::io;
use std::path::{Component, Path, PathBuf};

use aux_adopt::adopt::{
    Adopted, Adoption, Evaluation, Known, Note, People, adoption, origin, outputs, read,
};
use aux_arguments::Adopt;
use aux_gen::disk::{Draft, MANIFEST, Registry, Transaction};
use aux_gen::init::{NewRegistry, family};
use aux_model::{Catalog, FlakeRef, Handle, RepoName, System, printable};
use aux_nix::Nix;
use aux_output::{AdoptedPeople, AdoptedRepo, ErrorCode, Unlisted};
use aux_session::{
    DIM, Exit, Failure, GOOD, NOTE, Report, Session, Terminal, by_cause, cause, counted, handle,
    machine,
};
use serde::Serialize;

pub(crate) fn run(session: &Session, args: &Adopt) -> Result<Exit, Failure> {
    let lead: Option<Handle> = args.lead.as_deref().map(handle).transpose()?;
    let here = match Registry::find(session.directory()) {
        Ok(registry) => registry.root().to_owned(),
        Err(_) => session.directory().canonicalize()?,
    };
    let held = session.lock_folder(&here)?;
    // Only now: an earlier run may have begun to write one.
    let existing = Registry::find(session.directory()).ok();
    let catalog = match &existing {
        Some(registry) => Some(loaded(registry, &Draft::default())?),
        None => None,
    };
    if let (Some(catalog), Some(asked)) = (&catalog, &args.core)
        && catalog.core().name != *asked
    {
        return Err(Failure::refused(
            format!("the core of this family is `{}`", catalog.core().name),
            "leave out `--core`: it is for a new registry",
        ));
    }
    let mut known = catalog.as_ref().map(known).unwrap_or_default();
    let (mut adopted, mut there) = (Vec::new(), Vec::new());
    for directory in &args.directories {
        let (name, path) = place(session, &here, directory)?;
        if known.repos.contains_key(&name) {
            there.push(name);
            continue;
        }
        let same = |other: &&Adopted| other.name == name && other.path != path;
        if let Some(other) = adopted.iter().find(same) {
            return Err(Failure::refused(
                format!(
                    "`{}` and `{path}` would both be the repo `{name}`",
                    other.path
                ),
                "rename one of the directories",
            ));
        }
        adopted.push(read(&here, name, path)?);
    }
    let mut people = people(session, args)?;
    let mut texts = BTreeMap::new();
    if let Some(people) = &mut people {
        people.leave_known(&known.sigs);
        for repo in &mut adopted {
            if let Some(contact) = people.contact(repo) {
                repo.answered_for(contact);
            }
        }
        let organization = organization(args, catalog.as_ref());
        let text = people.text(&known.people, &known.sigs, organization.as_deref());
        known
            .people
            .extend(people.people.keys().map(ToString::to_string));
        known
            .sigs
            .extend(people.sigs.keys().map(ToString::to_string));
        texts.extend(text.map(|text| (PEOPLE.to_owned(), text)));
    }
    if adopted.is_empty() {
        if !texts.is_empty() {
            let registry = existing.as_ref().ok_or_else(|| {
                Failure::refused(
                    "there is no family yet that these people could be of",
                    "start one with `aux-gen init`, or adopt its core along with them",
                )
            })?;
            write_into(registry, &here, &texts)?;
        }
        session.terminal.report(&Answer {
            known: &there,
            adopted: &[],
            adoption: &Adoption::default(),
            written: texts.keys().collect(),
            people: people.as_ref(),
        })?;
        return Ok(Exit::Fine);
    }
    if !args.no_eval {
        let family = existing.as_ref().zip(catalog.as_ref());
        evaluate(session, &here, args, family, &mut known, &mut adopted)?;
    }
    for repo in catalog.iter().flat_map(|catalog| catalog.repos()) {
        let checkout = here.join(repo.path.as_str());
        let url = origin(&checkout).map(|url| (repo.name.clone(), url));
        known.urls.extend(url);
        known.outputs.insert(repo.name.clone(), outputs(&checkout));
    }
    let adoption = adoption(&adopted, &known, lead.as_ref(), args.core.as_ref())?;
    if let (Some(first), None) = (adoption.without_owner.first(), &lead) {
        return Err(Failure::refused(
            format!(
                "nobody is known to answer for `{first}`: it has no CODEOWNERS with a person for `*`"
            ),
            "name somebody with `--lead HANDLE`",
        ));
    }
    texts.extend(adoption.files.clone());
    match &existing {
        Some(registry) => {
            let draft = Draft {
                texts: texts.clone(),
                ..Draft::default()
            };
            let drafted = loaded(registry, &draft)?;
            let unread = adopted
                .iter()
                .find(|repo| drafted.repo(repo.name.as_str()).is_none());
            if let Some(repo) = unread {
                return Err(Failure::refused(
                    format!(
                        "no `include` of `{MANIFEST}` reads `sigs/{}.toml`",
                        repo.name
                    ),
                    "add `sigs/*.toml` to it",
                ));
            }
        }
        None => {
            let lead = lead.map_or_else(|| first_lead(&adopted), |lead| lead.to_string());
            texts.extend(root(args, &here, &adoption, &lead)?);
            super::manifest_edits::must_be_a_manifest(&here, &texts)?;
        }
    }
    let mut transaction = Transaction::default();
    for (path, text) in &texts {
        transaction.write(&here.join(path), None, text, 0);
    }
    transaction.commit(&here)?;
    drop(held);
    session.terminal.report(&Answer {
        known: &there,
        adopted: &adopted,
        adoption: &adoption,
        written: texts.keys().collect(),
        people: people.as_ref(),
    })?;
    Ok(Exit::Fine)
}

/// The file that people come into who are of no repo.
const PEOPLE: &str = "sigs/people.toml";

/// What the user wants known of people.
fn people(session: &Session, args: &Adopt) -> Result<Option<People>, Failure> {
    let Some(path) = &args.people else {
        return Ok(None);
    };
    let nix = session.nix(&args.reach)?;
    let people = People::read(&session.directory().join(path), &nix)?;
    Ok(Some(people))
}

/// The organization on the forge: where the teams of SIGs are.
fn organization(args: &Adopt, catalog: Option<&Catalog>) -> Option<String> {
    let named = args.forge.clone().or_else(|| args.name.clone());
    let forge = catalog.map(|catalog| catalog.organization().forge.to_string());
    let forge = forge.or(named)?;
    let name = forge.rsplit([':', '/']).next()?;
    Some(name.to_owned())
}

/// Writes new files of a manifest into a family that is there.
fn write_into(
    registry: &Registry,
    here: &Path,
    texts: &BTreeMap<String, String>,
) -> Result<(), Failure> {
    let taken = texts.keys().find(|path| here.join(path).exists());
    if let Some(path) = taken {
        return Err(Failure::refused(
            format!("`{path}` is there already"),
            "put what is new into it by hand, or move it away",
        ));
    }
    let draft = Draft {
        texts: texts.clone(),
        ..Draft::default()
    };
    loaded(registry, &draft)?;
    let mut transaction = Transaction::default();
    for (path, text) in texts {
        transaction.write(&here.join(path), None, text, 0);
    }
    transaction.commit(here)?;
    Ok(())
}

/// The catalog, or the problems as a failure.
fn loaded(registry: &Registry, draft: &Draft) -> Result<Catalog, Failure> {
    let loaded = registry.load_with(draft)?;
    loaded.catalog.map_err(|problems| Failure::Problems {
        problems,
        sources: loaded.sources,
        drafted: !draft.texts.is_empty(),
    })
}

/// What a family has already.
pub(super) fn known(catalog: &Catalog) -> Known {
    let tiers: Vec<String> = catalog
        .tiers()
        .iter()
        .map(|tier| tier.name.to_string())
        .collect();
    let tier_of = |name: &str| tiers.iter().position(|tier| tier == name).unwrap_or(0);
    Known {
        repos: catalog
            .repos()
            .map(|repo| (repo.name.clone(), tier_of(repo.tier.as_str())))
            .collect(),
        attributes: catalog
            .repos()
            .flat_map(|repo| {
                let names = catalog.attributes_of(repo).into_keys();
                names.map(|name| (name.to_string(), repo.name.clone()))
            })
            .collect(),
        sigs: catalog.sigs().map(|sig| sig.name.to_string()).collect(),
        people: catalog
            .people()
            .map(|person| person.handle.to_string())
            .collect(),
        tiers,
        ..Known::default()
    }
}

/// The name and the path of a repo: a directory of the registry.
pub(super) fn place(
    session: &Session,
    here: &Path,
    named: &Path,
) -> Result<(RepoName, String), Failure> {
    let directory = std::path::absolute(session.directory().join(named))?;
    let parts = directory
        .components()
        .filter(|part| *part != Component::CurDir);
    let directory: PathBuf = parts.collect();
    let root = std::path::absolute(here)?;
    // As it is named, or as it really is: either may lead through a link.
    let resolved = directory.canonicalize();
    let resolved = resolved.map_err(|error| {
        Failure::because(
            ErrorCode::NotFound,
            &error,
            format!("there is no `{}`", named.display()),
            "name the directory of a repo",
        )
    })?;
    let path = directory
        .strip_prefix(&root)
        .or_else(|_| resolved.strip_prefix(&root));
    let path = path.ok().filter(|path| !path.as_os_str().is_empty());
    let path = path.ok_or_else(|| {
        Failure::refused(
            format!(
                "`{}` is not in the registry `{}`",
                named.display(),
                root.display()
            ),
            "clone it to `repos/NAME` there, and adopt that",
        )
    })?;
    let name = path
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let name = match (name.parse::<RepoName>(), safe(&name)) {
        (Ok(name), _) => name,
        (Err(_), Some(safe)) => {
            session.terminal.warn(format!(
                "{NOTE}named{NOTE:#} {safe}: `{}` is no name that Nix takes for an input; the folder and its url stay",
                printable(&name)
            ));
            safe
        }
        (Err(error), None) => {
            return Err(Failure::refused(
                format!("`{}` cannot be a repo's name: {error}", printable(&name)),
                "rename the directory",
            ));
        }
    };
    Ok((name, path.to_string_lossy().into_owned()))
}

/// A name that Nix takes for an attribute and an input, of a folder with one that it does not: a
/// digit first, or a dot.
fn safe(name: &str) -> Option<RepoName> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let starts_plain = name.starts_with(|c: char| c.is_ascii_alphanumeric());
    if !starts_plain || !name.chars().all(is_plain) {
        return None;
    }
    let name = name.replace('.', "-");
    let first = if name.starts_with(|c: char| c.is_ascii_digit()) {
        "_"
    } else {
        ""
    };
    format!("{first}{name}").parse().ok()
}

/// Asks Nix about every repo whose package set can be had without other repos.
pub(super) fn evaluate(
    session: &Session,
    here: &Path,
    args: &Adopt,
    family: Option<(&Registry, &Catalog)>,
    known: &mut Known,
    adopted: &mut [Adopted],
) -> Result<(), Failure> {
    let unasked = |what: &str| {
        let text = format!("{NOTE}unasked{NOTE:#} {what}: everything is read from texts");
        session.terminal.warn(text);
        Ok(())
    };
    if let Err(error) = Nix::find() {
        return unasked(&error.to_string());
    }
    let nix = session.nix(&args.reach)?;
    let system = match machine().parse::<System>() {
        Ok(system) => system,
        Err(error) => return unasked(&error.to_string()),
    };
    let evaluation = Evaluation {
        nix: &nix,
        system: &system,
        here,
        family,
        core: args.core.as_ref(),
    };
    for failed in evaluation.of(known, adopted)? {
        session.terminal.warn(format!(
            "{NOTE}unasked{NOTE:#} {}: its set has no value: {}",
            failed.repo,
            failed.failure.reason_with_way_out()
        ));
    }
    Ok(())
}

/// Who leads the first repo that names somebody.
fn first_lead(adopted: &[Adopted]) -> String {
    let mut leads = adopted.iter().filter_map(Adopted::first_owner);
    leads.next().unwrap_or_default().to_owned()
}

/// The files of a new registry.
fn root(
    args: &Adopt,
    here: &Path,
    adoption: &Adoption,
    lead: &str,
) -> Result<BTreeMap<String, String>, Failure> {
    let named = here.file_name().unwrap_or_default().to_string_lossy();
    let name = args.name.clone().unwrap_or_else(|| named.into_owned());
    let forge = args
        .forge
        .clone()
        .unwrap_or_else(|| format!("github:{name}"));
    let forge: FlakeRef = forge.parse().map_err(|error| {
        Failure::refused(
            format!("`{}` is no forge: {error}", printable(&forge)),
            "give one with `--forge`, such as `--forge github:my-family`",
        )
    })?;
    let new = NewRegistry {
        name,
        forge: forge.to_string(),
        lead: lead.to_owned(),
        core: None,
    };
    let run_by = adoption.placed.keys().next().map(RepoName::as_str);
    let run_by = run_by.filter(|_| !adoption.has_top_level);
    let mut texts = family(&new, &adoption.tiers, run_by)?;
    texts.retain(|path, _| path == MANIFEST || !here.join(path).exists());
    Ok(texts)
}

/// Says what Nix sees of a repo and the manifest does not have: nothing is left out in silence.
pub(super) fn account(terminal: &Terminal, repo: &AdoptedRepo) {
    let AdoptedRepo {
        repo: name,
        attributes,
        seen,
        exceptions,
        ..
    } = repo;
    let Some(seen) = seen else {
        if *attributes == 0 {
            terminal.warn(format!(
                "{NOTE}nothing{NOTE:#} of {name} is part of the family, and what it offers is not known: Nix was not asked, or could not say"
            ));
        }
        return;
    };
    if !exceptions.is_empty() {
        terminal.warn(format!(
            "{NOTE}not listed{NOTE:#} {name}: Nix sees {}, and the manifest lacks {} of them:",
            counted(*seen, "attribute"),
            exceptions.len(),
        ));
        let groups = by_cause(exceptions, |exception| {
            // What is said of each by its own name is one cause.
            let own = format!("'{}'", exception.attribute);
            cause(&exception.reason.replace(&own, "''"))
        });
        for group in groups.iter().take(FEW) {
            let shown = group.len().min(FEW);
            let names: Vec<&str> = group[..shown]
                .iter()
                .map(|one| one.attribute.as_str())
                .collect();
            let more = match group.len() - shown {
                0 => String::new(),
                more => format!(" and {more} more; `--format json` has all"),
            };
            terminal.warn(format!(
                "  {}: {}{more}",
                printable(&group[0].reason),
                printable(&names.join(", "))
            ));
        }
        if let Some(more) = groups.len().checked_sub(FEW).filter(|more| *more > 0) {
            terminal.warn(format!(
                "  and {more} more reasons; `--format json` has all"
            ));
        }
    } else if *attributes == 0 {
        terminal.warn(format!(
            "{NOTE}nothing{NOTE:#} of {name} is part of the family: Nix sees no package in what it offers"
        ));
    }
}

/// Says what comes with sets of the manifest, and is not listed one by one.
fn within_sets(terminal: &Terminal, repo: &AdoptedRepo) {
    let attributes: usize = repo.nested.values().sum();
    if attributes == 0 {
        return;
    }
    let mut largest: Vec<(&String, &usize)> = repo.nested.iter().collect();
    largest.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    let shown = largest.iter().take(FEW);
    let shown: Vec<String> = shown
        .map(|(name, count)| format!("{name} ({count})"))
        .collect();
    let more = match largest.len() - shown.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    terminal.say(format!(
        "  {} in {} come with these: {}{more}",
        counted(attributes, "more attribute"),
        counted(largest.len(), "set"),
        printable(&shown.join(", "))
    ));
}

/// Says who came in, and who did not.
fn account_of_people(terminal: &Terminal, people: &AdoptedPeople) {
    terminal.say(format!(
        "{GOOD}adopted{GOOD:#} {} people, {}, {}, of {} that were looked at",
        people.people,
        counted(people.sigs, "SIG"),
        counted(people.contacts, "contact"),
        people.seen
    ));
    for exception in people.exceptions.iter().take(FEW) {
        terminal.warn(format!(
            "{NOTE}not listed{NOTE:#} {}: {}",
            printable(&exception.attribute),
            printable(&exception.reason)
        ));
    }
    if let Some(more) = people
        .exceptions
        .len()
        .checked_sub(FEW)
        .filter(|more| *more > 0)
    {
        terminal.warn(format!("  and {more} more; `--format json` has all"));
    }
}

/// More notes of one repo than this are counted, not listed, unless asked for.
const FEW: usize = 8;

/// The repos that are new, and those that are not.
struct Answer<'a> {
    known: &'a [RepoName],
    adopted: &'a [Adopted],
    adoption: &'a Adoption,
    written: Vec<&'a String>,
    people: Option<&'a People>,
}

impl Answer<'_> {
    fn people(&self) -> Option<AdoptedPeople> {
        let people = self.people?;
        let exceptions = people.exceptions.iter().map(|(what, reason)| Unlisted {
            attribute: what.clone(),
            reason: reason.clone(),
        });
        Some(AdoptedPeople {
            seen: people.seen,
            people: people.people.len(),
            sigs: people.sigs.len(),
            contacts: people.contacts.len(),
            exceptions: exceptions.collect(),
        })
    }

    fn repos(&self) -> impl Iterator<Item = AdoptedRepo> {
        let placed = &self.adoption.placed;
        let tier = |repo: &Adopted| placed.get(&repo.name).map_or("", String::as_str);
        self.adopted
            .iter()
            .map(move |repo| adopted_repo(repo, tier(repo)))
    }
}

/// What is told of one repo.
pub(super) fn adopted_repo(repo: &Adopted, tier: &str) -> AdoptedRepo {
    let unlisted = |(attribute, reason): (&str, &str)| Unlisted {
        attribute: attribute.to_owned(),
        reason: reason.to_owned(),
    };
    let exceptions: Vec<_> = repo.unlisted().into_iter().map(unlisted).collect();
    AdoptedRepo {
        repo: repo.name.to_string(),
        tier: tier.to_owned(),
        packages: repo.packages(),
        attributes: repo.attributes(),
        seen: repo.seen(),
        nested: repo.nested().clone(),
        unlisted: exceptions.iter().map(|e| e.attribute.clone()).collect(),
        exceptions,
    }
}

impl Report for Answer<'_> {
    type Output = aux_output::Adopted;

    fn output(&self) -> impl Serialize {
        #[derive(Serialize)]
        struct Output<'a> {
            repos: Vec<AdoptedRepo>,
            known: &'a [RepoName],
            written: &'a [&'a String],
            notes: &'a [Note],
            people: Option<AdoptedPeople>,
        }
        Output {
            people: self.people(),
            repos: self.repos().collect(),
            known: self.known,
            written: &self.written,
            notes: &self.adoption.notes,
        }
    }

    fn show(&self, terminal: &Terminal) -> io::Result<()> {
        let Self {
            adopted,
            adoption,
            written,
            ..
        } = self;
        for repo in self.known {
            terminal.say(format!(
                "{DIM}known{DIM:#}  {repo}: the manifest has it; `--again` takes in what is new"
            ));
        }
        if adopted.is_empty() && written.is_empty() {
            terminal.say(format!("{GOOD}fine{GOOD:#}: nothing new to adopt"));
        }
        for path in written {
            terminal.say(format!("{DIM}create{DIM:#} {path}"));
        }
        if let Some(people) = self.people() {
            account_of_people(terminal, &people);
        }
        if adopted.is_empty() {
            return Ok(());
        }
        for repo in *adopted {
            let notes = adoption.notes.iter().filter(|note| note.repo == repo.name);
            let notes: Vec<&Note> = notes.collect();
            let listed = if terminal.is_verbose() {
                notes.len()
            } else {
                FEW
            };
            for note in notes.iter().take(listed) {
                let file = note.file.as_ref();
                let file = file.map_or(String::new(), |file| format!("/{file}"));
                terminal.warn(format!(
                    "{NOTE}note{NOTE:#} {}{file}: {}",
                    note.repo, note.message
                ));
            }
            if let Some(more) = notes.len().checked_sub(listed).filter(|more| *more > 0) {
                terminal.warn(format!(
                    "{NOTE}note{NOTE:#} {}: and {more} more, which `--verbose` lists; \
                 `--format json` has all",
                    repo.name
                ));
            }
        }
        for repo in self.repos() {
            terminal.say(format!(
                "{GOOD}adopted{GOOD:#} {} in tier {}: {}, {}",
                repo.repo,
                repo.tier,
                counted(repo.packages, "package"),
                counted(repo.attributes, "attribute"),
            ));
            within_sets(terminal, &repo);
            account(terminal, &repo);
        }
        terminal.say(
            "Next:
  aux-gen check        what is wrong in it
  aux-gen generate     top-level, which puts it together",
        );
        Ok(())
    }
}
