//! Continuous integration: the services that the family's checks are written for.

use aux_names::{FlakeRef, Rev, SiteUrl};

use aux_problems::word_type;

word_type! {
    /// What a train builds before it takes a commit.
    BuildScope {
        /// Nothing: what evaluates is good.
        Nothing = "none",
        /// The packages that are another derivation than they were.
        Changed = "changed",
        /// All packages of a repo that moves.
        All = "all",
    }
}

/// Which services check the family.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Ci {
    /// GitHub Actions.
    pub github: bool,
    /// Forgejo Actions.
    pub forgejo: bool,
    /// Hydra.
    pub hydra: bool,
    /// The commit of aux-gen that workflows install. A tag can be moved to other code, a commit
    /// cannot; without one it is the tag of the version that wrote the workflows.
    pub revision: Option<Rev>,
    /// What the train of every night builds.
    pub build: BuildScope,
    /// Where the site is published that the train of every night makes; none if it is kept as an
    /// artifact of the run only.
    pub site: Option<SiteUrl>,
}

impl Ci {
    /// What a family on a forge has unless its manifest says otherwise: the
    /// forge's own checks, as far as the forge is one of the two, and Hydra.
    pub(crate) fn of_forge(forge: &FlakeRef) -> Self {
        let reference = forge.as_str();
        let github = ["github:", "git+https://github.com/"]
            .iter()
            .any(|prefix| reference.starts_with(prefix));
        let neither = ["gitlab:", "sourcehut:"]
            .iter()
            .any(|prefix| reference.starts_with(prefix));
        Self {
            github,
            forgejo: !github && !neither,
            hydra: true,
            revision: None,
            build: BuildScope::Nothing,
            site: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_family_is_checked_where_it_is() {
        for (forge, github, forgejo) in [
            ("github:auxolotl", true, false),
            ("git+https://github.com/auxolotl", true, false),
            ("git+https://codeberg.org/aux", false, true),
            ("git+ssh://git@forge.example/aux", false, true),
            ("path:./repos", false, true),
            ("gitlab:auxolotl", false, false),
            ("sourcehut:~aux", false, false),
        ] {
            let ci = Ci::of_forge(&forge.parse().unwrap());
            let hydra = true;
            assert_eq!(
                ci,
                Ci {
                    github,
                    forgejo,
                    hydra,
                    revision: None,
                    build: BuildScope::Nothing,
                    site: None,
                },
                "{forge}"
            );
        }
    }
}
