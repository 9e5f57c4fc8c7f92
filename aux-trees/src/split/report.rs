//! What `split` prints.

use std::fmt::Write;
use std::io;

use aux_adopt::ready::State;
use aux_adopt::split::{BuiltFamily, Clash, Pin, Placed, RelationNote};
use aux_model::Wiring;
use aux_session::{BAD, DIM, GOOD, NOTE, Report, Terminal, counted, size};
use serde::Serialize;

use crate::snapshot::compared;
use crate::split::json::{PlanReport, repos, sets as set_reports};
use crate::split::lacking::lacking;
use crate::split::placement::{FEW, placement, reason};
use crate::split::plan::Plan;
use crate::split::verify::{Compared, Verified};

/// The plan, and what came of it if it was carried out.
pub(super) struct Planned<'a> {
    pub(super) plan: &'a Plan,
    pub(super) done: Option<(&'a BuiltFamily, Option<&'a Verified>)>,
}

impl Report for Planned<'_> {
    type Output = aux_output::SplitPlan;

    fn output(&self) -> impl Serialize {
        PlanReport::of(self.plan, self.done)
    }

    fn show(&self, terminal: &Terminal) -> io::Result<()> {
        let &Self { plan, done } = self;
        notes(terminal, plan);
        let mut text = table(plan);
        sets(&mut text, plan);
        // With many repos the table says enough.
        if terminal.is_verbose() || plan.rules.repos().len() <= FEW {
            placements(&mut text, plan, terminal.is_verbose());
            lacking(&mut text, plan, terminal.is_verbose());
        }
        pins(&mut text, plan, terminal.is_verbose());
        core(&mut text, plan);
        terminal.raw(&text)?;
        match done {
            None => terminal.say(
                "nothing is written. Next:
  aux-gen split ... --apply DIR --verify    makes the family in DIR and compares every attribute",
            ),
            Some((made, None)) => made_it(terminal, made),
            Some((made, Some(verified))) => {
                let sets: Vec<String> = verified.sets.iter().map(same).collect();
                terminal.raw(&sets.concat())?;
                made_it(terminal, made);
            }
        }
        Ok(())
    }
}

fn made_it(terminal: &Terminal, made: &BuiltFamily) {
    let place = made.path.display();
    terminal.say(format!(
        "{GOOD}made{GOOD:#} {place}. What was wrong in the tree is wrong in it too. Next:
  aux-gen -C {place} check --base HEAD            what is new; without `--base`, all
  aux-gen -C {place} eval --save before.json      later: eval --compare before.json"
    ));
}

/// One compared set: its differences, or that there are none.
fn same(set: &Compared) -> String {
    let name = match set.set.as_str() {
        "" => String::new(),
        name => format!("{name}: "),
    };
    if set.derivations == 0 {
        return format!(
            "{BAD}nothing{BAD:#}: {name}none of {} is a derivation, so there is nothing to compare\n",
            counted(set.attributes, "attribute")
        );
    }
    let mut text = String::new();
    if !set.other_reasons.is_empty() {
        let shown: Vec<&str> = set
            .other_reasons
            .iter()
            .take(FEW)
            .map(String::as_str)
            .collect();
        let _ = writeln!(
            text,
            "{NOTE}note{NOTE:#} {name}{} for another reason, of the same sort: {}",
            match set.other_reasons.len() {
                1 => "1 attribute fails".to_owned(),
                many => format!("{many} attributes fail"),
            },
            shown.join(", ")
        );
    }
    if set.differences.is_empty() {
        let _ = writeln!(
            text,
            "{GOOD}same{GOOD:#}: {name}{} evaluate to what they did: {} with the same path, {} fail as before, {} are sets, functions and the like",
            counted(set.attributes, "attribute"),
            counted(set.derivations, "derivation"),
            set.failed,
            set.others,
        );
        return text;
    }
    let lists = &set.differences;
    let count = lists.changed.len() + lists.removed.len() + lists.now_failing.len();
    format!(
        "{text}{}{BAD}different{BAD:#}: {name}{count} of {} are not what they were\n",
        compared(&set.after, lists),
        counted(set.attributes, "attribute"),
    )
}

