//! What a package in a language starts from: its `package.nix`, and a program that does nothing much.
//!
//! Which builder it is made with depends on what the family has: the builder that is made for the
//! language, or else `stdenv` and the language's own tool.

use std::collections::{BTreeMap, BTreeSet};

use aux_model::{AttrName, Attribute, EdgeKind, Family, Repo};
use serde::Serialize;

use crate::render::{Context, TemplateError, Templates};

/// The version of what has no release yet.
const VERSION: &str = "0.1.0";

/// The builder that every family has in some form.
const STDENV: &str = "stdenv";

/// A language that packages are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// C, with a Makefile.
    C,
    /// Python, with a `pyproject.toml`.
    Python,
    /// JavaScript for Node.
    Node,
    /// Rust, with Cargo.
    Rust,
    /// Go, with modules.
    Go,
    /// A script for the shell.
    Shell,
}

/// A package to start.
#[derive(Debug, Clone)]
pub struct Start<'s> {
    /// The language.
    pub language: Language,
    /// Its attribute.
    pub name: &'s AttrName,
    /// What it is, in one sentence.
    pub description: Option<&'s str>,
    /// Attributes that it needs, and how.
    pub needs: &'s [(EdgeKind, String)],
}

/// What it starts from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Started {
    /// The files, by path relative to the directory of the package.
    pub files: BTreeMap<String, String>,
    /// Attributes that its builder is, or needs: edges that it has besides those it was given.
    pub builders: BTreeSet<String>,
}

/// Why a package cannot be started in a language.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The family has nothing to build it with.
    #[error("the family has nothing to build {language} with: that needs {wanted}")]
    NoBuilder {
        /// The language.
        language: &'static str,
        /// What would do, in words.
        wanted: String,
    },
    /// A template failed.
    #[error(transparent)]
    Template(#[from] TemplateError),
}

/// One way to build a language: a template, and the attributes that it asks for.
struct Way {
    template: &'static str,
    asks: &'static [&'static str],
    /// Asked for in nixpkgs' set of Python packages.
    of_set: bool,
}

const fn way(template: &'static str, asks: &'static [&'static str]) -> Way {
    Way {
        template,
        asks,
        of_set: false,
    }
}

impl Language {
    /// The language as a text names it.
    fn title(self) -> &'static str {
        match self {
            Self::C => "C",
            Self::Python => "Python",
            Self::Node => "JavaScript",
            Self::Rust => "Rust",
            Self::Go => "Go",
            Self::Shell => "a shell script",
        }
    }

    /// The ways to build it, the best first.
    fn ways(self) -> &'static [Way] {
        const C: &[Way] = &[way("scaffold/languages/c.nix", &[STDENV])];
        const PYTHON: &[Way] = &[
            way(
                "scaffold/languages/python-package.nix",
                &["buildPythonPackage"],
            ),
            Way {
                of_set: true,
                ..way(
                    "scaffold/languages/python-package.nix",
                    &["python3Packages"],
                )
            },
            way("scaffold/languages/python.nix", &["python3", STDENV]),
        ];
        const NODE: &[Way] = &[
            way("scaffold/languages/node-package.nix", &["buildNpmPackage"]),
            way("scaffold/languages/node.nix", &["nodejs", STDENV]),
        ];
        const RUST: &[Way] = &[
            way("scaffold/languages/rust-package.nix", &["rustPlatform"]),
            way("scaffold/languages/rust.nix", &["rustc", STDENV]),
        ];
        const GO: &[Way] = &[
            way("scaffold/languages/go-package.nix", &["buildGoModule"]),
            way("scaffold/languages/go.nix", &["go", STDENV]),
        ];
        const SHELL: &[Way] = &[
            way(
                "scaffold/languages/shell-application.nix",
                &["writeShellApplication"],
            ),
            way("scaffold/languages/shell.nix", &[STDENV]),
        ];
        match self {
            Self::C => C,
            Self::Python => PYTHON,
            Self::Node => NODE,
            Self::Rust => RUST,
            Self::Go => GO,
            Self::Shell => SHELL,
        }
    }

    /// The files beside `package.nix`: path and template.
    fn sources(self, identifier: &str) -> Vec<(String, &'static str)> {
        let own = |path: &str, template| (format!("src/{path}"), template);
        match self {
            Self::C => vec![
                own("Makefile", "scaffold/languages/Makefile"),
                own("main.c", "scaffold/languages/main.c"),
            ],
            Self::Python => vec![
                own("pyproject.toml", "scaffold/languages/pyproject.toml"),
                own(
                    &format!("{identifier}/__init__.py"),
                    "scaffold/languages/init.py",
                ),
                own(
                    &format!("{identifier}/__main__.py"),
                    "scaffold/languages/main.py",
                ),
            ],
            Self::Node => vec![
                own("package.json", "scaffold/languages/package.json"),
                own("package-lock.json", "scaffold/languages/package-lock.json"),
                own("index.js", "scaffold/languages/index.js"),
            ],
            Self::Rust => vec![
                own("Cargo.toml", "scaffold/languages/Cargo.toml"),
                own("Cargo.lock", "scaffold/languages/Cargo.lock"),
                own("src/main.rs", "scaffold/languages/main.rs"),
            ],
            Self::Go => vec![
                own("go.mod", "scaffold/languages/go.mod"),
                own("main.go", "scaffold/languages/main.go"),
            ],
            Self::Shell => vec![own("main.sh", "scaffold/languages/main.sh")],
        }
    }
}

