//! `why A B`: the shortest chain from one thing to another.

use std::collections::VecDeque;
use std::ops::Range;

use aux_names::RepoName;

use crate::answers::graph::{GraphEdge, PackageGraph};

/// A package or a repo that a question is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// One package.
    Package(crate::edge::PackageId),
    /// Any package of a repo.
    Repo(RepoName),
}

impl<'c> PackageGraph<'c> {
    /// The thing that a text names: `REPO/PACKAGE`, an attribute, a set, or a repo. A
    /// name that is both a repo's and an attribute's means the repo.
    ///
    /// ```
    /// # let catalog = aux_model::Catalog::from_toml(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/family.toml")))?;
    /// use aux_model::answers::Subject;
    ///
    /// let graph = catalog.graph();
    /// assert_eq!(graph.subject("gnome"), Some(Subject::Repo("gnome".parse()?)));
    /// assert_eq!(graph.subject("numpy"), Some(Subject::Package("python/numpy".parse()?)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn subject(&self, text: &str) -> Option<Subject> {
        let catalog = self.family();
        let (repo, name) = match text.split_once('/') {
            Some((repo, name)) => (Some(repo), name),
            None => (None, text),
        };
        if let Some(repo) = catalog.repo(text) {
            return Some(Subject::Repo(repo.name.clone()));
        }
        let found = catalog.attribute(name).map(|found| &found.package);
        // A set need not have an attribute of its own name.
        let set = || {
            let mut repos = catalog.repos();
            repos
                .find_map(|repo| repo.packages.get(name))
                .map(|package| &package.id)
        };
        let found = found.or_else(set)?;
        let fits = repo.is_none_or(|repo| found.repo == *repo);
        fits.then(|| Subject::Package(found.clone()))
    }

    /// The shortest chain of edges from one subject to another; needed edges
    /// before optional ones and tests. Empty if both are the same package; none
    /// if nothing leads there.
    ///
    /// ```
    /// # let catalog = aux_model::Catalog::from_toml(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/family.toml")))?;
    /// let graph = catalog.graph();
    /// let (shell, zlib) = (graph.subject("shell"), graph.subject("openssl"));
    /// let (shell, zlib) = (shell.expect("it is there"), zlib.expect("it is there"));
    /// let chain = graph.why(&shell, &zlib).expect("it needs it");
    /// let steps: Vec<&str> = chain.iter().map(|edge| edge.to.name.as_str()).collect();
    /// assert_eq!(steps, ["numpy", "python3", "openssl"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn why(&self, from: &Subject, to: &Subject) -> Option<Vec<&GraphEdge<'c>>> {
        self.chain(from, to, true)
            .or_else(|| self.chain(from, to, false))
    }

    fn chain(
        &self,
        from: &Subject,
        to: &Subject,
        needed_only: bool,
    ) -> Option<Vec<&GraphEdge<'c>>> {
        let (start, end) = (self.numbers(from), self.numbers(to));
        // The edge by which each package was reached; none for the start itself.
        let mut reached: Vec<Option<&GraphEdge<'c>>> = vec![None; self.packages().len()];
        let mut queue: VecDeque<usize> = start.clone().collect();
        while let Some(number) = queue.pop_front() {
            if end.contains(&number) {
                let mut chain = Vec::new();
                let mut at = number;
                while let Some(edge) = reached[at] {
                    chain.push(edge);
                    at = self.number(edge.from)?;
                }
                chain.reverse();
                return Some(chain);
            }
            for edge in self.edges_from(number) {
                if needed_only && !edge.kind.is_needed() {
                    continue;
                }
                let next = edge.number();
                if reached[next].is_none() && !start.contains(&next) {
                    reached[next] = Some(edge);
                    queue.push_back(next);
                }
            }
        }
        None
    }

    /// The packages of a subject; those of a repo stand side by side.
    fn numbers(&self, subject: &Subject) -> Range<usize> {
        match subject {
            Subject::Package(id) => self.number(id).map_or(0..0, |number| number..number + 1),
            Subject::Repo(name) => {
                let repo = self.family().repo(name.as_str());
                let packages = || repo.into_iter().flat_map(|repo| repo.packages.values());
                let first = packages().next().map_or(0, |package| package.number);
                first..first + packages().count()
            }
        }
    }
}
