//! The templates: built in, and replaced one by one by files of the same name.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use aux_model::printable;
use aux_nix::language;
use aux_nix::language::SyntaxError;
use aux_process::guard;
use handlebars::{Handlebars, RenderErrorReason, Template, TemplateErrorReason};

use crate::hash::hash;
use crate::marker::is_marked;
use crate::render::includes::Refused;
use crate::render::provenance::Provenance;
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
    "core/fixpoint.nix",
    "core/flake.nix",
    "core/mk-packages.nix",
    "registry/gitignore",
    "registry/root.toml",
    "registry/sig.toml",
    "repo/README.md",
    "repo/flake.nix",
    "repo/gitattributes",
    "repo/gitea/CODEOWNERS",
    "repo/github/CODEOWNERS",
    "repo/gitignore",
    "repo/layer.nix",
    "repo/packages.nix",
    "scaffold/builder.nix",
    "scaffold/lib.nix",
    "scaffold/module.nix",
    "scaffold/overlay.nix",
    "scaffold/package.nix",
    "scaffold/plain-builder.nix",
    "scaffold/plain-package.nix",
    "scaffold/set.nix",
    "scaffold/setup.sh",
    "scaffold/stdenv.nix",
    "top-level/flake.nix",
}

/// As many digits tell two versions of a template apart.
const VERSION_LENGTH: usize = 12;

/// What a template is filled in with. Each template belongs to one type, so a
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
    /// Of each template: the start of its SHA-256.
    versions: BTreeMap<String, String>,
    /// SHA-256 of all overrides: one may include others.
    replaced: String,
}

/// A template and what it is to be filled in with.
#[derive(Debug, Clone)]
pub(crate) struct Filling {
    templates: Templates,
    context: Arc<dyn AnyContext>,
    marker: Marker,
}

/// Whether a text has to say that it is generated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Marker {
    /// It is, again and again.
    Required,
    /// It is written once.
    None,
}

/// A [`Context`] of whatever type.
trait AnyContext: Send + Sync {
    fn template(&self) -> &'static str;
    fn values(&self) -> serde_json::Value;
}

impl std::fmt::Debug for dyn AnyContext {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.template())
    }
}

impl<C: Context + Send + Sync> AnyContext for C {
    fn template(&self) -> &'static str {
        Context::template(self)
    }

    fn values(&self) -> serde_json::Value {
        serde_json::to_value(self).expect("a context has only text keys")
    }
}

impl Filling {
    /// What the templates make of the context.
    ///
    /// # Errors
    /// As [`Templates::render`], and when the marker is gone from a text that must
    /// have it.
    pub(crate) fn text(&self) -> Result<String, TemplateError> {
        let name = self.context.template();
        let text = self.templates.fill(name, &self.context.values())?;
        if self.marker == Marker::None || is_marked(&text) {
            Ok(text)
        } else {
            Err(TemplateError::NoMarker {
                path: self.templates.0.path(name),
            })
        }
    }

    /// Which template it is, in which version.
    pub(crate) fn provenance(&self) -> Provenance {
        let template = self.context.template();
        let version = self.templates.0.versions.get(template);
        Provenance {
            template: template.to_owned(),
            version: version.cloned().unwrap_or_default(),
        }
    }

