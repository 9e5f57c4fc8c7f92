//! `place`: where a package belongs, and why.

use aux_model::answers::Rule;

use super::why::packages;
use crate::cli::Place;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::session::Session;
use crate::terminal::{GOOD, counted};

pub(crate) fn run(session: &Session, args: &Place) -> Result<Exit, Failure> {
    let survey = session.survey()?;
    let observed = survey.observed(args.scan)?;
    let graph = survey.catalog.graph_with(&observed);
    let terminal = &session.terminal;
    if args.all {
        let sinking = graph.sinking();
        if terminal.is_json() {
            terminal.json(&sinking)?;
            return Ok(Exit::Fine);
        }
        for package in &sinking {
            terminal.result(format!(
                "{GOOD}{}{GOOD:#} could stand in {}, which sees all it needs",
                package.package, package.to
            ))?;
        }
        terminal.say(format!(
            "{}; `aux-gen core` says what core holds without need",
            counted(sinking.len(), "package")
        ));
        return Ok(Exit::Fine);
    }
    let needs = packages(&graph, &args.depends_on)?;
    let placement = graph.place(&needs);
    if terminal.is_json() {
        terminal.json(&placement)?;
        return Ok(Exit::Fine);
    }
    let name = args.name.as_deref().unwrap_or("it");
    terminal.result(format!("{name} goes to {GOOD}{}{GOOD:#}", placement.repo))?;
    let witnesses: Vec<String> = placement
        .witnesses
        .iter()
        .map(ToString::to_string)
        .collect();
    let witnesses = witnesses.join(", ");
    terminal.result(match placement.rule {
        Rule::HoldsTheHighest if witnesses.is_empty() => {
            "  because it needs nothing, and core is the lowest repo".to_owned()
        }
        Rule::HoldsTheHighest => format!("  because {witnesses} stands highest of what it needs, and this is the lowest repo that sees all of it"),
        Rule::NextTier => format!("  because no repo on the tier of {witnesses} sees all it needs, and this is the lowest above that does"),
        Rule::TopLevel => format!("  because only top-level sees all of {witnesses}; it is one of top-level's own"),
    })?;
    terminal.result(format!("  owned by SIG {}", placement.owner))?;
    if !placement.watchers.is_empty() {
        let watchers: Vec<String> = placement.watchers.iter().map(ToString::to_string).collect();
        terminal.result(format!("  watched by SIG {}", watchers.join(", ")))?;
    }
    let others: Vec<String> = placement
        .alternatives
        .iter()
        .map(|candidate| candidate.repo.to_string())
        .collect();
    if !others.is_empty() {
        terminal.result(format!("  else {}", others.join(", ")))?;
    }
    Ok(Exit::Fine)
}
