//! What became of a name that nothing has any more.

use std::fmt::Display;

use crate::catalog::Family;
use crate::former::Removed;

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
        let mut found = Vec::new();
        for repo in self
            .repos()
            .filter(|repo| of.is_none_or(|of| repo.name == *of))
        {
            let key = |name: &dyn Display| format!("{}/{name}", repo.name);
            for (old, to, until) in self
                .renamed_attributes(repo)
                .filter(|(old, ..)| *old == *name)
            {
                let to = to.to_string();
                found.push(Formerly::renamed("package", key(&old), to, until));
            }
            if let Some((old, removed)) = repo.former.removed.get_key_value(name) {
                found.push(Formerly::removed("package", key(old), removed));
            }
            if let Some((old, now)) = repo.former.renamed_modules.get_key_value(name) {
                let to = key(&now.to);
                found.push(Formerly::renamed("module", key(old), to, now.until));
            }
            if let Some((old, module)) = repo.former.removed_modules.get_key_value(name) {
                found.push(Formerly::removed("module", key(old), &module.removed));
            }
            for set in repo.sets.values() {
                let Some(name) = set.name_of_member(name) else {
                    continue;
                };
                let key = |name: &dyn Display| format!("{}/{}.{name}", repo.name, set.name);
                if let Some((old, now)) = set.former.renamed.get_key_value(name) {
                    let to = now.to.to_string();
                    found.push(Formerly::renamed("member", key(old), to, now.until));
                }
                if let Some((old, removed)) = set.former.removed.get_key_value(name) {
                    found.push(Formerly::removed("member", key(old), removed));
                }
            }
        }
        if of.is_some() {
            return found;
        }
        let former = self.former();
        let text = name.trim_start_matches('@');
        for now in former.renamed().filter(|now| now.old == text) {
            let (kind, to) = (now.kind.name, now.to.to_owned());
            found.push(Formerly::renamed(kind, text.to_owned(), to, now.until));
        }
        for (kind, _, removed) in former.removed().filter(|(_, old, _)| *old == text) {
            found.push(Formerly::removed(kind.name, text.to_owned(), removed));
        }
        found
    }
}
