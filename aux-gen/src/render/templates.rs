//! The templates: built in, and replaced one by one by files of the same name.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use aux_model::visible;
use aux_nix::language;
use aux_process::guard;
use handlebars::{Handlebars, RenderErrorReason, Template};

use crate::hash::hash;
use crate::render::error::{TemplateError, broken, why};
use crate::render::includes::Refused;
use crate::render::{includes, quote};

macro_rules! built_in {
    ($($name:literal,)*) => {
        /// Name and text of every built-in template, sorted by name.
        const BUILT_IN: &[(&str, &str)] = &[
            $(($name, include_str!(concat!("../../templates/", $name, ".hbs"))),)*
        ];
    };
}

built_in! {
    "ci/check.yml",
    "ci/family.yml",
    "ci/fetch.sh",
    "ci/propose.sh",
    "ci/regenerate.yml",
    "ci/train.sh",
    "ci/train.yml",
    "consumer/flake.nix",
    "core/fixpoint.nix",
    "core/flake.nix",
    "core/mk-packages.nix",
    "registry/gitignore",
    "registry/outside.toml",
    "registry/root.toml",
    "registry/sig.toml",
    "core/refusal.nix",
    "forward/README.md",
    "forward/flake.nix",
    "repo/README.md",
    "repo/default.nix",
    "repo/flake.nix",
    "repo/gitattributes",
    "repo/gitea/CODEOWNERS",
    "repo/github/CODEOWNERS",
    "repo/gitignore",
    "repo/layer.nix",
    "repo/packages.nix",
    "scaffold/builder.nix",
    "scaffold/languages/Cargo.lock",
    "scaffold/languages/Cargo.toml",
    "scaffold/languages/Makefile",
    "scaffold/languages/c.nix",
    "scaffold/languages/go-package.nix",
    "scaffold/languages/go.mod",
    "scaffold/languages/go.nix",
    "scaffold/languages/index.js",
    "scaffold/languages/init.py",
    "scaffold/languages/main.c",
    "scaffold/languages/main.go",
    "scaffold/languages/main.py",
    "scaffold/languages/main.rs",
    "scaffold/languages/main.sh",
    "scaffold/languages/node-package.nix",
    "scaffold/languages/node.nix",
    "scaffold/languages/package-lock.json",
    "scaffold/languages/package.json",
    "scaffold/languages/pyproject.toml",
    "scaffold/languages/python-package.nix",
    "scaffold/languages/python.nix",
    "scaffold/languages/rust-package.nix",
    "scaffold/languages/rust.nix",
    "scaffold/languages/shell-application.nix",
    "scaffold/languages/shell.nix",
    "scaffold/lib.nix",
    "scaffold/module.nix",
    "scaffold/overlay.nix",
    "scaffold/package.nix",
    "scaffold/plain-builder.nix",
    "scaffold/plain-package.nix",
    "scaffold/set.nix",
    "scaffold/setup.sh",
    "scaffold/stdenv.nix",
    "top-level/my-package/flake.nix",
    "top-level/my-package/layer.nix",
    "top-level/my-package/package.nix",
    "shared/for-each-system.nix",
    "shared/inputs.nix",
    "shared/offered.nix",
    "shared/only.nix",
    "shared/overlays-and-modules.nix",
    "shared/own-overlay.nix",
    "shared/renamed.nix",
    "shared/conveniences.nix",
    "shared/standalone.nix",
    "shared/without.nix",
    "top-level/flake.nix",
}

/// As many digits tell two versions of a template apart.
const VERSION_LENGTH: usize = 12;

/// What a template is filled in with. Those of `shared/` have no context of their own:
/// others include them. Each template belongs to one type, so a
/// misspelt key is found by the tests and not by a reader of a half-empty file.
pub trait Context: serde::Serialize {
    /// The template's name, such as `repo/flake.nix`.
    fn template(&self) -> &'static str;
}

/// A file that replaces a built-in template.
#[derive(Debug, Clone)]
pub struct Override {
    /// The template it replaces, such as `repo/flake.nix`.
    pub name: String,
    /// Where it was read from, for messages.
    pub path: PathBuf,
    /// Its text.
    pub text: String,
}

/// All templates, ready to render. A copy shares them.
#[derive(Debug, Clone)]
pub struct Templates(Arc<Registered>);

