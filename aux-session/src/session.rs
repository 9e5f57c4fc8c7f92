//! What every command starts from: the terminal and the registry.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::thread::available_parallelism;
use std::time::Duration;

use aux_eval::scan::{Derivations, derivations, scan};
use aux_gen::disk::{
    Draft, FolderLock, Identity, PlanOrigin, Recovered, Registry, acquire_lock, checkout_place,
    compare, is_settled, is_under_way, recover,
};
use aux_gen::plan::{Home, Plan, plan};
use aux_gen::render::Templates;
use aux_git::WorkTree;
use aux_model::answers::Observed;
use aux_model::{
    Catalog, Channel, ChannelName, Family, IncludePattern, Manifest, Origin, Repo, RepoName,
    SigName, Source, System, did_you_mean, printable,
};
use aux_nix::{Limits, Network, Nix, Reach};

use crate::alone;
use crate::failure::Failure;
use crate::terminal::Terminal;
use aux_arguments::{Command, Evidence, Global, NamedFolder, ReachArgs};
use aux_terminal::{NOTE, counted};

/// One run of the program.
pub struct Session {
    /// What it says and answers.
    pub terminal: Terminal,
    directory: PathBuf,
    works_alone: bool,
    /// The channel that is asked for.
    channel: Option<String>,
}

/// A registry whose manifest has no errors.
pub struct CheckedRegistry {
    /// The folder.
    pub registry: Registry,
    /// The family.
    pub catalog: Catalog,
    /// The texts of its manifest, the root first.
    pub sources: Vec<Source>,
    /// The files and patterns that the root includes.
    pub includes: Vec<String>,
    /// The only repo that is written to: the user has it checked out alone.
    pub alone: Option<RepoName>,
    /// What tells the catalog from others, as it was read; none with a draft.
    pub identity: Option<Identity>,
}

/// A registry to ask about, even if its `uses` break rules.
pub struct SurveyedRegistry {
    /// The folder.
    pub registry: Registry,
    /// The family.
    pub family: aux_model::Family,
    /// The texts of its manifest, the root first.
    pub sources: Vec<Source>,
}

impl Session {
    /// A run of a command, with what stands before it on the command line.
    pub fn new(command: &Command, global: Global) -> Self {
        Self {
            terminal: Terminal::new(command.output(), global.look(), global.channel.clone()),
            directory: global.directory.unwrap_or_else(|| PathBuf::from(".")),
            works_alone: command.works_alone(),
            channel: global.channel,
        }
    }

    /// Refuses a channel where the command has no use for one.
    pub fn must_know_channels(&self, command: &Command) -> Result<(), Failure> {
        match &self.channel {
            Some(_) if !command.knows_channels() => Err(Failure::refused(
                format!(
                    "`{}` is about what the manifest says, whatever the channel",
                    command.name()
                ),
                "leave out `--channel`",
            )),
            _ => Ok(()),
        }
    }

    /// A family on the channel that is asked for.
    pub fn on_channel(&self, family: CheckedRegistry) -> Result<CheckedRegistry, Failure> {
        let Some(name) = &self.channel else {
            return Ok(family);
        };
        let catalog = family.catalog.on_channel(name).ok_or_else(|| {
            let known = family.catalog.channels().iter();
            let known = known.map(|channel| channel.name.as_str());
            Failure::not_found(
                format!("there is no channel `{}`", printable(name)),
                did_you_mean(name, known)
                    .unwrap_or_else(|| "`[[channels]]` of `aux.toml` has them".to_owned()),
            )
        })?;
        Ok(CheckedRegistry { catalog, ..family })
    }

    /// Where the user stands.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Reads and checks the registry here or above.
    pub fn family(&self) -> Result<CheckedRegistry, Failure> {
        let (registry, alone) = self.found()?;
        self.warn_if_unfinished(registry.root());
        let family = self.on_channel(CheckedRegistry::load(registry)?)?;
        Ok(CheckedRegistry { alone, ..family })
    }

