//! The plan: every file of every repo, worked out before anything is touched.
//!
//! Pure: a catalog and templates in, texts out. The same model gives the same
//! bytes, whatever is on the disk.

mod ci;
mod contract;
mod flake;
mod owners;
mod readme;
mod scaffold;
mod shell;

pub use contract::{CONTRACT, Contract};

use std::collections::BTreeMap;

use aux_model::{Catalog, Package, RelativePath, Repo, RepoName, Shape};

use crate::render::{Context, TemplateError, Templates};
use ci::Forge;
use scaffold::Piece;

/// All files of all generated repos, and those of the registry itself.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// The registry's own; none if only some of its repos are planned.
    pub registry: Option<RegistryPlan>,
    /// The repos in order of name; external ones are not among them.
    pub repos: BTreeMap<RepoName, RepoPlan>,
}

/// The files in the registry that the generator writes: what checks the family.
#[derive(Debug, Clone, Default)]
pub struct RegistryPlan {
    /// The files, by path relative to the registry.
    pub files: BTreeMap<RelativePath, PlannedFile>,
}

/// All files of one repo.
#[derive(Debug, Clone)]
pub struct RepoPlan {
    /// Where the repo is checked out, relative to the registry.
    pub path: RelativePath,
    /// The files, by path relative to the repo.
    pub files: BTreeMap<RelativePath, PlannedFile>,
}

/// One file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedFile {
    /// Its whole text.
    pub text: String,
    /// Whose it is from now on.
    pub kind: FileKind,
    /// What it was made from.
    pub provenance: Provenance,
}

/// What a text was made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provenance {
    /// The template's name, such as `repo/flake.nix`; `contract.json` is made from
    /// the contract.
    pub template: String,
    /// The version of the template: the start of its SHA-256. For `contract.json`
    /// the version of the contract.
    pub version: String,
}

/// Whose a file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileKind {
    /// The generator's: replaced whenever the model changes.
    Generated {
        /// Files beside it that no longer count once it is there: another layout
        /// of the same thing.
        hides: &'static [&'static str],
    },
    /// A person's: written once, never again.
    Scaffold {
        /// Not written if the directory holds one of these already: another
        /// layout of the same thing.
        unless: &'static [&'static str],
    },
}

/// Layouts of a by-name directory; a scaffold does not add a second one.
const LAYOUTS: &[&str] = &["package.nix", "default.nix", "packages.nix"];

/// Works out every file of every generated repo, and of the registry.
///
/// # Errors
/// When a template override fails; built-in templates do not.
pub fn plan(catalog: &Catalog, templates: &Templates) -> Result<Plan, TemplateError> {
    use rayon::prelude::*;
    let repos: Vec<&Repo> = catalog.repos().filter(|repo| repo.is_generated()).collect();
    // All of them, then the first error in order: which thread is the fastest
    // must not decide what is reported.
    let repos: Vec<Result<_, TemplateError>> = repos
        .into_par_iter()
        .map(|repo| {
            let plan = RepoPlan {
                path: repo.path.clone(),
                files: Files::of(catalog, repo, templates)?,
            };
            Ok((repo.name.clone(), plan))
        })
        .collect();
    Ok(Plan {
        registry: Some(registry(catalog, templates)?),
        repos: repos.into_iter().collect::<Result<_, _>>()?,
    })
}

/// Works out the registry's own files.
fn registry(catalog: &Catalog, templates: &Templates) -> Result<RegistryPlan, TemplateError> {
    let mut plan = RegistryPlan::default();
    for forge in Forge::of(catalog.ci()) {
        let family = ci::FamilyCheck::on(forge, catalog);
        plan.add(&forge.workflow("family"), &family, templates)?;
        let regenerate = ci::Regenerate::on(forge);
        plan.add(&forge.workflow("regenerate"), &regenerate, templates)?;
    }
    if Forge::of(catalog.ci()).next().is_some() {
        plan.add(ci::FETCH, &ci::Fetch::of(catalog), templates)?;
        plan.add(ci::PROPOSE, &ci::Propose::of(catalog), templates)?;
    }
    if catalog.ci().hydra {
        let file = PlannedFile {
            text: ci::spec(catalog),
            kind: FileKind::Generated { hides: &[] },
            provenance: Provenance {
                template: "hydra/spec.json".to_owned(),
                version: CONTRACT.to_owned(),
            },
        };
        plan.files.insert(checked(ci::SPEC), file);
    }
    Ok(plan)
}

impl RegistryPlan {
    fn add(
        &mut self,
        path: &str,
        context: &impl Context,
        templates: &Templates,
    ) -> Result<(), TemplateError> {
        let file = PlannedFile {
            text: templates.render_marked(context)?,
            kind: FileKind::Generated { hides: &[] },
            provenance: templates.provenance(context),
        };
        self.files.insert(checked(path), file);
        Ok(())
    }
}

/// A path of checked names.
fn checked(path: &str) -> RelativePath {
    path.parse()
        .expect("paths are made of checked names, none of which leaves its directory")
}