    /// All that the text is made of, beside the program itself: the same for two texts
    /// only if they are the same.
    pub(crate) fn describe(&self) -> String {
        let replaced = &self.templates.0.replaced;
        let template = self.context.template();
        format!(
            "{replaced} {template} {:?} {}",
            self.marker,
            self.context.values()
        )
    }
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

/// A template that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TemplateError {
    /// An override has the name of no template.
    #[error("{}: there is no template `{name}` to replace", .path.display())]
    Unknown {
        /// The override.
        path: PathBuf,
        /// The name it has.
        name: String,
        /// The nearest name that exists.
        nearest: Option<&'static str>,
    },
    /// The template language's own syntax is broken.
    #[error("{}: {message}", located(.path, .line, .column))]
    Syntax {
        /// The override, or the name of a built-in template.
        path: PathBuf,
        /// 1-based, if known.
        line: Option<usize>,
        /// 1-based, if known.
        column: Option<usize>,
        /// What is wrong.
        message: String,
    },
    /// Filling it in would not end, or come to too much.
    #[error("{}: {message}", located(.path, .line, .column))]
    Refused {
        /// The override.
        path: PathBuf,
        /// 1-based, if known.
        line: Option<usize>,
        /// 1-based, if known.
        column: Option<usize>,
        /// What is too much.
        message: String,
    },
    /// The filled-in text is not Nix.
    #[error("{}: filled in, it is not Nix: {source}\n  {excerpt}", .path.display())]
    NotNix {
        /// The override, or the name of a built-in template.
        path: PathBuf,
        /// Where in the filled-in text.
        source: SyntaxError,
        /// That line of the filled-in text.
        excerpt: String,
    },
    /// The filled-in text does not say that it was generated.
    #[error("{}: the line `{{{{{{marker}}}}}}` is gone from the first three lines", .path.display())]
    NoMarker {
        /// The override.
        path: PathBuf,
    },
}

impl TemplateError {
    /// The way out.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Unknown { nearest, .. } => {
                nearest.map(|name| format!("did you mean `{name}.hbs`?"))
            }
            Self::Syntax { .. } => Some(
                "the built-in template of that name shows what there is; a literal `{{` is written `\\{{`".to_owned(),
            ),
            Self::Refused { .. } => Some(
                "include only what does not lead back, and write the rest out; the built-in template of that name includes nothing"
                    .to_owned(),
            ),
            Self::NotNix { .. } => Some(
                "write values as `{{value}}`, which quotes them, and only names and expressions as `{{{value}}}`"
                    .to_owned(),
            ),
            Self::NoMarker { .. } => Some(
                "start the template with a comment that holds `{{{marker}}}`, so that people know who writes the file"
                    .to_owned(),
            ),
        }
    }
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
            versions: BTreeMap::new(),
            replaced: String::new(),
        };
        for (name, text) in BUILT_IN {
            templates.register(name, text)?;
        }
        let texts = overrides
            .iter()
            .map(|replacement| (&replacement.name, &replacement.text));
        templates.replaced = hash(format!("{:?}", texts.collect::<Vec<_>>()).as_bytes());
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

    /// A template to fill in later.
    pub(crate) fn filling(
        &self,
        context: impl Context + Send + Sync + 'static,
        marker: Marker,
    ) -> Filling {
        Filling {
            templates: self.clone(),
            context: Arc::new(context),
            marker,
        }
    }

    fn fill(&self, name: &str, values: &impl serde::Serialize) -> Result<String, TemplateError> {
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
        let mut version = hash(text.as_bytes());
        version.truncate(VERSION_LENGTH);
        self.versions.insert(name.to_owned(), version);
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
        Language::Plain => quote::visible,
    });
    engine
}

/// Why a template could not be filled in.
fn why(reason: &RenderErrorReason) -> String {
    match reason {
        RenderErrorReason::MissingVariable(Some(name)) => {
            format!("this template is given no value `{}`", printable(name))
        }
        RenderErrorReason::MissingVariable(None) => {
            "this template is given no such value".to_owned()
        }
        other => lower_case(&other.to_string()),
    }
}

/// Why a text is no template. The grammar's rules that the parser expected are
/// its own business.
fn broken(reason: &TemplateErrorReason) -> String {
    match reason {
        TemplateErrorReason::InvalidSyntax(_) => {
            "it is no template: a `{{` or a `{{#...}}` is not closed, or holds what it cannot"
                .to_owned()
        }
        other => lower_case(&other.to_string()),
    }
}

fn lower_case(text: &str) -> String {
    let mut characters = text.chars();
    characters
        .next()
        .map(|first| first.to_lowercase().chain(characters).collect())
        .unwrap_or_default()
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

fn located(path: &std::path::Path, line: &Option<usize>, column: &Option<usize>) -> String {
    let mut place = path.display().to_string();
    for number in [line, column].into_iter().flatten() {
        place.push(':');
        place.push_str(&number.to_string());
    }
    place
}
