//! How the files of a repo say on which channel it is: what is generated for the branches without one,
//! or for another channel, is made to name the branches of this one.

use std::collections::BTreeMap;
use std::path::Path;

use aux_gen::disk::Registry;
use aux_gen::lock::LOCK;
use aux_gen::plan::{Plan, plan};
use aux_gen::render::{TemplateError, Templates};
use aux_model::{Catalog, Repo, RepoName};

use crate::error::TrainError;

/// Where a flake says which branches it uses.
pub(crate) const FLAKE: &str = "flake.nix";

/// The files that trains of a channel write: what a train without one does, and those that name
/// branches.
pub(crate) const OWN_FILES: &[&str] = &[
    LOCK,
    FLAKE,
    "README.md",
    ".github/workflows/check.yml",
    ".forgejo/workflows/check.yml",
    "templates/my-package/flake.nix",
    "templates/my-package/package.nix",
];

/// The references of repos in all forms that channels give them.
#[derive(Debug, Default)]
pub(crate) struct References {
    /// Each form with the name of the repo, longest first.
    forms: Vec<(String, String)>,
    channels: Vec<String>,
}

impl References {
    pub(crate) fn of(catalog: &Catalog) -> Self {
        let mut forms = Vec::new();
        if catalog.channels().is_empty() {
            return Self::default();
        }
        for other in catalog.on_all_channels() {
            for repo in other.repos() {
                forms.push((repo.url.to_string(), format!("<{}>", repo.name)));
            }
        }
        forms.sort_by(|a, b| (b.0.len(), &b.0).cmp(&(a.0.len(), &a.0)));
        forms.dedup();
        let channels = catalog.channels().iter();
        Self {
            forms,
            channels: channels.map(|channel| channel.name.to_string()).collect(),
        }
    }

    /// The files that trains of this family write.
    pub(crate) fn own_files(&self) -> &'static [&'static str] {
        if self.forms.is_empty() {
            &[LOCK]
        } else {
            OWN_FILES
        }
    }

    /// Whether two texts of a file say the same but for branches.
    pub(crate) fn are_same(&self, path: &str, one: Option<&str>, other: Option<&str>) -> bool {
        let plain = |text: &str| self.plain(path, text);
        path == LOCK || one == other || one.map(plain) == other.map(plain)
    }

    fn plain(&self, path: &str, text: &str) -> String {
        let forms = self.forms.iter();
        let text = forms.fold(text.to_owned(), |text, (form, name)| {
            text.replace(form, name)
        });
        if !path.ends_with("/check.yml") {
            // A word with a branch in it is quoted for a shell.
            return text.replace('\'', "");
        }
        let channels = self.channels.iter();
        let text = channels.fold(text, |text, channel| {
            text.replace(&format!(" --channel {channel}"), "")
        });
        let lines = text.lines();
        let lines = lines.filter(|line| !line.trim_start().starts_with("branches: ["));
        lines.collect::<Vec<_>>().join("\n")
    }
}

/// The texts of a channel, or of the branches without one. In a family without channels there are
/// none.
#[derive(Debug, Default)]
pub(crate) struct Wiring {
    /// References of repos as other channels, or none, have them, each with that of this channel.
    references: Vec<(String, String)>,
    /// What generated files say: elsewhere, and on this channel.
    files: BTreeMap<RepoName, BTreeMap<String, GeneratedText>>,
}

/// A generated file that says something else on a channel.
#[derive(Debug)]
struct GeneratedText {
    /// What is generated elsewhere.
    elsewhere: Vec<String>,
    here: String,
}

