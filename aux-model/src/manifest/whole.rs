//! A manifest with all that it includes.

use std::collections::{BTreeMap, BTreeSet};
use std::thread;

use aux_names::{CheckoutPath, RelativePath, RepoName, printable};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::catalog::{Catalog, Family, Tree};
use crate::layout::Layouts;
use crate::manifest::draft::Draft;
use crate::manifest::pointer::pointed;
use crate::manifest::reader::{Finding, Reader};
use crate::price::Prices;
use crate::repo::RepoKind;
use crate::{catalog, rules};
use aux_problems::{At, Located, Source, explain_syntax};
use aux_problems::{Code, Problem, Problems, Related};

/// A manifest that is being read.
///
/// ```
/// use aux_model::{Manifest, Source};
///
/// let root = Source::new("aux.toml", "format = \"1.0\"\ninclude = [\"sigs/*.toml\"]\n");
/// let mut manifest = Manifest::open(root);
/// let patterns: Vec<String> = manifest.includes().map(str::to_owned).collect();
/// assert_eq!(patterns, ["sigs/*.toml"]);
/// // No file matches: that is a problem, and so is the missing organization.
/// manifest.include("sigs/*.toml", Vec::new());
/// let problems = manifest.check().unwrap_err();
/// assert!(problems.iter().any(|problem| problem.code.as_str() == "unreachable-include"));
/// ```
#[derive(Debug)]
pub struct Manifest {
    pub(crate) draft: Draft,
    pub(crate) reader: Reader,
    pub(crate) sources: Vec<Source>,
    included: BTreeSet<String>,
    /// The patterns whose files were handed in.
    answered: BTreeSet<String>,
    trees: BTreeMap<RepoName, Tree>,
    /// What repos cost, or why that is not known.
    prices: Result<Prices, String>,
    /// The root could not be read: nothing that follows from its content is
    /// known, so nothing more is said about it.
    pub(crate) unreadable: bool,
}

impl Manifest {
    /// Reads the root file, usually `aux.toml`. Problems wait for
    /// [`check`](Self::check).
    #[must_use]
    pub fn open(root: Source) -> Self {
        let mut manifest = Self::empty();
        // A pattern such as `*.toml` may match the root too; it is read once.
        manifest.included.insert(root.path().to_owned());
        manifest.unreadable = !read(
            &root,
            &mut manifest.draft,
            &mut manifest.reader,
            Draft::read_root,
        );
        manifest.sources.push(root);
        manifest
    }

    pub(crate) fn empty() -> Self {
        Self {
            draft: Draft::default(),
            reader: Reader::default(),
            sources: Vec::new(),
            included: BTreeSet::new(),
            answered: BTreeSet::new(),
            trees: BTreeMap::new(),
            prices: Ok(Prices::new()),
            unreadable: false,
        }
    }

    /// The files and patterns that the root includes, relative to it, with `/`.
    /// A pattern has `*` in place of any characters of one path component.
    pub fn includes(&self) -> impl Iterator<Item = &str> {
        self.draft
            .include
            .iter()
            .map(|pattern| pattern.value.0.as_str())
    }

    /// Hands in the files that a pattern of [`includes`](Self::includes) matches, as
    /// [`IncludePattern`](crate::IncludePattern) says, in order of path; none is a
    /// problem, and so is a pattern that the root does not have. A file that several
    /// patterns match is read once, and the root is never read again.
    pub fn include(&mut self, pattern: &str, mut files: Vec<Source>) {
        self.answered.insert(pattern.to_owned());
        if !self.includes().any(|known| known == pattern) {
            self.reader.findings.push(Finding::new(
                Code::UnreachableInclude,
                None,
                format!("no `include` has the pattern `{}`", printable(pattern)),
                Some("add it to `include`, or leave its files out".to_owned()),
            ));
            return;
        }
        let at = self
            .draft
            .include
            .iter()
            .find(|include| include.value.0 == pattern)
            .map(|include| include.at);
        if let Some(root) = self.sources.first().map(|root| root.path().to_owned()) {
            if root == pattern {
                self.reader.findings.push(Finding::new(
                    Code::InvalidValue,
                    at,
                    format!("`{root}` includes itself"),
                    Some("remove it from `include`".to_owned()),
                ));
                return;
            }
            files.retain(|file| file.path() != root);
        }
        if files.is_empty() {
            let what = if pattern.contains('*') {
                format!("no file matches `{pattern}`")
            } else {
                format!("there is no file `{pattern}`")
            };
            self.reader.findings.push(Finding::new(
                Code::UnreachableInclude,
                at,
                what,
                Some("create it, or remove it from `include`".to_owned()),
            ));
        }
        files.retain(|file| self.included.insert(file.path().to_owned()));
        let first = self.sources.len();
        for (draft, reader) in in_threads(&files, first) {
            self.draft.append(draft);
            self.reader.append(reader);
        }
        self.sources.append(&mut files);
    }

