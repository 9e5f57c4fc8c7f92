//! `who`: who answers for a package, a module, an overlay, a repo or a file.

use aux_search::Search;
use std::io;
use std::path::Path;

use aux_arguments::Who;
use aux_model::answers::Owned;
use aux_model::{
    AttributeKind, BorrowScope, Family, Package, RelativePath, Sig, SigName, nearest, printable,
};
use aux_session::{Exit, Failure, GOOD, Report, Session, Terminal};
use serde::Serialize;

/// How to name a file.
const PATH: &str =
    "a file is named by its path from the directory of aux.toml on: `repos/python/flake.nix`";

pub(crate) fn run(session: &Session, args: &Who) -> Result<Exit, Failure> {
    let survey = session.survey()?;
    let catalog = &survey.family;
    let answers: Vec<Answer<'_>> = owned(catalog, survey.registry.root(), &args.what)?
        .into_iter()
        .map(|owned| Answer::of(catalog, owned))
        .collect();
    session.terminal.report(&Answers(answers))?;
    Ok(Exit::Fine)
}

struct Answers<'c>(Vec<Answer<'c>>);

impl Report for Answers<'_> {
    type Output = aux_output::Owners;

    fn output(&self) -> impl Serialize {
        aux_output::Owners {
            answers: self.0.iter().map(Answer::output).collect(),
        }
    }

    fn show(&self, terminal: &Terminal) -> io::Result<()> {
        self.0.iter().try_for_each(|answer| answer.show(terminal))
    }
}

/// What the user named: everything of that name, or what a file belongs to.
fn owned<'c>(catalog: &'c Family, root: &Path, text: &str) -> Result<Vec<Owned<'c>>, Failure> {
    let named = catalog.owned_by_name(text);
    if !named.is_empty() {
        return Ok(named);
    }
    if text.contains('/') {
        let path = text.trim_start_matches("./").trim_end_matches('/');
        let path: RelativePath = path
            .parse()
            .map_err(|error| Failure::refused(format!("`{}`: {error}", printable(text)), PATH))?;
        if let Some(found) = of_file(catalog, root, &path) {
            return Ok(vec![found]);
        }
    }
    let mut now = catalog.formerly(text).into_iter();
    let now = now.find_map(|former| former.to.map(|to| (to, former.sentence)));
    match now {
        Some((to, sentence)) => Err(Failure::not_found(
            format!("`{}` {sentence}", printable(text)),
            format!("`aux-gen who {to}`"),
        )),
        None => Err(nothing(catalog, text)),
    }
}

fn nothing(catalog: &Family, text: &str) -> Failure {
    let near = |name: &str| {
        let mut hits = catalog.search(name).into_iter();
        let hit = hits.find(|hit| hit.repo.is_some())?;
        Some(format!("did you mean `{hit}`?"))
    };
    let like_repo = |text: &str| {
        let repo = nearest(text, catalog.repos().map(|repo| repo.name.as_str()))?;
        Some(format!("did you mean `{repo}`?"))
    };
    let (why, help) = match text.split_once('/') {
        None => ("", near(text).or_else(|| like_repo(text))),
        Some((repo, name)) if catalog.repo(repo).is_some() => ("", near(name)),
        Some(_) => (", and no repo is checked out there", Some(PATH.to_owned())),
    };
    Failure::not_found(
        format!("nothing is called `{}`{why}", printable(text)),
        help.unwrap_or_else(|| "`aux-gen where \"\"` lists everything".to_owned()),
    )
}

/// What a file or directory below a repo's checkout belongs to, there or not.
fn of_file<'c>(catalog: &'c Family, root: &Path, path: &RelativePath) -> Option<Owned<'c>> {
    catalog.repos().find_map(|repo| {
        let rest = path.as_str().strip_prefix(repo.path.as_str())?;
        if rest.is_empty() {
            return Some(Owned::Repo(repo));
        }
        let file = rest.strip_prefix('/')?;
        Some(if root.join(path.as_str()).is_dir() {
            catalog.owned_by_path(repo, &format!("{file}/"))
        } else {
            catalog.owned_by_path(repo, file)
        })
    })
}