#[derive(Debug)]
struct Registered {
    engines: BTreeMap<Language, Handlebars<'static>>,
    overrides: BTreeMap<String, PathBuf>,
    texts: BTreeMap<String, String>,
    /// Of each template: the start of the SHA-256 of it and of all that it includes.
    versions: BTreeMap<String, String>,
    /// SHA-256 of all overrides: one may include others.
    overrides_hash: String,
}

/// What a rendered text is, which decides how values are escaped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Language {
    Nix,
    Markdown,
    Toml,
    Yaml,
    /// Lines of checked names; nothing needs an escape.
    Plain,
}

impl Templates {
    /// The built-in templates.
    ///
    /// # Panics
    /// Never: a test renders every built-in template.
    #[must_use]
    pub fn built_in() -> Self {
        Self::with_overrides(Vec::new()).expect("the built-in templates are valid")
    }

    /// The built-in templates, some of them replaced.
    ///
    /// # Errors
    /// When an override replaces nothing, or is no template.
    pub fn with_overrides(overrides: Vec<Override>) -> Result<Self, TemplateError> {
        let mut templates = Registered {
            engines: [
                Language::Nix,
                Language::Markdown,
                Language::Toml,
                Language::Yaml,
                Language::Plain,
            ]
            .into_iter()
            .map(|language| (language, engine(language)))
            .collect(),
            overrides: BTreeMap::new(),
            texts: BTreeMap::new(),
            versions: BTreeMap::new(),
            overrides_hash: String::new(),
        };
        for (name, text) in BUILT_IN {
            templates.register(name, text)?;
        }
        let texts = overrides
            .iter()
            .map(|replacement| (&replacement.name, &replacement.text));
        templates.overrides_hash = hash(format!("{:?}", texts.collect::<Vec<_>>()).as_bytes());
        let mut replaced: BTreeSet<Language> = BTreeSet::new();
        for replacement in overrides {
            if !BUILT_IN.iter().any(|(name, _)| *name == replacement.name) {
                let known = Self::names();
                return Err(TemplateError::Unknown {
                    nearest: aux_model::nearest(&replacement.name, known),
                    path: replacement.path,
                    name: replacement.name,
                });
            }
            templates
                .overrides
                .insert(replacement.name.clone(), replacement.path);
            includes::check_size(&replacement.name, &replacement.text)
                .map_err(|refused| templates.refused(refused))?;
            templates.register(&replacement.name, &replacement.text)?;
            replaced.insert(Language::of(&replacement.name));
        }
        for language in replaced {
            templates.check(language)?;
        }
        templates.versions = templates.versions();
        Ok(Self(Arc::new(templates)))
    }

    /// The names of all templates, sorted.
    pub fn names() -> impl Iterator<Item = &'static str> + Clone {
        BUILT_IN.iter().map(|(name, _)| *name)
    }

    /// The text of a built-in template, to start an override from.
    #[must_use]
    pub fn text(name: &str) -> Option<&'static str> {
        BUILT_IN
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, text)| *text)
    }

    /// Fills in a template; Nix is formatted and has been parsed.
    ///
    /// # Errors
    /// When an override asks for what its context does not have, or the result
    /// is not what it must be. Built-in templates do not fail.
    pub fn render(&self, context: &impl Context) -> Result<String, TemplateError> {
        self.fill(context.template(), context)
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.0.path(name)
    }

    /// The start of the SHA-256 of a template and of all that it includes.
    pub(super) fn version(&self, name: &str) -> String {
        self.0.versions.get(name).cloned().unwrap_or_default()
    }

    /// SHA-256 of all overrides.
    pub(super) fn overrides_hash(&self) -> &str {
        &self.0.overrides_hash
    }

    pub(super) fn fill(
        &self,
        name: &str,
        values: &impl serde::Serialize,
    ) -> Result<String, TemplateError> {
        let language = Language::of(name);
        let engine = self.0.engine(language);
        let rendered = handlebars::Context::wraps(values).and_then(|values| {
            self.0
                .guarded(|| engine.render_with_context(name, &values))
                .unwrap_or_else(|reason| Err(RenderErrorReason::Other(reason).into()))
        });
        let text = rendered.map_err(|error| TemplateError::Syntax {
            path: self.0.path(name),
            line: error.line_no,
            column: error.column_no,
            message: why(error.reason()),
        })?;
        if language != Language::Nix {
            return Ok(tidy(&text));
        }
        language::format(&text).map_err(|source| TemplateError::NotNix {
            path: self.0.path(name),
            excerpt: text
                .lines()
                .nth(source.line.saturating_sub(1))
                .unwrap_or_default()
                .trim()
                .to_owned(),
            source,
        })
    }
}