    /// The registry here or above, or that of the repo which is checked out alone here.
    fn found(&self) -> Result<(Registry, Option<RepoName>), Failure> {
        let missing = match Registry::find(&self.directory) {
            Ok(registry) => return Ok((registry, None)),
            Err(missing) => missing,
        };
        match self.alone()? {
            Some(alone) => Ok((Registry::open(&alone.root)?, Some(alone.repo))),
            None => Err(missing.into()),
        }
    }

    /// The repo that is checked out alone here, if there is one.
    fn alone(&self) -> Result<Option<alone::Alone>, Failure> {
        let channel = self.channel.as_deref();
        alone::find(&self.directory, self.works_alone, channel, &self.terminal)
    }

    /// Whether the user has one repo checked out, and not the registry.
    pub fn is_alone(&self) -> bool {
        Registry::find(&self.directory).is_err()
    }

    /// Brings the registry of a repo that is checked out alone up to date.
    pub fn forward_registry(&self, patience: Duration) -> Result<(), Failure> {
        if Registry::find(&self.directory).is_err()
            && let Some(alone) = self.alone()?
        {
            alone::forward(&alone, patience, &self.terminal);
        }
        Ok(())
    }

    /// The registry here or above. A run of it that was not finished is told of.
    pub fn registry(&self) -> Result<Registry, Failure> {
        let (registry, _) = self.found()?;
        self.warn_if_unfinished(registry.root());
        Ok(registry)
    }

    /// Tells of a run in a folder that was ended half way.
    pub fn warn_if_unfinished(&self, root: &Path) {
        if is_under_way(root) {
            let here = self.directory.canonicalize().ok();
            let other = root
                .canonicalize()
                .ok()
                .filter(|root| here.as_ref() != Some(root));
            let other = other.map_or(String::new(), |root| format!("-C {} ", root.display()));
            self.terminal.warn(format!(
                "{NOTE}unfinished{NOTE:#}: an earlier run was ended half way; `aux-gen {other}recover` finishes it, and so does the next command that writes"
            ));
        }
    }

    /// Acquires the lock of the registry, and finishes what an earlier run began.
    fn locked(&self) -> Result<(FolderLock, Registry, Option<RepoName>), Failure> {
        let (registry, alone) = self.found()?;
        let lock = self.lock_folder(registry.root())?;
        Ok((lock, registry, alone))
    }

    /// Acquires the lock of a folder that is a registry or is to become one, and finishes what an
    /// earlier run began in it.
    pub fn lock_folder(&self, root: &Path) -> Result<FolderLock, Failure> {
        let lock = acquire_lock(root)?;
        match recover(root)? {
            Recovered::Nothing => {}
            Recovered::Finished => self.terminal.warn(format!(
                "{NOTE}finished{NOTE:#} what an earlier run began and did not end"
            )),
            Recovered::Partly(error) => self.terminal.warn(format!(
                "{NOTE}left{NOTE:#} a part of what an earlier run began and did not end: {error}; look at `aux-gen status` and `aux-gen check`"
            )),
        }
        Ok(lock)
    }

    /// As [`Self::family`], holding the registry from before it is read until the
    /// guard is dropped: nobody else writes in between.
    pub fn locked_family(&self) -> Result<(FolderLock, CheckedRegistry), Failure> {
        let (lock, registry, alone) = self.locked()?;
        let family = self.on_channel(CheckedRegistry::load(registry)?)?;
        Ok((lock, CheckedRegistry { alone, ..family }))
    }

    /// As [`Self::locked_family`], as if there were no index of a core that is somebody else's: what
    /// an old one lacks must not keep anybody from writing a new one.
    pub fn locked_family_without_index(&self) -> Result<(FolderLock, CheckedRegistry), Failure> {
        let (lock, registry, _) = self.locked()?;
        let draft = Draft {
            without_index: true,
            ..Draft::default()
        };
        Ok((lock, CheckedRegistry::load_with(registry, &draft)?))
    }