/// The repos that have a copy of a package.
fn borrowers(catalog: &Family, owned: Owned<'_>) -> Vec<String> {
    let repo = catalog.repo(owned.repo().as_str());
    let all = repo.map_or_else(Vec::new, |repo| catalog.borrowers(repo));
    let of_it = all.into_iter().filter(|(name, ..)| match owned {
        Owned::Package(package) => **name == package.id.name,
        _ => false,
    });
    of_it
        .map(|(_, repo, borrowed)| match borrowed.scope {
            BorrowScope::Own => repo.name.to_string(),
            BorrowScope::Family => format!("{} for the whole family", repo.name),
        })
        .collect()
}

/// Something and who answers for it.
struct Answer<'c> {
    owned: Owned<'c>,
    sig: &'c Sig,
    /// The SIG that runs the repo, if it is another one.
    host: Option<&'c SigName>,
    /// The accounts and teams that a forge asks for a review, as mentions.
    reviewers: Vec<String>,
    /// The repos that have a copy of it.
    borrowers: Vec<String>,
}

impl<'c> Answer<'c> {
    fn of(catalog: &'c Family, owned: Owned<'c>) -> Self {
        let host = catalog
            .repo(owned.repo().as_str())
            .map(|repo| &repo.sig)
            .filter(|sig| *sig != owned.sig());
        Self {
            owned,
            sig: catalog
                .sig(owned.sig().as_str())
                .expect("a catalog has the SIG of whatever is owned"),
            host,
            borrowers: borrowers(catalog, owned),
            reviewers: catalog
                .owners(&owned)
                .iter()
                .map(ToString::to_string)
                .collect(),
        }
    }

    fn output(&self) -> aux_output::Owned {
        fn texts<T: ToString>(all: impl IntoIterator<Item = T>) -> Vec<String> {
            all.into_iter().map(|one| one.to_string()).collect()
        }
        aux_output::Owned {
            kind: self.owned.kind().to_string(),
            repo: self.owned.repo().to_string(),
            name: self.owned.name().to_string(),
            attributes: match self.owned {
                Owned::Package(package) => other_names(package),
                Owned::Repo(_) | Owned::Module(_) | Owned::Overlay(_) | Owned::Member(..) => {
                    Vec::new()
                }
            },
            owner: self.sig.name.to_string(),
            leads: texts(&self.sig.leads),
            team: self.sig.team.as_ref().map(ToString::to_string),
            maintainers: texts(self.owned.maintainers()),
            contact: self.sig.contact.clone(),
            borrowers: self.borrowers.clone(),
            reviewers: self.reviewers.clone(),
            repo_sig: self.host.unwrap_or(&self.sig.name).to_string(),
        }
    }

    fn show(&self, terminal: &Terminal) -> io::Result<()> {
        let owned = self.owned;
        let verb = match owned {
            Owned::Repo(_) => "run",
            Owned::Package(_) | Owned::Module(_) | Owned::Overlay(_) | Owned::Member(..) => "owned",
        };
        terminal.result(format!(
            "{} {GOOD}{owned}{GOOD:#} is {verb} by SIG {}",
            owned.kind(),
            self.sig.name
        ))?;
        let line = |what: &str, value: String| match value.as_str() {
            "" => Ok(()),
            value => terminal.result(format!("  {what}: {value}")),
        };
        line("leads", mentions(&self.sig.leads))?;
        line("team", mentions(&self.sig.team))?;
        line("maintainers", mentions(owned.maintainers()))?;
        line("contact", self.sig.contact.clone().unwrap_or_default())?;
        line("borrowed by", self.borrowers.join(", "))?;
        line("asked for reviews", self.reviewers.join(", "))?;
        if let Some(host) = self.host {
            terminal.result(format!(
                "  placed in repo {}, which SIG {host} runs",
                owned.repo()
            ))?;
        }
        Ok(())
    }
}

fn mentions<T: ToString>(accounts: impl IntoIterator<Item = T>) -> String {
    let mentions: Vec<String> = accounts
        .into_iter()
        .map(|account| format!("@{}", account.to_string()))
        .collect();
    mentions.join(", ")
}

/// Attributes of a package besides its own, which may be an alias itself.
fn other_names(package: &Package) -> Vec<String> {
    package
        .attributes()
        .into_iter()
        .filter(|(name, kind)| *name != package.id.name || matches!(kind, AttributeKind::Alias(_)))
        .map(|(name, _)| name.to_string())
        .collect()
}