/// Works out what a package of a repo starts from.
///
/// # Errors
/// When the family has nothing to build the language with, or a template fails.
pub fn start(
    family: &Family,
    repo: &Repo,
    new: &Start<'_>,
    templates: &Templates,
) -> Result<Started, StartError> {
    let ways = new.language.ways();
    let can = |way: &&Way, near: bool| {
        let has = |ask: &&str| {
            // A core by hand has it, listed or not; that of nixpkgs has the set, too.
            let is_hidden = *ask == STDENV && !family.core().is_generated();
            is_hidden || known(family, ask).is_some_and(|it| !near || is_near(repo, it))
        };
        // A set that a family makes itself need not have the builders of nixpkgs'.
        let is_nixpkgs = !way.of_set || !family.core().is_generated();
        is_nixpkgs && way.asks.iter().all(has)
    };
    // What the repo cannot use yet is better than nothing: `check` says what it takes.
    let found = ways.iter().find(|way| can(way, true));
    let found = found.or_else(|| ways.iter().find(|way| can(way, false)));
    let way = found.ok_or_else(|| {
        let ways: Vec<String> = ways
            .iter()
            .map(|way| {
                let asks: Vec<String> = way.asks.iter().map(|ask| format!("`{ask}`")).collect();
                asks.join(" and ")
            })
            .collect();
        StartError::NoBuilder {
            language: new.language.title(),
            wanted: ways.join(", or "),
        }
    })?;
    let text = Text::new(family, repo, new, way);
    let mut files = BTreeMap::new();
    let file = |template| {
        let context = Filled {
            template,
            text: &text,
        };
        templates.render(&context)
    };
    files.insert("package.nix".to_owned(), file(way.template)?);
    for (path, template) in new.language.sources(&text.identifier) {
        files.insert(path, file(template)?);
    }
    Ok(Started {
        files,
        builders: text.builders,
    })
}

fn known<'f>(family: &'f Family, name: &str) -> Option<&'f Attribute> {
    family.attribute(name)
}

/// Whether a repo may use an attribute as it is.
fn is_near(repo: &Repo, attribute: &Attribute) -> bool {
    let of = &attribute.package.repo;
    *of == repo.name || repo.uses.contains_key(of)
}

/// What the templates are filled in with.
#[derive(Serialize)]
struct Text {
    name: String,
    /// The name as modules, crates and packages of programs can have it.
    identifier: String,
    /// The name in small letters: npm takes no others.
    lower: String,
    /// The name without what may not begin that of a Python project.
    project: String,
    version: &'static str,
    description: Option<String>,
    arguments: Vec<Argument>,
    /// What the builder is called.
    builder: String,
    /// What is needed to build it.
    tools: Vec<String>,
    /// What it needs.
    inputs: Vec<String>,
    #[serde(skip)]
    builders: BTreeSet<String>,
}

#[derive(Serialize)]
struct Argument {
    name: String,
    optional: bool,
}

impl Text {
    fn new(family: &Family, repo: &Repo, new: &Start<'_>, way: &Way) -> Self {
        let mut builders: BTreeSet<String> = way.asks.iter().map(|ask| (*ask).to_owned()).collect();
        let mut tools = Vec::new();
        let optional_tool = match (new.language, way.of_set) {
            (Language::C, _) => Some("gnumake"),
            (Language::Python, false) if way.asks == ["buildPythonPackage"] => Some("setuptools"),
            _ => None,
        };
        if let Some(tool) = optional_tool
            && known(family, tool).is_some_and(|it| is_near(repo, it))
            // nixpkgs' stdenv has it.
            && (tool != "gnumake" || family.core().is_generated())
        {
            builders.insert(tool.to_owned());
            tools.push(tool.to_owned());
        }
        if way.of_set {
            tools.push("python3Packages.setuptools".to_owned());
        }
        let mut arguments: BTreeMap<String, bool> =
            builders.iter().map(|name| (name.clone(), false)).collect();
        let mut inputs = BTreeSet::new();
        for (kind, name) in new.needs {
            if matches!(kind, EdgeKind::Test | EdgeKind::Asks) {
                continue;
            }
            let optional = *kind == EdgeKind::Optional;
            *arguments.entry(name.clone()).or_insert(optional) &= optional;
            if !optional && !builders.contains(name) {
                inputs.insert(name.clone());
            }
        }
        let name = new.name.as_str();
        let mut identifier = name.replace(|c: char| !c.is_ascii_alphanumeric(), "_");
        if identifier.starts_with(|c: char| c.is_ascii_digit()) {
            identifier.insert(0, '_');
        }
        // Every package needs it, so that no manifest says so.
        builders.remove(STDENV);
        Self {
            lower: name.to_ascii_lowercase(),
            project: name.trim_matches(['_', '-']).to_owned(),
            name: name.to_owned(),
            identifier,
            version: VERSION,
            description: new.description.map(str::to_owned),
            arguments: arguments
                .into_iter()
                .map(|(name, optional)| Argument { name, optional })
                .collect(),
            builder: if way.of_set {
                "python3Packages.buildPythonApplication".to_owned()
            } else {
                way.asks[0].to_owned()
            },
            tools,
            inputs: inputs.into_iter().collect(),
            builders,
        }
    }
}

/// The same values for every template of a language.
struct Filled<'t> {
    template: &'static str,
    text: &'t Text,
}

impl Serialize for Filled<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.text.serialize(serializer)
    }
}

impl Context for Filled<'_> {
    fn template(&self) -> &'static str {
        self.template
    }
}
