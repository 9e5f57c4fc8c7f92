//! What was found, and how it is shown.

use std::fmt::Display;
use std::io;

use aux_arguments::Where;
use aux_model::printable;
use aux_search::{FormerName, Hit, HitFilter, HitKind, Match};
use aux_session::{DIM, Exit, Failure, GOOD, NOTE, Report, Session, Terminal};
use serde::Serialize;

use crate::commands::find::known::Known;

/// More hits than this are printed only if asked for.
const FEW: usize = 20;

pub(crate) fn run(session: &Session, args: &Where) -> Result<Exit, Failure> {
    let known = Known::of(session, args)?;
    let asked = Asked {
        query: args.query.join(" "),
        filter: known.filter(args)?,
    };
    let mut hits = known.hits(&asked.query, &asked.filter);
    let former = known.formerly(asked.query.trim());
    // A misspelling is a guess; what the thing is called now is known.
    let is_guess = hits.iter().all(|hit| hit.matched == Match::Fuzzy);
    if is_guess && !former.is_empty() {
        let now = former.iter().filter_map(|former| former.to.as_deref());
        let now = now.flat_map(|name| known.hits(name, &asked.filter));
        hits = now.filter(|hit| hit.matched == Match::Exact).collect();
    }
    if hits.is_empty() && former.is_empty() {
        return Err(Failure::not_found(
            asked.in_vain(" or like it"),
            asked.way_out(&known),
        ));
    }
    let all = args.all;
    session.terminal.report(&Found {
        hits,
        former,
        asked,
        all,
    })?;
    Ok(Exit::Fine)
}

#[derive(Serialize)]
struct Found {
    hits: Vec<Hit>,
    former: Vec<FormerName>,
    #[serde(skip)]
    asked: Asked,
    /// Whether all hits are shown, however many there are.
    #[serde(skip)]
    all: bool,
}

impl Report for Found {
    type Output = aux_output::Found;

    fn output(&self) -> impl Serialize {
        self
    }

    fn show(&self, terminal: &Terminal) -> io::Result<()> {
        for former in &self.former {
            let kind = if former.kind == "sig" {
                "SIG"
            } else {
                &former.kind
            };
            terminal.say(format!(
                "{NOTE}formerly{NOTE:#} the {kind} `{}` {}",
                former.name, former.sentence
            ));
        }
        let is_guess = |hit: &Hit| hit.matched == Match::Fuzzy;
        if !self.hits.is_empty() && self.hits.iter().all(is_guess) {
            terminal.say(format!("{}; did you mean:", self.asked.in_vain("")));
        }
        let shown = if self.all { self.hits.len() } else { FEW };
        for hit in self.hits.iter().take(shown) {
            terminal.result(text(hit))?;
        }
        let more = self.hits.len().saturating_sub(shown);
        if more > 0 {
            terminal.say(format!("and {more} more; `--all` prints them"));
        }
        Ok(())
    }
}

/// What the user looks for.
struct Asked {
    query: String,
    filter: HitFilter,
}

impl Asked {
    /// That there is no such thing, as one sentence.
    fn in_vain(&self, or_like_it: &str) -> String {
        let Self { query, filter } = self;
        let mut scope = if filter.kinds.is_empty() {
            "nothing".to_owned()
        } else {
            format!("no {}", either(filter.kinds.iter().map(|kind| word(*kind))))
        };
        if !filter.repos.is_empty() {
            let repos = filter.repos.iter().map(|repo| format!("`{repo}`"));
            scope.push_str(&format!(" in repo {}", either(repos)));
        }
        if !filter.owners.is_empty() {
            let sigs = filter.owners.iter().map(|sig| format!("`{sig}`"));
            scope.push_str(&format!(" of SIG {}", either(sigs)));
        }
        if !filter.tiers.is_empty() {
            let tiers = filter.tiers.iter().map(|tier| format!("`{tier}`"));
            scope.push_str(&format!(" on tier {}", either(tiers)));
        }
        if !filter.licenses.is_empty() {
            let licenses = filter.licenses.iter();
            let licenses = licenses.map(|license| format!("`{}`", printable(license)));
            scope.push_str(&format!(" under {}", either(licenses)));
        }
        if filter.is_unfree == Some(true) {
            scope.push_str(" that is not free");
        }
        let of_systems = filter.systems.iter().map(|system| format!("`{system}`"));
        match (filter.is_broken, filter.systems.is_empty()) {
            (Some(true), true) => scope.push_str(" that is broken"),
            (Some(true), false) => {
                scope.push_str(&format!(" that is broken on {}", either(of_systems)));
            }
            (_, false) => scope.push_str(&format!(" for {}", either(of_systems))),
            (_, true) => {}
        }
        let query = printable(query);
        match query.split_whitespace().count() {
            0 => format!("there is {scope}"),
            1 => format!("{scope} is called `{query}`{or_like_it}"),
            _ => format!("{scope} fits each word of `{query}`"),
        }
    }