    /// The repos, and where they are checked out: the check looks at their by-name trees.
    #[must_use]
    pub fn checkouts(&self) -> Vec<(RepoName, CheckoutPath)> {
        let repos = self.layouts();
        repos.map(|(name, path, ..)| (name.clone(), path)).collect()
    }

    /// How the packages of a repo lie, as it says; nothing where it says nothing.
    #[must_use]
    pub fn layout(&self, repo: &RepoName) -> Layouts {
        let mut repos = self.layouts();
        let found = repos.find(|(name, ..)| *name == repo);
        found.map(|(_, _, layout, _)| layout).unwrap_or_default()
    }

    /// The repos, where each is checked out, how its packages lie, and which files and directories it
    /// says define some.
    pub fn layouts(
        &self,
    ) -> impl Iterator<Item = (&RepoName, CheckoutPath, Layouts, Vec<RelativePath>)> {
        self.draft.repos.iter().map(|(name, repo)| {
            let path = match &repo.path {
                Some(path) => path.value.clone(),
                None => CheckoutPath::of_repo(&name.value),
            };
            let layouts = repo.layout.iter();
            let layouts = layouts.map(|(place, layout)| (place.value.clone(), layout.value));
            let packages = repo.packages.iter();
            let files =
                packages.filter_map(|(_, package)| Some(package.file.as_ref()?.value.clone()));
            (&name.value, path, layouts.collect(), files.collect())
        })
    }

    /// Repos that are somebody else's: each needs the index of its attributes, which stands at
    /// [`index_path`](crate::index_path).
    pub fn outside(&self) -> impl Iterator<Item = &RepoName> {
        let is_outside = |kind: &Located<RepoKind>| kind.value == RepoKind::Outside;
        let repos = self.draft.repos.iter();
        let repos = repos.filter(move |(_, repo)| repo.kind.as_ref().is_some_and(is_outside));
        repos.map(|(name, _)| &name.value)
    }

    /// Hands in the by-name tree of a repo. With `discover` it says which
    /// packages the repo has; otherwise it is compared with the manifest.
    pub fn tree(&mut self, repo: &RepoName, tree: Tree) {
        self.trees.insert(repo.clone(), tree);
    }

    /// Hands in what repos cost when that was measured last, or why it cannot be read.
    pub fn prices(&mut self, prices: Result<Prices, String>) {
        self.prices = prices;
    }

    /// The texts read so far, for showing problems with their lines.
    #[must_use]
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// Checks everything.
    ///
    /// # Errors
    /// Every problem there is, errors and warnings, sorted by place. With
    /// warnings alone the catalog is given out and carries them. A pattern whose files were
    /// never handed in is a problem too: the catalog would lack what they define. So is, as a
    /// warning, a repo that discovers its packages and whose tree was never handed in.
    pub fn check(self) -> Result<Catalog, Problems> {
        let (mut family, problems) = self.examine()?;
        if problems.any_error() {
            return Err(problems);
        }
        family.warnings = problems;
        Ok(Catalog(family))
    }

    /// As [`check`](Self::check), but rules about `uses` are not checked:
    /// for asking what causes a cycle and what would end it.
    ///
    /// # Errors
    /// When anything else is wrong; then all problems are given.
    pub fn survey(self) -> Result<Survey, Problems> {
        let (family, problems) = self.examine()?;
        let mut errors = problems.iter().filter(|problem| problem.is_error());
        if errors.any(|problem| !problem.code.is_about_use()) {
            return Err(problems);
        }
        Ok(Survey { family, problems })
    }

    /// Builds the family and runs every rule.
    fn examine(mut self) -> Result<(Family, Problems), Problems> {
        if self.unreadable {
            return Err(problems(&self.sources, self.reader.findings));
        }
        let mut findings = std::mem::take(&mut self.reader.findings);
        let unanswered = self.draft.include.iter();
        let unanswered = unanswered.filter(|include| !self.answered.contains(&include.value.0));
        findings.extend(unanswered.map(|include| {
            Finding::new(
                Code::UnreachableInclude,
                Some(include.at),
                format!("the files of `{}` were not handed in", include.value.0),
                Some("call `Manifest::include` for each of `Manifest::includes`".to_owned()),
            )
        }));
        let mut family = catalog::build(self.draft, &self.trees, self.sources, &mut findings);
        match self.prices {
            Ok(prices) => family.prices = prices,
            Err(reason) => findings.push(
                Finding::new(
                    Code::NoCosts,
                    None,
                    reason,
                    Some("`aux-gen cost --write` writes it anew".to_owned()),
                )
                .warning(),
            ),
        }
        catalog::arrange(&mut family);
        rules::check(&family, &mut findings);
        let findings = self.reader.without_hidden(findings);
        let problems = problems(&family.sources, findings);
        Ok((family, problems))
    }