impl Registered {
    fn register(&mut self, name: &str, text: &str) -> Result<(), TemplateError> {
        self.texts.insert(name.to_owned(), text.to_owned());
        let path = self.path(name);
        let compiled = self
            .guarded(|| Template::compile_with_name(text, name.to_owned()))
            .map_err(|message| TemplateError::Syntax {
                path: path.clone(),
                line: None,
                column: None,
                message,
            })?;
        let template = compiled.map_err(|error| {
            let (line, column) = error.pos().unzip();
            TemplateError::Syntax {
                path,
                line,
                column,
                message: broken(error.reason()),
            }
        })?;
        self.engines
            .get_mut(&Language::of(name))
            .expect("every language has an engine")
            .register_template(name, template);
        Ok(())
    }

    /// The version of each template. A file is as new as the newest text in it, so that
    /// of a template covers what it includes.
    fn versions(&self) -> BTreeMap<String, String> {
        let version = |name: &String| {
            let mut texts = self.texts[name].clone();
            let templates = self.engine(Language::of(name)).get_templates();
            for included in includes::all_of(name, templates) {
                texts.push('\0');
                texts.push_str(&self.texts[included]);
            }
            let mut version = hash(texts.as_bytes());
            version.truncate(VERSION_LENGTH);
            version
        };
        let names = self.texts.keys();
        names.map(|name| (name.clone(), version(name))).collect()
    }

    /// Whether filling in the templates of a language ends.
    fn check(&self, language: Language) -> Result<(), TemplateError> {
        let templates = self.engine(language).get_templates();
        let templates = templates.iter().map(|(name, it)| (name.as_str(), it));
        let templates = templates.collect();
        let checked = self.guarded(|| includes::check(&templates));
        match checked {
            Ok(checked) => checked.map_err(|refused| self.refused(refused)),
            Err(message) => Err(TemplateError::Refused {
                path: PathBuf::new(),
                line: None,
                column: None,
                message,
            }),
        }
    }

    /// Runs something that recurses as the templates nest. Our own nest a few blocks.
    fn guarded<T: Send>(&self, run: impl FnOnce() -> T + Send) -> Result<T, String> {
        if self.overrides.is_empty() {
            Ok(run())
        } else {
            guard::run_on(includes::STACK, run)
        }
    }

    fn refused(&self, refused: Refused) -> TemplateError {
        let (line, column) = refused.place.unzip();
        TemplateError::Refused {
            path: self.path(&refused.template),
            line,
            column,
            message: refused.message,
        }
    }

    fn engine(&self, language: Language) -> &Handlebars<'static> {
        self.engines
            .get(&language)
            .expect("every language has an engine")
    }

    fn path(&self, name: &str) -> PathBuf {
        self.overrides
            .get(name)
            .cloned()
            .unwrap_or_else(|| PathBuf::from(format!("{name}.hbs")))
    }
}

impl Language {
    fn of(name: &str) -> Self {
        match name.rsplit_once('.').map(|(_, extension)| extension) {
            Some("nix") => Self::Nix,
            Some("md") => Self::Markdown,
            Some("toml") => Self::Toml,
            Some("yml") => Self::Yaml,
            _ => Self::Plain,
        }
    }
}

fn engine(language: Language) -> Handlebars<'static> {
    let mut engine = Handlebars::new();
    engine.set_strict_mode(true);
    engine.register_escape_fn(match language {
        Language::Nix => quote::nix,
        Language::Markdown => quote::markdown,
        Language::Toml => quote::toml,
        Language::Yaml => quote::yaml,
        Language::Plain => visible,
    });
    engine
}

/// No blanks at line ends, at most one empty line in a row, one newline at the end.
fn tidy(text: &str) -> String {
    let mut tidied = String::with_capacity(text.len());
    let mut empty = true;
    for line in text.lines().map(str::trim_end) {
        if line.is_empty() && empty {
            continue;
        }
        empty = line.is_empty();
        tidied.push_str(line);
        tidied.push('\n');
    }
    while tidied.ends_with("\n\n") {
        tidied.pop();
    }
    tidied
}
