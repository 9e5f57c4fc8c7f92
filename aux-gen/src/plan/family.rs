//! The plan of a family: every file of every repo.

use std::collections::BTreeMap;

use aux_model::{Catalog, CheckoutPath, Package, RelativePath, Repo, RepoName, Shape};

use crate::plan::ci::Forge;
use crate::plan::contract::{CONTRACT, Contract};
use crate::plan::file::{FileKind, PlannedFile, checked, marked};
use crate::plan::home::{Home, HomePlan};
use crate::plan::scaffold::Piece;
use crate::plan::text::Text;
use crate::plan::{attributes, ci, flake, forward, owners, readme, scaffold, starts};
use crate::render::{Context, Filling, Marker, Provenance, TemplateError, Templates};

/// All files of all generated repos, and those of the registry itself.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// The registry, unless only some of its repos are planned, then the repos in order of
    /// name; external ones are not among them.
    pub homes: BTreeMap<Home, HomePlan>,
}

/// Layouts of a by-name directory; a scaffold does not add a second one.
const LAYOUTS: &[&str] = &["package.nix", "default.nix", "packages.nix"];

/// Works out every file of every generated repo, and of the registry. Their texts
/// are made when somebody asks for them.
///
/// `examples/in_memory.rs` plans a family that is on no disk.
///
/// Only a checked [`Catalog`] is planned, not a family that was surveyed:
///
/// ```compile_fail,E0308
/// fn refused(survey: aux_model::Survey, templates: &aux_gen::render::Templates) {
///     aux_gen::plan::plan(&survey.family, templates);
/// }
/// ```
#[must_use]
pub fn plan(catalog: &Catalog, templates: &Templates) -> Plan {
    use rayon::prelude::*;
    let repos: Vec<&Repo> = catalog.repos().filter(|repo| repo.is_generated()).collect();
    let repos = repos.into_par_iter().map(|repo| {
        let plan = HomePlan {
            path: Some(repo.path.as_path().clone()),
            files: Files::of(catalog, repo, templates),
        };
        (Home::Repo(repo.name.clone()), plan)
    });
    let (mut homes, registry): (BTreeMap<Home, HomePlan>, _) =
        rayon::join(|| repos.collect(), || registry(catalog, templates));
    homes.extend(forwards(catalog, templates));
    homes.insert(Home::Registry, registry);
    Plan { homes }
}

impl Plan {
    /// The registry's own files; none if only some of its repos are planned.
    #[must_use]
    pub fn registry(&self) -> Option<&HomePlan> {
        self.homes.get(&Home::Registry)
    }

    /// The repos in order of name.
    pub fn repos(&self) -> impl Iterator<Item = (&RepoName, &HomePlan)> {
        let homes = self.homes.iter();
        homes.filter_map(|(home, plan)| Some((home.repo()?, plan)))
    }

    /// Makes every text, also those that nothing would be written of.
    ///
    /// # Errors
    /// When a template override fails; built-in templates do not.
    pub fn make(&self) -> Result<(), TemplateError> {
        use rayon::prelude::*;
        let homes = self.homes.values();
        let texts: Vec<&Text> = homes
            .flat_map(|home| home.files.values())
            .map(|file| &file.text)
            .collect();
        // All of them, then the first error in order: which thread is the fastest
        // must not decide what is reported.
        let made: Vec<_> = texts.into_par_iter().map(Text::get).collect();
        made.into_iter().try_for_each(|text| text.map(drop))
    }
}

/// What repos leave under the names that they had.
fn forwards(catalog: &Catalog, templates: &Templates) -> BTreeMap<Home, HomePlan> {
    let renamed = catalog.former().repos.iter();
    let renamed = renamed.filter(|(_, renamed)| renamed.forwards);
    let homes = renamed.filter_map(|(old, renamed)| {
        let repo = catalog.repo(renamed.to.as_str())?;
        let plan = HomePlan {
            path: Some(CheckoutPath::of_repo(old).as_path().clone()),
            files: forward::files(catalog, (old, renamed), repo, templates),
        };
        Some((Home::Repo(old.clone()), plan))
    });
    homes.collect()
}

/// Works out the registry's own files.
fn registry(catalog: &Catalog, templates: &Templates) -> HomePlan {
    let mut files = BTreeMap::new();
    let mut add = |path: &str, file: PlannedFile| files.insert(checked(path), file);
    for forge in Forge::of(catalog.ci()) {
        let family = ci::FamilyCheck::on(forge, catalog);
        add(&forge.workflow("family"), marked(templates, family));
        let regenerate = ci::Regenerate::on(forge, catalog);
        add(&forge.workflow("regenerate"), marked(templates, regenerate));
        let train = ci::Train::on(forge, catalog);
        add(&forge.workflow("train"), marked(templates, train));
    }
    if Forge::of(catalog.ci()).next().is_some() {
        add(ci::FETCH, marked(templates, ci::Fetch::of(catalog)));
        add(ci::PROPOSE, marked(templates, ci::Propose::of(catalog)));
        add(ci::TRAIN, marked(templates, ci::TrainScript::of(catalog)));
    }
    if catalog.ci().hydra {
        add(ci::SPEC, by_contract("hydra/spec.json", ci::spec(catalog)));
    }
    let (github, gitea) = owners::of_registry(catalog);
    files.insert(checked(owners::GITHUB), marked(templates, github));
    files.insert(checked(owners::GITEA), marked(templates, gitea));
    let attributes = attributes::GitAttributes::of(&files);
    files.insert(checked(attributes::PATH), marked(templates, attributes));
    HomePlan { path: None, files }
}