    /// Checks a manifest that stands in one text: whatever it includes is not there.
    pub(crate) fn check_alone(mut self) -> Result<Catalog, Problems> {
        let patterns: Vec<String> = self.includes().map(str::to_owned).collect();
        for pattern in patterns {
            self.include(&pattern, Vec::new());
        }
        self.check()
    }
}

/// Parses one file and reads it into the draft. At a syntax error the file is
/// read no further: half a file says half the truth. The parser goes on, but
/// what it says after its first error mostly follows from that.
fn read(
    source: &Source,
    draft: &mut Draft,
    reader: &mut Reader,
    into: impl FnOnce(&mut Draft, &Spanned<DeValue<'_>>, &mut Reader) -> bool,
) -> bool {
    let (table, errors) = DeTable::parse_recoverable(source.text());
    if let Some(error) = errors.first() {
        let span = error.span().unwrap_or(0..source.text().len());
        let (message, help) = explain_syntax(error.message(), source.text().get(span.clone()));
        let at = reader.at(span);
        reader.problem(Code::Syntax, at, message, Some(help));
        reader.hide(&UNREAD);
        return false;
    }
    let root = Spanned::new(0..0, DeValue::Table(table.into_inner()));
    into(draft, &root, reader)
}

/// Bytes that a thread of its own is worth.
const SHARE: usize = 1 << 18;

/// Reads included files, the first of which has that number, by as many threads as there are
/// processors if they are long enough; each by itself, in order.
fn in_threads(files: &[Source], first: usize) -> Vec<(Draft, Reader)> {
    let read = |(number, file): (usize, &Source)| {
        let (mut draft, mut reader) = (Draft::default(), Reader::of_file(first + number));
        read(file, &mut draft, &mut reader, Draft::read_included);
        (draft, reader)
    };
    let bytes: usize = files.iter().map(|file| file.text().len()).sum();
    let processors = thread::available_parallelism().map_or(1, usize::from);
    let threads = processors.min(bytes / SHARE).max(1);
    if threads == 1 {
        return files.iter().enumerate().map(read).collect();
    }
    let numbered: Vec<(usize, &Source)> = files.iter().enumerate().collect();
    thread::scope(|scope| {
        let shares = numbered.chunks(files.len().div_ceil(threads));
        let work = |share: &[(usize, &Source)]| share.iter().copied().map(read).collect::<Vec<_>>();
        let threads: Vec<_> = shares
            .map(|share| scope.spawn(move || work(share)))
            .collect();
        let read = threads.into_iter().flat_map(|thread| match thread.join() {
            Ok(drafts) => drafts,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        read.collect()
    })
}

/// A manifest in which everything exists that is named, although its uses
/// may break rules. Only for questions: nothing is generated from it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Survey {
    /// What the manifest says. Its order of layers is one of several if repos
    /// use each other in a cycle.
    pub family: Family,
    /// Every problem, those about use among them.
    pub problems: Problems,
}

impl Catalog {
    /// The same family as [`Manifest::survey`] gives it: the warnings are its problems.
    #[must_use]
    pub fn into_survey(mut self) -> Survey {
        let problems = std::mem::take(&mut self.0.warnings);
        Survey {
            family: self.0,
            problems,
        }
    }
}

/// What seems wrong when a file with people, SIGs, repos and packages is missing.
const UNREAD: [Code; 7] = [
    Code::CoreCount,
    Code::TopLevelCount,
    Code::UnknownSig,
    Code::UnknownOwner,
    Code::UnknownPerson,
    Code::UnknownRepo,
    Code::UnknownPackage,
];

impl Catalog {
    /// Reads a manifest that stands in one text and includes nothing.
    ///
    /// # Errors
    /// Every problem there is, sorted by place.
    pub fn from_toml(text: &str) -> Result<Self, Problems> {
        Manifest::open(Source::new("aux.toml", text)).check_alone()
    }
}

/// Findings as people see them: with lines and columns, sorted.
fn problems(sources: &[Source], findings: Vec<Finding>) -> Problems {
    let place = |at: At| catalog::locate(sources, at);
    let problems = findings
        .into_iter()
        .map(|finding| Problem {
            code: finding.code,
            severity: finding.severity,
            location: match finding.at {
                Some(at) => place(at),
                None => sources.first().map(Source::whole),
            },
            message: finding.message,
            help: finding.help,
            related: finding
                .related
                .into_iter()
                .filter_map(|(at, label)| {
                    Some(Related {
                        location: place(at)?,
                        label,
                    })
                })
                .collect(),
        })
        .collect();
    pointed(sources, problems)
}
