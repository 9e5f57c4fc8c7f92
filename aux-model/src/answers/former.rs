//! What became of a name that nothing has any more.

use std::fmt::Display;

use crate::catalog::Family;
use crate::former::Removed;
use crate::set::PackageSet;

/// What became of something that had a name.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Formerly {
    /// What it was: `package`, `member`, `module`, `repo`, `sig` or `person`.
    pub kind: &'static str,
    /// The name that it had; of a package or a module REPO/NAME, of a
    /// member of a package set REPO/SET.NAME.
    pub name: String,
    /// The name that it has now; none if it is gone.
    pub to: Option<String>,
    /// The same in words, such as "is called `js` now, and is answered for until 2027-06-01".
    pub sentence: String,
}

/// A name that something had, by what gives it its meaning.
enum OldName<'f> {
    /// A package or a module.
    InRepo(&'f str),
    /// A member of a part of a package set.
    OfSet(&'f PackageSet, &'f str),
    /// A repo, a SIG or somebody.
    OfFamily(&'f str),
}

impl Formerly {
    fn renamed(kind: &'static str, name: String, to: String, until: impl Display) -> Self {
        Self {
            kind,
            name,
            sentence: format!("is called `{to}` now, and is answered for until {until}"),
            to: Some(to),
        }
    }

    fn removed(kind: &'static str, name: String, removed: &Removed) -> Self {
        Self {
            kind,
            name,
            to: None,
            sentence: removed.sentence(),
        }
    }
}

impl Family {
    /// Everything that had a name once, NAME or REPO/NAME, and what became of it.
    ///
    /// ```
    /// # let toml = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/family.toml"));
    /// # let toml = format!("{toml}\n[renamed.repos]\njs = {{ to = \"javascript\", until = \"2027-06-01\" }}");
    /// # let catalog = aux_model::Catalog::from_toml(&toml)?;
    /// let formerly = catalog.formerly("js");
    /// assert_eq!(formerly[0].to.as_deref(), Some("javascript"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn formerly(&self, text: &str) -> Vec<Formerly> {
        let (of, name) = match text.split_once('/') {
            Some((of, name)) => (Some(of), name),
            None => (None, text),
        };
        let handle = text.trim_start_matches('@');
        self.former_of(of, &|kind| match kind {
            OldName::InRepo(old) => old == name,
            OldName::OfSet(set, old) => set.name_of_member(name) == Some(old),
            OldName::OfFamily(old) => of.is_none() && old == handle,
        })
    }

    /// Every name that something had once, and what became of it.
    #[must_use]
    pub fn former_names(&self) -> Vec<Formerly> {
        self.former_of(None, &|_| true)
    }

    /// What had a name that is asked for, of one repo or of all.
    fn former_of(&self, of: Option<&str>, is_it: &dyn Fn(OldName<'_>) -> bool) -> Vec<Formerly> {
        let mut found = Vec::new();
        for repo in self
            .repos()
            .filter(|repo| of.is_none_or(|of| repo.name == *of))
        {
            let key = |name: &dyn Display| format!("{}/{name}", repo.name);
            let is_old = |name: &str| is_it(OldName::InRepo(name));
            for (old, to, until) in self.renamed_attributes(repo) {
                if is_old(old.as_str()) {
                    let to = to.to_string();
                    found.push(Formerly::renamed("package", key(&old), to, until));
                }
            }
            let former = &repo.former;
            for (old, removed) in former
                .removed
                .iter()
                .filter(|(old, _)| is_old(old.as_str()))
            {
                found.push(Formerly::removed("package", key(old), removed));
            }
            let renamed = former.renamed_modules.iter();
            for (old, now) in renamed.filter(|(old, _)| is_old(old.as_str())) {
                let to = key(&now.to);
                found.push(Formerly::renamed("module", key(old), to, now.until));
            }
            let removed = former.removed_modules.iter();
            for (old, module) in removed.filter(|(old, _)| is_old(old.as_str())) {
                found.push(Formerly::removed("module", key(old), &module.removed));
            }
            for set in repo.sets.values() {
                let is_old = |name: &str| is_it(OldName::OfSet(set, name));
                let key = |name: &dyn Display| format!("{}/{}.{name}", repo.name, set.name);
                let renamed = set.former.renamed.iter();
                for (old, now) in renamed.filter(|(old, _)| is_old(old.as_str())) {
                    let to = now.to.to_string();
                    found.push(Formerly::renamed("member", key(old), to, now.until));
                }
                let removed = set.former.removed.iter();
                for (old, removed) in removed.filter(|(old, _)| is_old(old.as_str())) {
                    found.push(Formerly::removed("member", key(old), removed));
                }
            }
        }
        let former = self.former();
        let renamed = former.renamed();
        for now in renamed.filter(|now| is_it(OldName::OfFamily(now.old))) {
            let (kind, to) = (now.kind.name, now.to.to_owned());
            found.push(Formerly::renamed(kind, now.old.to_owned(), to, now.until));
        }
        let removed = former.removed();
        for (kind, old, removed) in removed.filter(|(_, old, _)| is_it(OldName::OfFamily(old))) {
            found.push(Formerly::removed(kind.name, old.to_owned(), removed));
        }
        found
    }
}