/// A generated file of JSON, made from no template.
fn by_contract(name: &str, text: String) -> PlannedFile {
    PlannedFile {
        text: Text::given(text),
        kind: FileKind::Generated { hides: &[] },
        provenance: Provenance {
            template: name.to_owned(),
            version: CONTRACT.to_owned(),
        },
    }
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
    ) -> BTreeMap<RelativePath, PlannedFile> {
        let mut files = Self {
            catalog,
            repo,
            templates,
            files: BTreeMap::new(),
        };
        files.wiring();
        let packages = repo.packages.values();
        for package in packages.filter(|package| !repo.sets.contains_key(&package.id.name)) {
            files.package(package);
        }
        for set in repo.sets.values() {
            for member in set.members.values() {
                let file = format!("{}/package.nix", set.directory_of(&member.name));
                files.scaffold(&file, Piece::of_set(catalog, set, member), &["default.nix"]);
            }
        }
        files.offers();
        let attributes = attributes::GitAttributes::of(&files.files);
        files.marked(attributes::PATH, attributes);
        files.files
    }

    /// What makes the repo a flake of the family.
    fn wiring(&mut self) {
        let (catalog, repo) = (self.catalog, self.repo);
        let view = catalog.view(repo);
        let contract = Contract::of(catalog, &view).to_json();
        self.add("contract.json", by_contract("contract.json", contract));
        self.marked("flake.nix", flake::Flake::of(catalog, &view));
        self.marked("layer.nix", flake::Layer::new());
        self.marked("default.nix", flake::Default::new());
        if repo.name == catalog.core().name {
            self.marked("lib/fixpoint.nix", flake::Fixpoint::new());
            self.marked("mk-packages.nix", flake::MkPackages::new());
            self.marked("refusal.nix", flake::Refusal::new());
            self.scaffold("lib/default.nix", scaffold::Lib {}, &[]);
        }
        if repo.name == catalog.top_level().name {
            for (name, file) in starts::TemplateFile::files(catalog) {
                let filling = Filling::new(self.templates, file, Marker::None);
                let kind = FileKind::Generated { hides: &[] };
                let path = format!("{}/{name}", starts::FOLDER);
                self.add(&path, PlannedFile::of(filling, kind));
            }
        }
        self.marked("README.md", readme::Readme::of(catalog, &view));
        self.marked(owners::GITHUB, owners::GithubOwners::of(catalog, repo));
        self.marked(owners::GITEA, owners::GiteaOwners::of(catalog, repo));
        self.marked(".gitignore", flake::GitIgnore::new());
        for forge in Forge::of(catalog.ci()) {
            self.marked(
                &forge.workflow("check"),
                ci::Check::on(forge, catalog, repo),
            );
        }
    }

    fn package(&mut self, package: &Package) {
        let directory = package.directory();
        match &package.shape {
            Shape::Single | Shape::Builder => {
                if scaffold::is_stdenv(self.catalog, package) {
                    let script = format!("{directory}/setup.sh");
                    self.scaffold(&script, scaffold::Setup {}, LAYOUTS);
                }
                let file = format!("{directory}/package.nix");
                self.scaffold(&file, Piece::package(self.catalog, package), LAYOUTS);
            }
            Shape::Set(members) => {
                let set = scaffold::Set::of(members);
                self.scaffold(&format!("{directory}/packages.nix"), set, LAYOUTS);
                for member in members {
                    let file = format!("{directory}/{member}.nix");
                    let context = Piece::member(self.catalog, package, member);
                    let kind = FileKind::Scaffold {
                        unless: &["package.nix", "default.nix"],
                        part_of: Some("packages.nix"),
                    };
                    let filling = Filling::new(self.templates, context, Marker::None);
                    self.add(&file, PlannedFile::of(filling, kind));
                }
            }
            Shape::Variants(variants) => {
                let context = flake::VariantsFile::of(&package.id.name, variants);
                let mut file = marked(self.templates, context);
                let hides = &["package.nix", "default.nix"];
                file.kind = FileKind::Generated { hides };
                self.add(&format!("{directory}/packages.nix"), file);
                for variant in variants.names.keys() {
                    let file = format!("{directory}/{variant}.nix");
                    let context = Piece::variant(self.catalog, package, variant);
                    self.scaffold(&file, context, &[]);
                }
            }
        }
    }

    /// Modules and overlays.
    fn offers(&mut self) {
        for module in self.repo.modules.values() {
            self.scaffold(&module.file(), scaffold::ModuleFile::of(module), &[]);
        }
        for overlay in self.repo.overlays.values() {
            self.scaffold(&overlay.file(), scaffold::OverlayFile {}, &[]);
        }
    }

    fn marked(&mut self, path: &str, context: impl Context + Send + Sync + 'static) {
        self.add(path, marked(self.templates, context));
    }

    fn scaffold(
        &mut self,
        path: &str,
        context: impl Context + Send + Sync + 'static,
        unless: &'static [&'static str],
    ) {
        let filling = Filling::new(self.templates, context, Marker::None);
        let kind = FileKind::Scaffold {
            unless,
            part_of: None,
        };
        self.add(path, PlannedFile::of(filling, kind));
    }

    fn add(&mut self, path: &str, file: PlannedFile) {
        self.files.insert(checked(path), file);
    }
}
