//! What a repo offers to others, and what its contract version has to be when that changes.

use std::collections::{BTreeMap, BTreeSet};

use semver::Version;

use crate::catalog::Family;
use crate::package::AttributeKind;
use crate::repo::Repo;
use aux_problems::word_type;

word_type! {
    /// What an attribute is to those who use it.
    Offer {
        /// A derivation.
        Package = "package",
        /// A function that makes derivations, or a set of them.
        Builder = "builder",
        /// A module, by its class and name.
        Module = "module",
        /// An overlay.
        Overlay = "overlay",
        /// A system that all of it is for.
        System = "system",
        /// A function of `lib`, or a set of them; only Nix knows those.
        Function = "function",
        /// An option of a module; only Nix knows those.
        Option = "option",
        /// What a core hands to layers; only Nix knows that.
        Argument = "argument",
    }
}

/// What a repo offers to others: what its contract version is about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Interface {
    /// Attributes, modules, overlays and systems by name, and what each is.
    pub offers: BTreeMap<String, Offer>,
    /// What other repos have now, or what has another name, and for which this one answers for a while.
    pub moved: BTreeSet<String>,
}

/// What differs between two versions of an interface.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct InterfaceChange {
    /// What is not offered any more.
    pub removed: BTreeSet<String>,
    /// What is something else: a package that is a builder now, or the other way round.
    pub retyped: BTreeSet<String>,
    /// What is new.
    pub added: BTreeSet<String>,
}

impl Family {
    /// What a repo offers.
    ///
    /// ```
    /// # let catalog = aux_model::Catalog::from_toml(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/family.toml")))?;
    /// let gnome = catalog.repo("gnome").expect("it is there");
    /// let before = catalog.interface(gnome);
    /// let mut after = before.clone();
    /// after.offers.remove("games");
    /// let change = after.since(&before);
    /// assert!(change.removed.contains("games"));
    /// assert_eq!(change.smallest_next(&"1.4.2".parse()?).to_string(), "2.0.0");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn interface(&self, repo: &Repo) -> Interface {
        let attributes = self.attributes_of(repo).into_iter();
        let attributes = attributes.map(|(name, kind)| {
            let offer = match kind {
                AttributeKind::Builder => Offer::Builder,
                AttributeKind::Derivation | AttributeKind::Alias(_) => Offer::Package,
            };
            (name.to_string(), offer)
        });
        let members = repo.sets.values().flat_map(|set| {
            let members = set.members.keys();
            members.map(|member| (format!("{}.{member}", set.name), Offer::Package))
        });
        let modules = repo.modules.values().map(|module| {
            let name = format!("{}.{}", module.class, module.name);
            (name, Offer::Module)
        });
        let overlays = repo.overlays.keys();
        let overlays = overlays.map(|name| (format!("overlays.{name}"), Offer::Overlay));
        let systems = self.organization().systems.iter();
        let systems = systems.map(|system| (format!("systems.{system}"), Offer::System));
        let offers = attributes
            .chain(members)
            .chain(modules)
            .chain(overlays)
            .chain(systems);
        Interface {
            offers: offers.collect(),
            moved: self.answered_for(repo),
        }
    }
}

impl Family {
    /// What a repo does not have any more and answers for: what went to another repo, and what has
    /// another name.
    fn answered_for(&self, repo: &Repo) -> BTreeSet<String> {
        let moved = repo.moved.keys().map(ToString::to_string);
        let renamed = self.renamed_attributes(repo);
        let renamed = renamed.map(|(old, _, _)| old.to_string());
        let modules = repo.former.renamed_modules.iter();
        let modules = modules.filter_map(|(old, renamed)| {
            let module = repo.modules.get(&renamed.to)?;
            Some(format!("{}.{old}", module.class))
        });
        let members = repo.sets.values().flat_map(|set| {
            let renamed = set.former.renamed.keys();
            renamed.map(|old| format!("{}.{old}", set.name))
        });
        moved.chain(renamed).chain(modules).chain(members).collect()
    }
}

impl Interface {
    /// What differs from an earlier version. What went to another repo and is answered for is there.
    #[must_use]
    pub fn since(&self, before: &Self) -> InterfaceChange {
        let mut change = InterfaceChange::default();
        for (name, offer) in &before.offers {
            match self.offers.get(name) {
                Some(now) if now == offer => {}
                Some(_) => {
                    change.retyped.insert(name.clone());
                }
                None if self.moved.contains(name) => {}
                None => {
                    change.removed.insert(name.clone());
                }
            }
        }
        let new = self.offers.keys();
        let new = new.filter(|name| !before.offers.contains_key(*name));
        change.added = new.cloned().collect();
        change
    }
}