fn table(plan: &Plan) -> String {
    let rows = repos(plan);
    let width = rows.iter().map(|row| row.repo.len()).max().unwrap_or(0);
    let width = width.max("repo".len());
    let mut text = format!(
        "{:width$}  {:>8}  {:>17}  {:>9}  {:>14}\n",
        "repo", "packages", "offers alone", "download", "to use alone"
    );
    for row in &rows {
        let alone = row.offered_alone.zip(row.derivations);
        let alone = alone.map_or("not known".to_owned(), |(offered, all)| {
            format!("{offered} of {all}")
        });
        let _ = writeln!(
            text,
            "{:width$}  {:>8}  {alone:>17}  {:>9}  {:>14}",
            row.repo,
            row.packages,
            bytes(row.bytes),
            bytes(row.bytes_alone)
        );
    }
    let offered = plan.measured.snapshot.as_ref();
    let offered = offered.map_or(String::new(), |snapshot| {
        format!(
            ", {} of {}",
            counted(snapshot.derivations(), "derivation"),
            counted(snapshot.attributes.len(), "attribute")
        )
    });
    let tree = plan.measured.download.as_ref();
    let tree = tree.map_or(String::new(), |download| {
        format!(", {} to download", size(download.tree))
    });
    let _ = writeln!(
        text,
        "{DIM}now, in one tree: {}{offered}{tree}{DIM:#}",
        counted(plan.monorepo.packages(), "package"),
    );
    text
}

/// The package sets of which rules name members: what was looked at, and how much of it goes where.
fn sets(text: &mut String, plan: &Plan) {
    for report in set_reports(plan) {
        let goes = report.placed.iter().filter(|member| member.pins.is_empty());
        let stays = report.placed.len() - goes.clone().count();
        let how = match (report.hook, report.closed) {
            (_, Some(reason)) => format!("none can leave it: {reason}"),
            (Some(hook), None) => format!(
                "{} added to by `{hook}`; {} go, {stays} that rules want elsewhere stay",
                counted(report.instances.len(), "instance"),
                goes.count()
            ),
            (None, None) => "nothing is known of it".to_owned(),
        };
        let unknown = match report.without_value.len() {
            0 => String::new(),
            many => format!(", and {many} without a value, which stay"),
        };
        let _ = writeln!(
            text,
            "{NOTE}set{NOTE:#} {}: {}{unknown}; {how}",
            report.set,
            counted(report.members, "member"),
        );
    }
}

/// Bytes, if they are known.
fn bytes(bytes: Option<u64>) -> String {
    bytes.map_or("not known".to_owned(), size)
}

/// What moves, by repo; or every package with its reason: what moves first.
fn placements(text: &mut String, plan: &Plan, all: bool) {
    for repo in plan.rules.repos() {
        let units = plan.assignment.of_repo(Some(repo));
        let units = units.map(|name| (name.to_string(), &plan.assignment.placed[name]));
        let members = plan.assignment.members.iter();
        let members = members.filter(|(_, placed)| placed.repo() == Some(repo));
        let members = members.map(|((set, name), placed)| (format!("{set}.{name}"), placed));
        let units: Vec<(String, &Placed)> = units.chain(members).collect();
        if all {
            for (name, placed) in units {
                let (_, because) = placement(placed, &plan.rest);
                let _ = writeln!(text, "{NOTE}moves{NOTE:#} {name} to {repo}: {because}");
            }
        } else if !units.is_empty() {
            /// As many as fit in two lines.
            const MANY: usize = 16;
            let shown: Vec<&str> = units
                .iter()
                .take(MANY)
                .map(|(name, _)| name.as_str())
                .collect();
            let more = match units.len().saturating_sub(MANY) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            let _ = writeln!(
                text,
                "{NOTE}moves{NOTE:#} to {repo}: {}{more}",
                shown.join(", ")
            );
        }
    }
    if all {
        let stay = plan.assignment.of_repo(None);
        let unwanted = stay.filter(|name| {
            let placed = &plan.assignment.placed[*name];
            placed.wanted.is_none() && placed.pins.is_empty()
        });
        let _ = writeln!(
            text,
            "{NOTE}stays{NOTE:#} in {}, since no rule speaks of it: {}",
            plan.rest,
            counted(unwanted.count(), "package")
        );
    }
}

