//! A site: every file of it, each made when it is asked for.

use std::borrow::Cow;

use aux_model::{Member, Module, Overlay, PackageSet, RepoName};
use aux_search::{Entry, HitKind, Index};
use serde::Serialize;

use crate::address;
use crate::assets;
use crate::error::SiteError;
use crate::lookup::Lookup;
use crate::machines;
use crate::pages::{
    self, Home, Letters, MemberPage, Missing, ModulePage, Modules, OverlayPage, PackagePage,
    People, PersonPage, ReleasePage, Releases, RepoPage, Repos, SigPage, Sigs, Tiers,
};
use crate::parts::Parts;
use crate::render::Templates;
use crate::source::Source;

/// A site that is not written yet.
pub struct Site<'s> {
    lookup: Lookup<'s>,
    templates: Templates,
    parts: Parts,
}

/// A file of a site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Where it is, relative to the root.
    pub path: String,
    what: What,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum What {
    Home,
    Repos,
    Sigs,
    People,
    Modules,
    Tiers,
    Releases,
    Missing,
    /// The entry at this place of the index.
    Entry(usize),
    /// One page of the packages of a repo.
    RepoPage(RepoName, usize),
    Letter(String, usize),
    /// The release at this place of the history.
    Release(usize),
    Asset(&'static [u8]),
    /// A part of the index for the browser, by its place.
    Part(usize),
    WholeIndex,
    IndexSchema,
    /// The map of a part of the pages; none for the one that names all.
    SiteMap(Option<usize>),
    SearchDescription,
}

/// The JSON Schema of `index.json`.
#[must_use]
pub fn index_schema() -> String {
    let schema = schemars::schema_for!(Index);
    let text = serde_json::to_string_pretty(&schema).expect("a schema has text keys");
    text + "\n"
}

impl<'s> Site<'s> {
    /// A site of what is known.
    ///
    /// # Errors
    /// When a template is broken, which is a fault of this crate.
    pub fn new(source: Source<'s>) -> Result<Self, SiteError> {
        let lookup = Lookup::of(source);
        Ok(Self {
            parts: Parts::of(&lookup.index),
            templates: Templates::new()?,
            lookup,
        })
    }

    /// Everything that may be found, as data.
    #[must_use]
    pub fn index(&self) -> &Index {
        &self.lookup.index
    }

    /// Every file of the site.
    #[must_use]
    pub fn files(&self) -> Vec<File> {
        let file = |path: &str, what| File {
            path: path.to_owned(),
            what,
        };
        let mut files = vec![
            file("index.html", What::Home),
            file("repos.html", What::Repos),
            file("sigs.html", What::Sigs),
            file("people.html", What::People),
            file("modules.html", What::Modules),
            file("tiers.html", What::Tiers),
            file("releases.html", What::Releases),
            file("index.json", What::WholeIndex),
            file("index.schema.json", What::IndexSchema),
            // GitHub's host would leave out what starts with `_`.
            file(".nojekyll", What::Asset(b"")),
        ];
        if self.lookup.source.settings.base.is_some() {
            // A host shows it for any address, so it has to know the whole one of everything.
            files.push(file("404.html", What::Missing));
            files.push(file("sitemap.xml", What::SiteMap(None)));
            files.push(file("search.xml", What::SearchDescription));
        }
        let assets = assets::ASSETS.iter();
        files.extend(assets.map(|(path, bytes)| file(path, What::Asset(bytes))));
        let parts = self.parts.files.iter().enumerate();
        files.extend(parts.map(|(number, (path, _))| file(path, What::Part(number))));
        for (number, entry) in self.lookup.index.entries.iter().enumerate() {
            match entry.kind {
                // It stands on the page of its module.
                HitKind::Option => {}
                HitKind::Repo => {
                    let repo = self.lookup.source.catalog.repo(&entry.name);
                    for page in repo
                        .into_iter()
                        .flat_map(|repo| 1..=pages::repo_pages(repo))
                    {
                        let repo = entry.repo.clone().expect("a repo is in itself");
                        files.push(File {
                            path: pages::repo_page_path(&repo, page),
                            what: What::RepoPage(repo, page),
                        });
                    }
                }
                _ => files.push(File {
                    path: address::of_entry(entry),
                    what: What::Entry(number),
                }),
            }
        }
        for (letter, names) in &self.lookup.letters {
            for page in 1..=Letters::pages(names.len()) {
                files.push(File {
                    path: Letters::path(letter, page),
                    what: What::Letter(letter.clone(), page),
                });
            }
        }
        for (number, step) in self.lookup.source.history.steps.iter().enumerate() {
            files.push(File {
                path: address::of_release(&step.release.name.to_string()),
                what: What::Release(number),
            });
        }
        if self.lookup.source.settings.base.is_some() {
            let maps = machines::maps(pages_of(&files).len());
            let several = if maps > 1 { 0..maps } else { 0..0 };
            files.extend(several.map(|number| File {
                path: machines::path_of_map(number),
                what: What::SiteMap(Some(number)),
            }));
        }
        files
    }

    /// What a file holds.
    ///
    /// # Errors
    /// When a template cannot be filled in.
    pub fn content(&self, file: &File) -> Result<Cow<'_, [u8]>, SiteError> {
        let path = file.path.as_str();
        match &file.what {
            What::Home => self.fill("home", path, &Home::of(&self.lookup, path)),
            What::Repos => self.fill("repos", path, &Repos::of(&self.lookup, path)),
            What::Sigs => self.fill("sigs", path, &Sigs::of(&self.lookup, path)),
            What::People => self.fill("people", path, &People::of(&self.lookup, path)),
            What::Modules => self.fill("modules", path, &Modules::of(&self.lookup, path)),
            What::Tiers => self.fill("tiers", path, &Tiers::of(&self.lookup, path)),
            What::Releases => self.fill("releases", path, &Releases::of(&self.lookup, path)),
            What::Missing => self.fill("missing", path, &Missing::of(&self.lookup, path)),
            What::Letter(letter, page) => {
                self.fill("letters", path, &Letters::of(&self.lookup, letter, *page))
            }
            What::Release(number) => {
                let step = &self.lookup.source.history.steps[*number];
                self.fill("release", path, &ReleasePage::of(&self.lookup, step, path))
            }
            What::RepoPage(name, page) => {
                let repo = self.lookup.source.catalog.repo(name.as_str());
                let repo = repo.expect("a repo of the index is one of the family");
                self.fill("repo", path, &RepoPage::of(&self.lookup, repo, *page))
            }
            What::Entry(number) => self.entry(&self.lookup.index.entries[*number], path),
            What::Asset(bytes) => Ok(Cow::Borrowed(bytes)),
            What::Part(number) => Ok(Cow::Borrowed(&self.parts.files[*number].1)),
            What::WholeIndex => {
                let text = serde_json::to_vec(&self.lookup.index).expect("an index has text keys");
                Ok(Cow::Owned(text))
            }
            What::IndexSchema => Ok(Cow::Owned(index_schema().into_bytes())),
            What::SiteMap(number) => Ok(Cow::Owned(self.site_map(*number).into_bytes())),
            What::SearchDescription => {
                let text = machines::search_description(self.base(), &self.lookup.index.name);
                Ok(Cow::Owned(text.into_bytes()))
            }
        }
    }

    fn entry(&self, entry: &Entry, path: &str) -> Result<Cow<'_, [u8]>, SiteError> {
        let catalog = self.lookup.source.catalog;
        let repo = entry.repo.as_ref();
        let repo = repo.and_then(|repo| catalog.repo(repo.as_str()));
        let name = entry.name.as_str();
        match entry.kind {
            HitKind::Package | HitKind::Builder => {
                let package = repo.and_then(|repo| repo.packages.get(name));
                let package = package.expect("a package of the index is one of the family");
                let page = PackagePage::of(&self.lookup, entry, package, path);
                self.fill("package", path, &page)
            }
            HitKind::Member => {
                let set: Option<&PackageSet> =
                    repo.and_then(|repo| repo.sets.get(entry.part_of.as_deref()?));
                let member: Option<(&PackageSet, &Member)> =
                    set.and_then(|set| Some((set, set.members.get(name)?)));
                let member = member.expect("a member of the index is one of the family");
                let page = MemberPage::of(&self.lookup, entry, member, path);
                self.fill("member", path, &page)
            }
            HitKind::Module => {
                let module: Option<&Module> = repo.and_then(|repo| repo.modules.get(name));
                let module = module.expect("a module of the index is one of the family");
                let page = ModulePage::of(&self.lookup, module, path);
                self.fill("module", path, &page)
            }
            HitKind::Overlay => {
                let overlay: Option<&Overlay> = repo.and_then(|repo| repo.overlays.get(name));
                let overlay = overlay.expect("an overlay of the index is one of the family");
                let page = OverlayPage::of(&self.lookup, overlay, path);
                self.fill("overlay", path, &page)
            }
            HitKind::Sig => {
                let sig = catalog.sig(name);
                let sig = sig.expect("a SIG of the index is one of the family");
                self.fill("sig", path, &SigPage::of(&self.lookup, sig, path))
            }
            HitKind::Person => {
                let page = PersonPage::of(&self.lookup, entry, path);
                self.fill("person", path, &page)
            }
            // Neither has a file of this kind.
            HitKind::Option | HitKind::Repo => Ok(Cow::Borrowed(b"")),
        }
    }

    fn fill(
        &self,
        template: &str,
        path: &str,
        page: &impl Serialize,
    ) -> Result<Cow<'_, [u8]>, SiteError> {
        let text = self.templates.fill(template, path, page)?;
        Ok(Cow::Owned(text.into_bytes()))
    }

    /// All pages for search engines: of several maps the one at a place, or else the list of them.
    fn site_map(&self, number: Option<usize>) -> String {
        let base = self.base();
        let files = self.files();
        let pages = pages_of(&files);
        match (number, machines::maps(pages.len())) {
            (None, maps) if maps > 1 => machines::list_of_maps(base, maps),
            (number, _) => machines::site_map(base, &pages, number.unwrap_or(0)),
        }
    }

    fn base(&self) -> &str {
        let base = self.lookup.source.settings.base.as_deref();
        base.unwrap_or_default()
    }
}

/// The pages that people look for.
fn pages_of(files: &[File]) -> Vec<&str> {
    let paths = files.iter().map(|file| file.path.as_str());
    paths
        .filter(|path| path.ends_with(".html") && *path != "404.html")
        .collect()
}
