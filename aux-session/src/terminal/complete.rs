//! Completions of a shell that know the family: names of repos, packages, SIGs and the like, from the
//! manifest that is here or above.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use aux_gen::disk::Registry;
use aux_model::Family;
use clap::{Arg, Command};
use clap_complete::env::CompleteEnv;
use clap_complete::{ArgValueCompleter, CompletionCandidate};

/// Candidates that a shell is given at most: more are not read.
const MOST: usize = 500;

/// Answers a shell that asks for completions, and ends then.
pub fn complete(command: impl Fn() -> Command) {
    CompleteEnv::with_factory(|| knowing(command())).complete();
}

/// The command, with completers for arguments whose value is a name of the family.
fn knowing(command: Command) -> Command {
    let command = command.mut_args(|argument| {
        let kind = kind_of(&argument);
        match kind {
            Some(kind) => {
                let names = move |typed: &OsStr| candidates(kind, typed);
                argument.add(ArgValueCompleter::new(names))
            }
            None => argument,
        }
    });
    command.mut_subcommands(knowing)
}

/// What a value names.
#[derive(Clone, Copy)]
enum Kind {
    Repo,
    Package,
    /// REPO/NAME, whether there is a package of that name or there will be.
    Whole,
    Sig,
    Person,
    Tier,
    System,
    Licence,
    Channel,
    /// Anything that `where` finds by name.
    Thing,
}

/// What an argument names, by the name of its value in the help.
fn kind_of(argument: &Arg) -> Option<Kind> {
    let id = argument.get_id().as_str();
    let names = argument.get_value_names();
    let name = names.and_then(|names| names.first());
    if id == "channel" {
        return Some(Kind::Channel);
    }
    let name = name.map_or_else(|| id.to_uppercase(), ToString::to_string);
    Some(match name.as_str() {
        "REPO" | "REPOS" => Kind::Repo,
        "PACKAGE" | "PACKAGES" => Kind::Package,
        whole if whole.starts_with("REPO/") || whole.starts_with("[REPO/") => Kind::Whole,
        "SIG" | "SIGS" | "OWNER" => Kind::Sig,
        "HANDLE" => Kind::Person,
        "TIER" => Kind::Tier,
        "SYSTEM" => Kind::System,
        "LICENCE" => Kind::Licence,
        "QUERY" | "FROM" | "TO" | "WHAT" => Kind::Thing,
        _ => return None,
    })
}

/// Names of the family that go on as what is typed. Where no manifest can be read there is none: a
/// shell that completes is no place for errors.
fn candidates(kind: Kind, typed: &OsStr) -> Vec<CompletionCandidate> {
    let Some(typed) = typed.to_str() else {
        return Vec::new();
    };
    let survey = Registry::find(&directory(std::env::args_os()))
        .ok()
        .and_then(|registry| registry.survey().ok());
    let Some((Ok(survey), _)) = survey else {
        return Vec::new();
    };
    names(&survey.family, kind, typed)
        .into_iter()
        .filter(|(name, _)| name.starts_with(typed))
        .take(MOST)
        .map(|(name, help)| CompletionCandidate::new(name).help(help.map(Into::into)))
        .collect()
}

/// The folder that a command line is about, as `-C` says: what is typed so far stands behind `--`.
fn directory(words: impl IntoIterator<Item = OsString>) -> PathBuf {
    let words: Vec<OsString> = words.into_iter().skip_while(|word| word != "--").collect();
    let named = words
        .windows(2)
        .find(|pair| pair[0] == "-C" || pair[0] == "--directory");
    let joined = || {
        words.iter().find_map(|word| {
            let word = word.to_str()?;
            word.strip_prefix("--directory=")
                .or_else(|| word.strip_prefix("-C").filter(|rest| !rest.is_empty()))
        })
    };
    match named {
        Some(pair) => PathBuf::from(&pair[1]),
        None => joined().map_or_else(|| PathBuf::from("."), PathBuf::from),
    }
}

/// Names of a kind, each with what it is.
fn names(family: &Family, kind: Kind, typed: &str) -> Vec<(String, Option<String>)> {
    let repos = || {
        let repos = family.repos();
        repos.map(|repo| (repo.name.to_string(), repo.description.clone()))
    };
    let sigs = || {
        let sigs = family.sigs();
        sigs.map(|sig| (sig.name.to_string(), sig.description.clone()))
    };
    // With a slash it is REPO/NAME that is typed.
    let is_whole = typed.contains('/') || matches!(kind, Kind::Whole);
    let packages = || {
        family.packages().map(move |package| {
            let id = &package.id;
            let name = if is_whole {
                id.to_string()
            } else {
                id.name.to_string()
            };
            (name, package.description.clone())
        })
    };
    match kind {
        Kind::Repo => repos().collect(),
        Kind::Sig => sigs().collect(),
        Kind::Package => packages().collect(),
        Kind::Whole if typed.contains('/') => packages().collect(),
        Kind::Whole => repos().map(|(name, help)| (name + "/", help)).collect(),
        Kind::Thing => repos().chain(packages()).chain(sigs()).collect(),
        Kind::Person => family
            .people()
            .map(|person| (person.handle.to_string(), person.name.clone()))
            .collect(),
        Kind::Tier => family
            .tiers()
            .iter()
            .map(|tier| (tier.name.to_string(), tier.description.clone()))
            .collect(),
        Kind::Licence => {
            let licences = family
                .packages()
                .filter_map(|package| package.license.clone());
            let licences: BTreeSet<String> = licences.collect();
            licences
                .into_iter()
                .map(|licence| (licence, None))
                .collect()
        }
        Kind::Channel => family
            .channels()
            .iter()
            .map(|channel| (channel.name.to_string(), channel.description.clone()))
            .collect(),
        Kind::System => {
            let systems = family.organization().systems.iter();
            systems.map(|system| (system.to_string(), None)).collect()
        }
    }
}
