//! What is asked: the family of the registry, or an index that somebody published.

use std::collections::BTreeSet;
use std::str::FromStr;
use std::time::Duration;

use aux_arguments::Where;
use aux_forge::{ForgeError, download};
use aux_model::{RepoName, SigName, System, TierName, did_you_mean, printable};
use aux_search::{FormerName, Hit, HitFilter, HitKind, Index, Search};
use aux_session::{Failure, Session, SurveyedRegistry};

/// How long a published index may take to arrive.
const PATIENCE: Duration = Duration::from_secs(120);

/// An index of 100,000 packages has about 40 million bytes.
const LARGEST: u64 = 1 << 30;

/// What is asked.
pub(super) enum Known {
    Family(Box<SurveyedRegistry>),
    Index(Index),
}

impl Known {
    pub(super) fn of(session: &Session, args: &Where) -> Result<Self, Failure> {
        let Some(index) = &args.index else {
            if args.kind.contains(&HitKind::Option) {
                return Err(Failure::refused(
                    "options of modules are not in a manifest: Nix knows them",
                    "ask an index that `aux-gen site --eval` made: `--index site/index.json`",
                ));
            }
            return Ok(Self::Family(Box::new(session.survey()?)));
        };
        let text = if index.starts_with("https://") || index.starts_with("http://") {
            download(index, PATIENCE, LARGEST).map_err(|error| no_index(&error))?
        } else if let Some((scheme, _)) = index.split_once("://") {
            return Err(Failure::refused(
                format!("`{}` is no address that is asked", printable(scheme)),
                "name a file, or an address that starts with `https://` or `http://`",
            ));
        } else {
            let path = session.directory().join(index);
            std::fs::read(&path).map_err(|error| {
                Failure::refused(
                    format!(
                        "cannot read `{}`: {error}",
                        printable(&path.display().to_string())
                    ),
                    "name the `index.json` of a site, a file or an address",
                )
            })?
        };
        Index::from_json(&text).map(Self::Index).map_err(|error| {
            Failure::refused(
                format!("{}: {error}", printable(index)),
                "name the `index.json` that `aux-gen site` writes beside a site",
            )
        })
    }

    fn search(&self) -> &dyn Search {
        match self {
            Self::Family(survey) => &survey.family,
            Self::Index(index) => index,
        }
    }

    pub(super) fn hits(&self, query: &str, filter: &HitFilter) -> Vec<Hit> {
        self.search().search_with(query, filter)
    }

    pub(super) fn formerly(&self, text: &str) -> Vec<FormerName> {
        match self {
            Self::Family(survey) => {
                let former = survey.family.formerly(text).into_iter();
                former.map(FormerName::from).collect()
            }
            Self::Index(index) => index.formerly(text).into_iter().cloned().collect(),
        }
    }

    /// Which hits are wanted, of names that there are.
    ///
    /// # Errors
    /// When something of a name that is asked for does not exist.
    pub(super) fn filter(&self, args: &Where) -> Result<HitFilter, Failure> {
        let mut filter = HitFilter::default();
        filter.kinds.extend(&args.kind);
        let (tiers, systems): (BTreeSet<&str>, _) = match self {
            Self::Family(survey) => {
                let family = &survey.family;
                filter.repos.extend(aux_session::repos(family, &args.repo)?);
                for owner in &args.owner {
                    filter.owners.insert(aux_session::sig(family, owner)?);
                }
                let tiers = family.tiers().iter().map(|tier| tier.name.as_str());
                (tiers.collect(), &family.organization().systems)
            }
            Self::Index(index) => {
                let repos = index.entries.iter().filter_map(|entry| entry.repo.as_ref());
                let repos = repos.map(RepoName::as_str);
                filter.repos = named("repo", &args.repo, repos.collect())?;
                let owners = index
                    .entries
                    .iter()
                    .filter_map(|entry| entry.owner.as_ref());
                let owners = owners.map(SigName::as_str);
                filter.owners = named("SIG", &args.owner, owners.collect())?;
                let tiers = index.tiers.iter().map(TierName::as_str);
                (tiers.collect(), &index.systems)
            }
        };
        filter.tiers = named("tier", &args.tier, tiers)?;
        let systems = systems.iter().map(System::as_str);
        filter.systems = named("system", &args.system, systems.collect())?;
        filter.licenses.extend(args.license.iter().cloned());
        filter.is_broken = args.broken.then_some(true);
        filter.is_unfree = args.unfree.then_some(true);
        Ok(filter)
    }
}

/// Why an index cannot be had from where it is published.
fn no_index(error: &ForgeError) -> Failure {
    let hint = match error {
        ForgeError::NoFile { .. } => error.hint(),
        _ => None,
    };
    Failure::refused(
        error.to_string(),
        hint.unwrap_or("is the address the one of `index.json`, and is there a network?"),
    )
}

/// Names that a user typed, each one of those that there are.
fn named<N: FromStr + Ord>(
    what: &str,
    typed: &[String],
    known: BTreeSet<&str>,
) -> Result<BTreeSet<N>, Failure> {
    let mut named = BTreeSet::new();
    for name in typed {
        let found = known.contains(name.as_str()).then(|| name.parse().ok());
        let found = found.flatten().ok_or_else(|| {
            let all: Vec<&str> = known.iter().copied().take(20).collect();
            Failure::not_found(
                format!("there is no {what} `{}`", printable(name)),
                did_you_mean(name, known.iter().copied())
                    .unwrap_or_else(|| format!("there are {}", all.join(", "))),
            )
        })?;
        named.insert(found);
    }
    Ok(named)
}