    /// Reads the registry here or above for questions about `uses`.
    pub fn survey(&self) -> Result<SurveyedRegistry, Failure> {
        SurveyedRegistry::load(self.registry()?)
    }

    /// As [`Self::survey`], holding the registry as [`Self::locked_family`] does.
    pub fn locked_survey(&self) -> Result<(FolderLock, SurveyedRegistry), Failure> {
        let (lock, registry, _) = self.locked()?;
        Ok((lock, SurveyedRegistry::load(registry)?))
    }
}

impl SurveyedRegistry {
    /// Reads a registry.
    ///
    /// # Errors
    /// When the disk fails, or something is wrong besides `uses`.
    pub fn load(registry: Registry) -> Result<Self, Failure> {
        match registry.survey()? {
            (Ok(survey), sources) => Ok(Self {
                registry,
                family: survey.family,
                sources,
            }),
            (Err(problems), sources) => Err(Failure::Problems {
                problems,
                sources,
                drafted: false,
            }),
        }
    }
}

impl Session {
    /// What is seen outside of the manifest, as far as it is wanted as evidence.
    pub fn observed(
        &self,
        survey: &SurveyedRegistry,
        wanted: &Evidence,
    ) -> Result<Vec<Observed>, Failure> {
        if !wanted.scan && !wanted.derivations {
            return Ok(Vec::new());
        }
        let (registry, catalog) = (&survey.registry, &survey.family);
        let derivations = wanted
            .derivations
            .then(|| self.derivations(registry, catalog, &wanted.reach))
            .transpose()?;
        if let Some(derivations) = &derivations {
            self.warn_of_gaps(derivations);
        }
        let mut observed = scan(registry, catalog, derivations.as_ref())?.observed;
        observed.retain(|edge| wanted.scan || edge.origin != Origin::Formals);
        Ok(observed)
    }

    /// The Nix of this machine, with what the user lets it read. Folders are as seen from where
    /// the user stands.
    pub fn nix(&self, args: &ReachArgs) -> Result<Nix, Failure> {
        let folder = |folder: &Path| {
            let path = self.directory.join(folder);
            let path = path.canonicalize().ok().filter(|path| path.is_dir());
            path.ok_or_else(|| {
                Failure::refused(
                    format!("`{}` is no directory", folder.display()),
                    "name one that is there",
                )
            })
        };
        let named = |all: &[NamedFolder]| {
            let all = all.iter();
            all.map(|named| Ok((named.name.clone(), folder(&named.folder)?)))
                .collect::<Result<BTreeMap<_, _>, Failure>>()
        };
        let mut reach = Reach {
            search_path: named(&args.include)?,
            overrides: named(&args.overrides)?,
            network: if args.allow_network {
                Network::Allowed
            } else {
                Network::Offline
            },
            ..Reach::default()
        };
        if let Some(nixpkgs) = &args.nixpkgs {
            reach = reach.with_nixpkgs(folder(nixpkgs)?);
        }
        Ok(Nix::find()?.reaching(reach))
    }

    /// What every package is built from, by real Nix.
    pub fn derivations(
        &self,
        registry: &Registry,
        catalog: &Family,
        reach: &ReachArgs,
    ) -> Result<Derivations, Failure> {
        let nix = self.nix(reach)?;
        let system = system(None, catalog)?;
        Ok(derivations(
            registry,
            catalog,
            &nix,
            &system,
            &Limits::default(),
        )?)
    }