    fn way_out(&self, known: &Known) -> String {
        let without = if self.filter.is_empty() {
            0
        } else {
            known.hits(&self.query, &HitFilter::default()).len()
        };
        match without {
            0 => "`aux-gen where \"\" --all` lists everything".to_owned(),
            1 => "without the filters there is 1 hit".to_owned(),
            more => format!("without the filters there are {more} hits"),
        }
    }
}

/// A hit in two or three lines: what it is, how to get at it, its other names.
fn text(hit: &Hit) -> String {
    let kind = word(hit.kind);
    let mut text = format!("{GOOD}{hit}{GOOD:#} {DIM}{kind}{DIM:#}");
    if let Some(target) = &hit.alias_of {
        text.push_str(&format!(" {DIM}= {target}{DIM:#}"));
    } else if let Some(package) = &hit.part_of {
        text.push_str(&format!(" {DIM}of {package}{DIM:#}"));
    }
    for words in hit.full_name.iter().chain(&hit.description) {
        text.push_str(&format!("  {}", printable(&words.replace('\n', " "))));
    }
    let parts = [
        hit.reference
            .as_ref()
            .map(|reference| format!("{NOTE}{reference}{NOTE:#}")),
        belongs(hit),
        listed("led by ", hit.leads.iter().map(|lead| format!("@{lead}"))),
        listed(
            "maintained by ",
            hit.maintainers.iter().map(|handle| format!("@{handle}")),
        ),
        listed("in SIG ", &hit.sigs),
        hit.contact.as_deref().map(printable),
    ];
    push_line(&mut text, parts);
    let names = [
        listed("variants ", &hit.variants),
        listed("aliases ", &hit.aliases),
        listed("members ", &hit.members),
    ];
    push_line(&mut text, names);
    text
}

/// What there is of the parts, on a line of its own.
fn push_line<const N: usize>(text: &mut String, parts: [Option<String>; N]) {
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if !parts.is_empty() {
        text.push_str(&format!("\n  {}", parts.join("  ")));
    }
}

/// Who answers for it; a SIG does for itself, which goes without saying.
fn belongs(hit: &Hit) -> Option<String> {
    let owner = hit.owner.as_ref()?;
    match hit.kind {
        HitKind::Package
        | HitKind::Builder
        | HitKind::Member
        | HitKind::Module
        | HitKind::Option
        | HitKind::Overlay => Some(format!("owned by SIG {owner}")),
        HitKind::Repo => Some(format!("run by SIG {owner}")),
        HitKind::Sig | HitKind::Person => None,
    }
}

fn listed(verb: &str, names: impl IntoIterator<Item = impl Display>) -> Option<String> {
    let names: Vec<String> = names.into_iter().map(|name| name.to_string()).collect();
    (!names.is_empty()).then(|| format!("{verb}{}", names.join(", ")))
}

/// "`a`, `b` or `c`".
fn either(names: impl IntoIterator<Item = impl Display>) -> String {
    let names: Vec<String> = names.into_iter().map(|name| name.to_string()).collect();
    match names.as_slice() {
        [first @ .., last] if !first.is_empty() => format!("{} or {last}", first.join(", ")),
        names => names.concat(),
    }
}

fn word(kind: HitKind) -> &'static str {
    match kind {
        HitKind::Sig => "SIG",
        kind => kind.as_str(),
    }
}