/// Collects the files of one repo.
struct Files<'c> {
    catalog: &'c Catalog,
    repo: &'c Repo,
    templates: &'c Templates,
    files: BTreeMap<RelativePath, PlannedFile>,
}

impl<'c> Files<'c> {
    fn of(
        catalog: &'c Catalog,
        repo: &'c Repo,
        templates: &'c Templates,
    ) -> Result<BTreeMap<RelativePath, PlannedFile>, TemplateError> {
        let mut files = Self {
            catalog,
            repo,
            templates,
            files: BTreeMap::new(),
        };
        files.wiring()?;
        for package in repo.packages.values() {
            files.package(package)?;
        }
        files.offers()?;
        Ok(files.files)
    }

    /// What makes the repo a flake of the family.
    fn wiring(&mut self) -> Result<(), TemplateError> {
        let (catalog, repo) = (self.catalog, self.repo);
        let view = catalog.view(repo);
        let provenance = Provenance {
            template: "contract.json".to_owned(),
            version: CONTRACT.to_owned(),
        };
        let contract = Contract::of(catalog, &view).to_json();
        let generated = FileKind::Generated { hides: &[] };
        self.add("contract.json", contract, generated, provenance);
        let flake = flake::Flake::of(catalog, &view);
        self.marked("flake.nix", &flake)?;
        self.marked("layer.nix", &flake::Layer::new())?;
        if repo.name == catalog.core().name {
            self.marked("lib/fixpoint.nix", &flake::Fixpoint::new())?;
            self.marked("mk-packages.nix", &flake::MkPackages::new())?;
            self.scaffold("lib/default.nix", &scaffold::Lib {}, &[])?;
        }
        self.marked("README.md", &readme::Readme::of(catalog, &view))?;
        self.marked(owners::GITHUB, &owners::GithubOwners::of(catalog, repo))?;
        self.marked(owners::GITEA, &owners::GiteaOwners::of(catalog, repo))?;
        self.marked(".gitignore", &flake::GitIgnore::new())?;
        for forge in Forge::of(catalog.ci()) {
            self.marked(&forge.workflow("check"), &ci::Check::on(forge))?;
        }
        Ok(())
    }

    fn package(&mut self, package: &Package) -> Result<(), TemplateError> {
        let directory = package.directory();
        match &package.shape {
            Shape::Single | Shape::Builder => {
                let file = format!("{directory}/package.nix");
                if scaffold::is_stdenv(self.catalog, package) {
                    let script = format!("{directory}/setup.sh");
                    self.scaffold(&script, &scaffold::Setup {}, LAYOUTS)?;
                }
                self.scaffold(&file, &Piece::package(self.catalog, package), LAYOUTS)
            }
            Shape::Set(members) => {
                let set = scaffold::Set::of(members);
                self.scaffold(&format!("{directory}/packages.nix"), &set, LAYOUTS)?;
                for member in members {
                    let file = format!("{directory}/{member}.nix");
                    let context = Piece::member(self.catalog, package, member);
                    self.scaffold(&file, &context, &["package.nix", "default.nix"])?;
                }
                Ok(())
            }
            Shape::Variants(variants) => {
                let context = flake::VariantsFile::of(&package.id.name, variants);
                let text = self.templates.render_marked(&context)?;
                let hides = &["package.nix", "default.nix"];
                let file = format!("{directory}/packages.nix");
                let provenance = self.templates.provenance(&context);
                self.add(&file, text, FileKind::Generated { hides }, provenance);
                for variant in variants.names.keys() {
                    let file = format!("{directory}/{variant}.nix");
                    let context = Piece::variant(self.catalog, package, variant);
                    self.scaffold(&file, &context, &[])?;
                }
                Ok(())
            }
        }
    }

    /// Modules and overlays.
    fn offers(&mut self) -> Result<(), TemplateError> {
        for module in self.repo.modules.values() {
            self.scaffold(&module.file(), &scaffold::ModuleFile::of(module), &[])?;
        }
        for overlay in self.repo.overlays.values() {
            self.scaffold(&overlay.file(), &scaffold::OverlayFile {}, &[])?;
        }
        Ok(())
    }

    fn marked(&mut self, path: &str, context: &impl Context) -> Result<(), TemplateError> {
        let text = self.templates.render_marked(context)?;
        let provenance = self.templates.provenance(context);
        self.add(path, text, FileKind::Generated { hides: &[] }, provenance);
        Ok(())
    }

    fn scaffold(
        &mut self,
        path: &str,
        context: &impl Context,
        unless: &'static [&'static str],
    ) -> Result<(), TemplateError> {
        let text = self.templates.render(context)?;
        let provenance = self.templates.provenance(context);
        self.add(path, text, FileKind::Scaffold { unless }, provenance);
        Ok(())
    }

    fn add(&mut self, path: &str, text: String, kind: FileKind, provenance: Provenance) {
        let file = PlannedFile {
            text,
            kind,
            provenance,
        };
        self.files.insert(checked(path), file);
    }
}