    /// An answer that is not based on everything names what is missing.
    fn warn_of_gaps(&self, derivations: &Derivations) {
        let failed = derivations.failed().len();
        let unseen = derivations.unseen().len();
        let gaps: Vec<String> = [(failed, "attribute"), (unseen, "repo")]
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, noun)| counted(count, noun))
            .collect();
        if !gaps.is_empty() {
            self.terminal.say(format!(
                "{NOTE}gaps{NOTE:#}: nothing is known of what {} would show: run `aux-gen scan --derivations`",
                gaps.join(" and ")
            ));
        }
    }

    /// Says so if what is on the disk, and so what Nix sees, is not what the
    /// manifest says.
    pub fn warn_if_stale(&self, family: &CheckedRegistry) {
        let origin = family.plan_origin().ok().flatten();
        if origin.is_some_and(|origin| is_settled(&family.registry, &origin)) {
            return;
        }
        let plan = family.plan(&[]);
        if let Some(changes) = plan
            .ok()
            .and_then(|plan| compare(&family.registry, &plan).ok())
            && !changes.is_empty()
        {
            self.terminal.warn(format!(
                "{NOTE}stale{NOTE:#}: {} not as the manifest says: run `aux-gen generate`",
                match changes.iter().count() {
                    1 => "1 file is".to_owned(),
                    files => format!("{files} files are"),
                }
            ));
        }
    }
}

impl CheckedRegistry {
    /// Reads and checks a registry.
    pub fn load(registry: Registry) -> Result<Self, Failure> {
        Self::load_with(registry, &Draft::default())
    }

    /// Reads and checks a registry as if the draft were on the disk already.
    pub fn load_with(registry: Registry, draft: &Draft) -> Result<Self, Failure> {
        let loaded = registry.load_with(draft)?;
        match loaded.catalog {
            Ok(catalog) => Ok(Self {
                registry,
                catalog,
                sources: loaded.sources,
                includes: loaded.includes,
                alone: None,
                identity: loaded.identity,
            }),
            Err(problems) => Err(Failure::Problems {
                problems,
                sources: loaded.sources,
                drafted: !draft.texts.is_empty(),
            }),
        }
    }

    /// The name of the channel that it is on.
    pub fn channel(&self) -> Option<&ChannelName> {
        self.catalog.channel().map(|channel| &channel.name)
    }

    /// Refuses to write into a repo that the user does not have, where one is checked out alone.
    pub fn must_be_here(&self, repo: &RepoName) -> Result<(), Failure> {
        match &self.alone {
            Some(alone) if alone != repo => Err(Failure::refused(
                format!("this is the repo `{alone}` alone, and `{repo}` is another one"),
                format!("do it in a clone of `{repo}`, or of the registry"),
            )),
            _ => Ok(()),
        }
    }

    /// The templates, with those that the family has of its own.
    pub fn templates(&self) -> Result<Templates, Failure> {
        let overrides = self.registry.overrides(&self.catalog)?;
        Ok(Templates::with_overrides(overrides)?)
    }

    /// What the plan of the whole family is made of; none where not all of it is planned, or nobody
    /// knows.
    pub fn plan_origin(&self) -> Result<Option<PlanOrigin>, Failure> {
        let is_whole = self.alone.is_none()
            && self.catalog.channel().is_none()
            && self.not_cloned().is_empty();
        let Some(identity) = self.identity.as_ref().filter(|_| is_whole) else {
            return Ok(None);
        };
        let overrides = self.registry.overrides(&self.catalog)?;
        Ok(Some(PlanOrigin::of(identity, &overrides)))
    }

    /// The files of the repos named, or of all.
    pub fn plan(&self, only: &[RepoName]) -> Result<Plan, Failure> {
        let templates = self.templates()?;
        let mut plan = plan(&self.catalog, &templates);
        if self.catalog.channel().is_some() {
            // The registry is of all channels.
            // So is a repo that is a folder of it.
            let root = self.registry.root();
            let has_branches = |name: &RepoName| {
                let repo = self.catalog.repo(name.as_str());
                let place = repo.and_then(|repo| checkout_place(root, &repo.path).ok());
                place.is_some_and(|place| !place.is_dir() || WorkTree::at(&place).is_some())
            };
            plan.homes
                .retain(|home, _| home.repo().is_some_and(has_branches));
        }
        let only = match &self.alone {
            Some(alone) if only.is_empty() => std::slice::from_ref(alone),
            _ => only,
        };
        if only.is_empty() {
            let absent = self.not_cloned();
            let is_absent = |home: &Home| home.repo().is_some_and(|repo| absent.contains(repo));
            plan.homes.retain(|home, _| !is_absent(home));
        } else {
            let is_named = |home: &Home| home.repo().is_some_and(|repo| only.contains(repo));
            plan.homes.retain(|home, _| is_named(home));
        }
        Ok(plan)
    }