impl InterfaceChange {
    /// Whether those who use the repo may have to change something.
    #[must_use]
    pub fn is_breaking(&self) -> bool {
        !self.removed.is_empty() || !self.retyped.is_empty()
    }

    /// The smallest version that may follow (Semantic Versioning 2.0.0, 6 to 8; below 1.0.0 the
    /// second number stands for the first, as Cargo has it). What is as it was keeps its version.
    #[must_use]
    pub fn smallest_next(&self, before: &Version) -> Version {
        let is_first = before.major > 0;
        let next = |major, minor, patch| Version::new(major, minor, patch);
        if self.is_breaking() {
            if is_first {
                next(before.major + 1, 0, 0)
            } else {
                next(0, before.minor + 1, 0)
            }
        } else if self.added.is_empty() {
            before.clone()
        } else if is_first {
            next(before.major, before.minor + 1, 0)
        } else {
            next(0, before.minor, before.patch + 1)
        }
    }

    /// Why a version is too small a step from an earlier one; none if it is not.
    #[must_use]
    pub fn too_small(&self, before: &Version, after: &Version) -> Option<String> {
        // More packages break nobody, and every SIG adds some each day: that the second number
        // grows with them is asked of nobody.
        if !self.is_breaking() || *after >= self.smallest_next(before) {
            return None;
        }
        let mut what = Vec::new();
        for (names, how) in [
            (&self.removed, "removed"),
            (&self.retyped, "another kind of thing"),
        ] {
            if !names.is_empty() {
                what.push(format!("{} {how} ({})", names.len(), few(names)));
            }
        }
        Some(format!(
            "{} since contract {before}: this is {}, and it says {after}",
            what.join(" and "),
            self.smallest_next(before)
        ))
    }
}

/// The first names, and how many more there are.
fn few(names: &BTreeSet<String>) -> String {
    /// Names that are shown.
    const FEW: usize = 3;
    let shown: Vec<String> = names
        .iter()
        .take(FEW)
        .map(|name| format!("`{name}`"))
        .collect();
    match names.len() - shown.len() {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interface(offers: &[(&str, Offer)], moved: &[&str]) -> Interface {
        Interface {
            offers: offers
                .iter()
                .map(|(name, offer)| ((*name).to_owned(), *offer))
                .collect(),
            moved: moved.iter().map(ToString::to_string).collect(),
        }
    }

    #[test]
    fn the_smallest_next_version_follows_from_what_changed() {
        let before = interface(&[("a", Offer::Package), ("b", Offer::Builder)], &[]);
        for (after, from, next) in [
            (before.clone(), "1.2.3", "1.2.3"),
            (interface(&[("a", Offer::Package)], &[]), "1.2.3", "2.0.0"),
            (interface(&[("a", Offer::Package)], &[]), "0.3.1", "0.4.0"),
            (
                interface(&[("a", Offer::Package)], &["b"]),
                "1.2.3",
                "1.2.3",
            ),
            (
                interface(&[("a", Offer::Builder), ("b", Offer::Builder)], &[]),
                "1.2.3",
                "2.0.0",
            ),
            (
                interface(
                    &[
                        ("a", Offer::Package),
                        ("b", Offer::Builder),
                        ("c", Offer::Package),
                    ],
                    &[],
                ),
                "1.2.3",
                "1.3.0",
            ),
        ] {
            let change = after.since(&before);
            let from: Version = from.parse().unwrap();
            assert_eq!(change.smallest_next(&from).to_string(), next, "{change:?}");
        }
    }

    #[test]
    fn a_step_that_breaks_nobody_is_never_too_small() {
        let before = interface(&[("a", Offer::Package)], &[]);
        let more = interface(&[("a", Offer::Package), ("b", Offer::Package)], &[]);
        let (one, two): (Version, Version) = ("1.0.0".parse().unwrap(), "2.0.0".parse().unwrap());
        assert_eq!(more.since(&before).too_small(&one, &one), None);
        let less = Interface::default().since(&before);
        let said = less.too_small(&one, &one).unwrap();
        assert!(
            said.contains("1 removed (`a`) since contract 1.0.0: this is 2.0.0"),
            "{said}"
        );
        assert_eq!(less.too_small(&one, &two), None);
    }
}