/// What a rule wants elsewhere and that stays in core.
fn pins(text: &mut String, plan: &Plan, all: bool) {
    let packages = plan.assignment.pinned();
    let packages = packages.map(|(name, placed)| (name.to_string(), placed));
    let members = plan.assignment.members.iter();
    let members = members.filter(|(_, placed)| placed.wanted.is_some() && !placed.pins.is_empty());
    let members = members.map(|((set, name), placed)| (format!("{set}.{name}"), placed));
    let pinned: Vec<(String, &Placed)> = packages.chain(members).collect();
    let listed = if all { pinned.len() } else { FEW };
    for (name, placed) in pinned.iter().take(listed) {
        let because = placed.pins.first().map(reason).unwrap_or_default();
        // The manifest says who owns a package; core's sets are core's own to list.
        let owns = if name.contains('.') { "wants" } else { "owns" };
        let owner = placed.wanted.as_ref().map_or(String::new(), |wanted| {
            format!("; SIG {} {owns} it: {}", wanted.repo, wanted.because)
        });
        let _ = writeln!(
            text,
            "{NOTE}stays{NOTE:#} {name} in {}: {because}{owner}",
            plan.rest
        );
    }
    if let Some(more) = pinned.len().checked_sub(listed).filter(|more| *more > 0) {
        let _ = writeln!(
            text,
            "{NOTE}stays{NOTE:#} {more} more in {}, which `--verbose` lists",
            plan.rest
        );
    }
}

/// What the core has that the tree stands over.
fn over(text: &mut String, plan: &Plan) {
    let is_tied = |placed: &Placed| {
        let pins = placed.pins.iter();
        pins.filter(|pin| matches!(pin, Pin::Path { other: None, .. }))
            .count()
            > 0
    };
    if plan.assignment.placed.values().any(is_tied) {
        let _ = writeln!(
            text,
            "{NOTE}note{NOTE:#} what {} lists one by one is tied to it: `aux-gen relayout {} --over CORE --apply` first",
            plan.rest,
            plan.monorepo.root().display()
        );
    }
    for (name, repo) in plan.relations.stubs().iter().take(FEW) {
        let place = plan.relations.asked.get(name);
        let place = place.map_or(String::new(), |place| format!(" in {place}"));
        let _ = writeln!(
            text,
            "{NOTE}asks{NOTE:#} {} asks for `{name}`{place}, which moves to {repo}: it has it from the package set only, and not from a set of its own",
            plan.rest
        );
    }
    if plan.of_core.is_empty() {
        return;
    }
    let shown: Vec<&str> = plan.of_core.iter().take(FEW).map(String::as_str).collect();
    let more = match plan.of_core.len() - shown.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let _ = writeln!(
        text,
        "{NOTE}core{NOTE:#} has {} too, and {} takes {} place, as in the tree: {}{more}",
        counted(plan.of_core.len(), "attribute"),
        plan.rest,
        if plan.of_core.len() == 1 {
            "its"
        } else {
            "their"
        },
        shown.join(", ")
    );
}

/// What changes in core.
fn core(text: &mut String, plan: &Plan) {
    if plan.is_over_core() {
        over(text, plan);
        return;
    }
    let stubs = plan.relations.stubs().len();
    match plan.wiring {
        Wiring::Layers => {
            let missing = plan.readiness.places.iter();
            for place in missing.filter(|place| place.state == State::Missing) {
                let line = place.line.map_or(String::new(), |line| format!(":{line}"));
                let _ = writeln!(
                    text,
                    "{NOTE}core{NOTE:#} {}{line} gets {}: {}",
                    place.file, place.what, place.why
                );
            }
            if stubs > 0 {
                let _ = writeln!(
                    text,
                    "{NOTE}core{NOTE:#} asks for {} that it will not have, and gets stubs that say who does",
                    counted(stubs, "name")
                );
            }
        }
        Wiring::Overlays | Wiring::Packages | Wiring::Nothing => {
            let _ = writeln!(
                text,
                "{NOTE}core{NOTE:#} takes overlays and stays as it is. What then differs: packages that moved come after everything in core that overrides them, {} core asks for have no stub where their repo is missing, and `--verify` names every attribute that is another",
                counted(stubs, "name")
            );
            for place in plan.readiness.unknown() {
                if let State::Unknown { reason } = &place.state {
                    let _ = writeln!(
                        text,
                        "{NOTE}core{NOTE:#} {}: {} is not possible: {reason}",
                        place.file, place.what
                    );
                }
            }
        }
    }
}