    /// Refuses to work with checkouts that are on branches of another channel than the family.
    pub fn must_be_on_channel(&self, only: &[RepoName]) -> Result<(), Failure> {
        if self.catalog.channels().is_empty() {
            return Ok(());
        }
        let root = self.registry.root();
        let repos = self.catalog.repos().filter(|repo| !repo.is_outside());
        for repo in repos.filter(|repo| only.is_empty() || only.contains(&repo.name)) {
            let tree = checkout_place(root, &repo.path).ok();
            let tree = tree.and_then(|place| WorkTree::at(&place));
            let head = tree.and_then(|tree| tree.head_in_files());
            let Some((_, Some(on))) = head else { continue };
            let Some((why, help)) = self.of_another(repo, &on) else {
                continue;
            };
            let message = format!("`{}` is on the branch `{on}`, {why}", repo.path);
            return Err(Failure::refused(message, help));
        }
        Ok(())
    }

    /// Why a checkout on a branch is none of the channel that the family is on, and a way out. A branch
    /// that is nobody's may be of a change to either.
    fn of_another(&self, repo: &Repo, on: &str) -> Option<(String, String)> {
        let here = self.catalog.channel();
        let is_of = |channel: &&Channel| {
            *on == **channel.branch_of(&repo.name) || *on == *channel.staging()
        };
        if here.as_ref().is_some_and(is_of) {
            return None;
        }
        let other = self.catalog.channels().iter().find(is_of);
        let main = self.catalog.off_channel();
        let own = main.repo(repo.name.as_str()).map(Repo::published_branch);
        match (here, other) {
            (None, None) => None,
            (Some(_), None) if own.as_deref() != Some(on) && on != "staging" => None,
            (Some(channel), _) => {
                let wanted = channel.branch_of(&repo.name);
                Some((
                    format!("and on this channel it has `{wanted}`"),
                    format!("check that out there: `git switch {wanted}`"),
                ))
            }
            (None, Some(other)) => Some((
                format!("which is that of channel `{}`", other.name),
                format!(
                    "add `--channel {}`, or check out another branch there",
                    other.name
                ),
            )),
        }
    }

    /// Generated repos that others have and this machine has not: there is no folder, and the
    /// commit of the registry that is checked out knows them, which is a clone of another. What
    /// would be generated there is not what its remote has.
    pub fn not_cloned(&self) -> BTreeSet<RepoName> {
        let root = self.registry.root();
        let missing = self.catalog.repos().filter(|repo| {
            let folder = checkout_place(root, &repo.path);
            repo.is_generated() && folder.is_ok_and(|folder| folder.symlink_metadata().is_err())
        });
        let missing: BTreeSet<RepoName> = missing.map(|repo| repo.name.clone()).collect();
        let registry = WorkTree::at(root).filter(|tree| tree.has_remote("origin"));
        let Some(registry) = registry.filter(|_| !missing.is_empty()) else {
            return BTreeSet::new();
        };
        let known = self.repos_of_head(&registry);
        missing
            .into_iter()
            .filter(|repo| known.contains(repo))
            .collect()
    }