impl Wiring {
    /// Of the channel that a family is on, or of its branches without one.
    ///
    /// # Errors
    /// When templates of the registry cannot be used.
    pub(crate) fn of(root: &Path, catalog: &Catalog) -> Result<Self, TrainError> {
        if catalog.channels().is_empty() {
            return Ok(Self::default());
        }
        // What it follows is what it is made from most often.
        let name = |catalog: &Catalog| catalog.channel().map(|channel| channel.name.clone());
        let followed = catalog.followed();
        let known = [Some(name(catalog)), followed.as_ref().map(name)];
        let others = catalog.on_all_channels().into_iter();
        let others = others.filter(|other| !known.contains(&Some(name(other))));
        let elsewhere: Vec<Catalog> = followed.into_iter().chain(others).collect();
        let mut references = Vec::new();
        for repo in catalog.repos() {
            let known = elsewhere.iter();
            let known = known.filter_map(|other| other.repo(repo.name.as_str()));
            for other in known.filter(|other| other.url != repo.url) {
                references.push((other.url.to_string(), repo.url.to_string()));
            }
        }
        let registry = Registry::open(root)?;
        let unusable = |error: TemplateError| TrainError::Registry(error.to_string());
        let overrides = registry.overrides(catalog)?;
        let templates = Templates::with_overrides(overrides).map_err(unusable)?;
        let mut files: BTreeMap<RepoName, BTreeMap<String, GeneratedText>> = BTreeMap::new();
        let all = |catalog: &Catalog| {
            let plan = plan(catalog, &templates);
            texts(&plan, |path| OWN_FILES.contains(&path)).map_err(unusable)
        };
        let others = elsewhere.iter().map(all).collect::<Result<Vec<_>, _>>()?;
        for ((repo, path), here) in all(catalog)? {
            let key = (repo, path);
            let known = others.iter().filter_map(|other| other.get(&key));
            let elsewhere: Vec<String> = known.filter(|text| **text != here).cloned().collect();
            if !elsewhere.is_empty() {
                let text = GeneratedText { elsewhere, here };
                files.entry(key.0).or_default().insert(key.1, text);
            }
        }
        Ok(Self { references, files })
    }

    /// The files of a repo that are to say something else than they do, with what they are to say.
    /// `text` reads one of them.
    pub(crate) fn rewritten<E>(
        &self,
        repo: &Repo,
        mut text: impl FnMut(&str) -> Result<Option<String>, E>,
    ) -> Result<BTreeMap<String, String>, E> {
        let mut rewritten = BTreeMap::new();
        let generated = self.files.get(&repo.name);
        for (path, known) in generated.into_iter().flatten() {
            let Some(now) = text(path)? else { continue };
            if let Some(text) = known.rewritten(&now).filter(|text| *text != now) {
                rewritten.insert(path.clone(), text);
            }
        }
        if !self.references.is_empty()
            && let Some(now) = text(FLAKE)?
        {
            let text = rewritten.remove(FLAKE).unwrap_or_else(|| now.clone());
            let text = self.with_references(text);
            if text != now {
                rewritten.insert(FLAKE.to_owned(), text);
            }
        }
        Ok(rewritten)
    }

    /// A Nix text in which every reference of another channel, as a string of its own, is that of
    /// this one.
    fn with_references(&self, text: String) -> String {
        let all = self.references.iter();
        all.fold(text, |text, (there, here)| {
            text.replace(&format!("\"{there}\""), &format!("\"{here}\""))
        })
    }
}

impl GeneratedText {
    /// The text of a file with what this channel has in place of another; none if what people
    /// changed is in the way.
    fn rewritten(&self, now: &str) -> Option<String> {
        if now == self.here {
            return Some(now.to_owned());
        }
        let merged = self.elsewhere.iter();
        let mut merged = merged.filter_map(|base| diffy::merge(base, now, &self.here).ok());
        merged.next()
    }
}

/// The texts of the files of all repos that are wanted.
pub(crate) fn texts(
    plan: &Plan,
    is_wanted: impl Fn(&str) -> bool,
) -> Result<BTreeMap<(RepoName, String), String>, TemplateError> {
    let mut texts = BTreeMap::new();
    for (home, planned) in &plan.homes {
        let Some(repo) = home.repo() else { continue };
        let own = planned.files.iter();
        let own = own.filter(|(path, _)| is_wanted(path.as_str()));
        for (path, file) in own {
            let text = file.text.get()?.to_owned();
            texts.insert((repo.clone(), path.to_string()), text);
        }
    }
    Ok(texts)
}
