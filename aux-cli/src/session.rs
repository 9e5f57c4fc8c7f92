//! What every command starts from: the terminal and the registry.

use std::fs::File;
use std::path::{Path, PathBuf};

use aux_gen::disk::{Draft, Registry};
use aux_gen::plan::{Plan, plan};
use aux_gen::render::Templates;
use aux_gen::scan::scan;
use aux_model::answers::Observed;
use aux_model::{Catalog, RepoName, SigName, Source, did_you_mean, printable};

use crate::cli::Global;
use crate::failure::Failure;
use crate::terminal::Terminal;

/// One run of the program.
pub(crate) struct Session {
    pub(crate) terminal: Terminal,
    directory: PathBuf,
}

/// A registry whose manifest has no errors.
pub(crate) struct Family {
    pub(crate) registry: Registry,
    pub(crate) catalog: Catalog,
    pub(crate) sources: Vec<Source>,
    /// The files and patterns that the root includes.
    pub(crate) includes: Vec<String>,
}

/// A registry to ask about, whatever its manifest says of who uses whom.
pub(crate) struct Surveyed {
    pub(crate) registry: Registry,
    pub(crate) catalog: Catalog,
    pub(crate) sources: Vec<Source>,
}

impl Session {
    pub(crate) fn new(global: Global) -> Self {
        Self {
            terminal: Terminal::new(&global),
            directory: global.directory.unwrap_or_else(|| PathBuf::from(".")),
        }
    }

    /// Where the user stands.
    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    /// Reads and checks the registry here or above.
    pub(crate) fn family(&self) -> Result<Family, Failure> {
        Family::load(Registry::find(&self.directory)?)
    }

    /// As [`Self::family`], holding the registry from before it is read until the
    /// guard is dropped: nobody else writes in between.
    pub(crate) fn locked_family(&self) -> Result<(File, Family), Failure> {
        let registry = Registry::find(&self.directory)?;
        let lock = registry.lock()?;
        Ok((lock, Family::load(registry)?))
    }

    /// Reads the registry here or above for questions about who uses whom.
    pub(crate) fn survey(&self) -> Result<Surveyed, Failure> {
        Surveyed::load(Registry::find(&self.directory)?)
    }

    /// As [`Self::survey`], holding the registry as [`Self::locked_family`] does.
    pub(crate) fn locked_survey(&self) -> Result<(File, Surveyed), Failure> {
        let registry = Registry::find(&self.directory)?;
        let lock = registry.lock()?;
        Ok((lock, Surveyed::load(registry)?))
    }
}

impl Surveyed {
    fn load(registry: Registry) -> Result<Self, Failure> {
        match registry.survey()? {
            (Ok(survey), sources) => Ok(Self {
                registry,
                catalog: survey.catalog,
                sources,
            }),
            (Err(problems), sources) => Err(Failure::Problems {
                problems,
                sources,
                drafted: false,
            }),
        }
    }

    /// What the files ask for, if that is wanted as evidence too.
    pub(crate) fn observed(&self, wanted: bool) -> Result<Vec<Observed>, Failure> {
        if !wanted {
            return Ok(Vec::new());
        }
        Ok(scan(&self.registry, &self.catalog)?.observed)
    }
}

impl Family {
    /// Reads and checks a registry.
    pub(crate) fn load(registry: Registry) -> Result<Self, Failure> {
        Self::load_with(registry, &Draft::default())
    }

    /// Reads and checks a registry as if the draft were on the disk already.
    pub(crate) fn load_with(registry: Registry, draft: &Draft) -> Result<Self, Failure> {
        let loaded = registry.load_with(draft)?;
        match loaded.catalog {
            Ok(catalog) => Ok(Self {
                registry,
                catalog,
                sources: loaded.sources,
                includes: loaded.includes,
            }),
            Err(problems) => Err(Failure::Problems {
                problems,
                sources: loaded.sources,
                drafted: !draft.texts.is_empty(),
            }),
        }
    }

    /// The files of the repos named, or of all.
    pub(crate) fn plan(&self, only: &[RepoName]) -> Result<Plan, Failure> {
        let overrides = self.registry.overrides(&self.catalog)?;
        let templates = Templates::with_overrides(overrides)?;
        let mut plan = plan(&self.catalog, &templates)?;
        if !only.is_empty() {
            plan.repos.retain(|name, _| only.contains(name));
        }
        Ok(plan)
    }

    /// Repos by the names that the user typed.
    pub(crate) fn repos(&self, names: &[String]) -> Result<Vec<RepoName>, Failure> {
        repos(&self.catalog, names)
    }

    /// SIGs by the names that the user typed.
    pub(crate) fn sigs(&self, names: &[String]) -> Result<Vec<SigName>, Failure> {
        let named = names.iter().map(|name| sig(&self.catalog, name));
        named.collect()
    }
}

/// A SIG by the name that the user typed.
pub(crate) fn sig(catalog: &Catalog, name: &str) -> Result<SigName, Failure> {
    let known = catalog.sigs().map(|sig| sig.name.as_str());
    let found = catalog.sig(name).ok_or_else(|| {
        Failure::refused(
            format!("there is no SIG `{}`", printable(name)),
            did_you_mean(name, known).unwrap_or_default(),
        )
    })?;
    Ok(found.name.clone())
}

/// Repos by the names that the user typed.
pub(crate) fn repos(catalog: &Catalog, names: &[String]) -> Result<Vec<RepoName>, Failure> {
    let named = names.iter().map(|name| match catalog.repo(name) {
        Some(repo) => Ok(repo.name.clone()),
        None => {
            let known = catalog.repos().map(|repo| repo.name.as_str());
            Err(Failure::refused(
                format!("there is no repo `{}`", printable(name)),
                did_you_mean(name, known).unwrap_or_default(),
            ))
        }
    });
    named.collect()
}