    /// The repos of the manifest as the commit has it that is checked out.
    fn repos_of_head(&self, registry: &WorkTree) -> BTreeSet<RepoName> {
        let texts = self.sources.iter().filter_map(|source| {
            let text = registry.text_at("HEAD", source.path()).ok()??;
            Some(Source::new(source.path(), &text))
        });
        let mut texts = texts.filter(|source| !source.text().is_empty());
        let Some(first) = texts.next() else {
            return BTreeSet::new();
        };
        let included: Vec<Source> = texts.collect();
        let mut manifest = Manifest::open(first);
        for text in &self.includes {
            let pattern = IncludePattern::new(text);
            let mut files = included.clone();
            files.retain(|file| pattern.matches(file.path()));
            manifest.include(text, files);
        }
        manifest
            .checkouts()
            .into_iter()
            .map(|(repo, _)| repo)
            .collect()
    }

    /// Repos by the names that the user typed.
    pub fn repos(&self, names: &[String]) -> Result<Vec<RepoName>, Failure> {
        repos(&self.catalog, names)
    }
}

/// A SIG by the name that the user typed.
pub fn sig(catalog: &Family, name: &str) -> Result<SigName, Failure> {
    let known = catalog.sigs().map(|sig| sig.name.as_str());
    let found = catalog.sig(name).ok_or_else(|| {
        Failure::not_found(
            format!("there is no SIG `{}`", printable(name)),
            became(catalog, "sig", name)
                .or_else(|| did_you_mean(name, known))
                .unwrap_or_default(),
        )
    })?;
    Ok(found.name.clone())
}

/// Repos by the names that the user typed.
pub fn repos(catalog: &Family, names: &[String]) -> Result<Vec<RepoName>, Failure> {
    names.iter().map(|name| repo(catalog, name)).collect()
}

/// A repo by the name that the user typed.
pub fn repo(catalog: &Family, name: &str) -> Result<RepoName, Failure> {
    let known = catalog.repos().map(|repo| repo.name.as_str());
    let found = catalog.repo(name).ok_or_else(|| {
        Failure::not_found(
            format!("there is no repo `{}`", printable(name)),
            became(catalog, "repo", name)
                .or_else(|| did_you_mean(name, known))
                .unwrap_or_default(),
        )
    })?;
    Ok(found.name.clone())
}

/// What became of something that had a name once, in words.
fn became(catalog: &Family, kind: &str, name: &str) -> Option<String> {
    let former = catalog.formerly(name).into_iter();
    let former = former.filter(|former| former.kind == kind);
    let mut sentences = former.map(|former| format!("`{}` {}", former.name, former.sentence));
    sentences.next()
}

/// The name that Nix has for this machine's system.
pub fn machine() -> String {
    let (architecture, system) = (std::env::consts::ARCH, std::env::consts::OS);
    format!("{architecture}-{system}").replace("macos", "darwin")
}

/// The system asked for, this machine's, or the organization's first.
pub fn system(asked: Option<&str>, catalog: &Family) -> Result<System, Failure> {
    let known = &catalog.organization().systems;
    let names: Vec<String> = known.iter().map(|system| format!("`{system}`")).collect();
    match asked {
        Some(text) => known
            .iter()
            .find(|system| system.as_str() == text)
            .cloned()
            .ok_or_else(|| {
                Failure::refused(
                    format!("the organization has no system `{}`", printable(text)),
                    format!("there is {}", names.join(", ")),
                )
            }),
        None => {
            let machine = machine();
            let own = known.iter().find(|system| system.as_str() == machine);
            Ok(own.unwrap_or(&known[0]).clone())
        }
    }
}

/// How many processes may run at once: as many as there are cores if nobody says.
pub fn jobs(asked: Option<u16>) -> usize {
    let cores = || available_parallelism().map_or(1, usize::from);
    asked.map_or_else(cores, usize::from)
}

/// What Nix may take, with so many seconds for one attribute.
pub fn limits(seconds: u64) -> Limits {
    Limits {
        per_question: Duration::from_secs(seconds),
        ..Limits::default()
    }
}