fn notes(terminal: &Terminal, plan: &Plan) {
    let mut lines: Vec<String> = Vec::new();
    for idle in &plan.assignment.idle {
        lines.push(match &idle.defined_in {
            None => format!("{}: {} fits nothing", idle.repo, idle.rule),
            Some(file) => format!(
                "{}: {} stays in {}: `{file}` defines it, and no folder of packages does",
                idle.repo, idle.rule, plan.rest
            ),
        });
    }
    for (root, reason) in &plan.evidence.without_value {
        lines.push(format!(
            "what core needs to boot `{root}` is not known: {reason}"
        ));
    }
    let important = lines.len();
    for note in &plan.relations.notes {
        lines.push(match note {
            RelationNote::BothWays {
                attribute,
                needed,
                optional,
            } => format!(
                "core asks for `{attribute}` in {needed}, and with a default in {optional}: where it is missing, its stub takes the place of the default"
            ),
            RelationNote::Below { attribute, needed } => format!(
                "core needs `{attribute}` in {needed}, and asks elsewhere whether what it overrides has it: it gets no stub"
            ),
            RelationNote::Nameless { package, attribute } => format!(
                "`{package}` asks for `{attribute}`, which is no package: where its repo is missing, `{package}` cannot be evaluated"
            ),
            RelationNote::Member {
                package,
                member,
                repo,
                other,
            } => format!(
                "`{package}` of {repo} is made from `{member}`, which goes to {other}: edges of packages name no members, so put `{other}` into the `uses` of {repo}"
            ),
            RelationNote::Cycle { package, attribute } => format!(
                "`{package}` needs `{attribute}`, which needs it too, attribute by attribute: the manifest says only one of the two"
            ),
        });
    }
    for note in plan.monorepo.notes() {
        let file = note.file.map_or(String::new(), |file| format!("{file}: "));
        lines.push(format!("{file}{}", note.message));
    }
    let listed = if terminal.is_verbose() {
        lines.len()
    } else {
        important.max(FEW)
    };
    for line in lines.iter().take(listed) {
        terminal.warn(format!("{NOTE}note{NOTE:#} {line}"));
    }
    if let Some(more) = lines.len().checked_sub(listed).filter(|more| *more > 0) {
        terminal.warn(format!(
            "{NOTE}note{NOTE:#} and {more} more, which `--verbose` lists"
        ));
    }
}

/// Packages that rules of several repos claim.
#[derive(Serialize)]
pub(super) struct Clashes<'a> {
    pub(super) clashes: &'a [Clash],
}

impl Report for Clashes<'_> {
    type Output = aux_output::SplitClashes;

    fn output(&self) -> impl Serialize {
        self
    }

    fn show(&self, terminal: &Terminal) -> io::Result<()> {
        for clash in self.clashes {
            let claims: Vec<String> = clash
                .claims
                .iter()
                .map(|claim| format!("{} ({})", claim.repo, claim.because))
                .collect();
            terminal.warn(format!(
                "{BAD}clash{BAD:#} {}: {}",
                clash.package,
                claims.join(" and ")
            ));
        }
        terminal.warn(format!(
        "{BAD}error{BAD:#}: rules of several repos claim {}; each goes to one repo as a whole. Name it exactly in one of them: that is stronger than a pattern",
        counted(self.clashes.len(), "package")
    ));
        Ok(())
    }
}
