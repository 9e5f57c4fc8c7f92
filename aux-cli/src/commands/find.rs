//! `where`: finds packages, variants, modules and overlays.

use aux_model::{Hit, HitKind, Match, printable};

use crate::cli::Where;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::session::Session;
use crate::terminal::{DIM, GOOD, NOTE};

pub(crate) fn run(session: &Session, args: &Where) -> Result<Exit, Failure> {
    let family = session.family()?;
    let hits = family.catalog.search(&args.query);
    if session.terminal.is_json() {
        session.terminal.json(&hits)?;
        return Ok(if hits.is_empty() {
            Exit::Error
        } else {
            Exit::Fine
        });
    }
    if hits.is_empty() {
        return Err(Failure::refused(
            format!("nothing is called `{}` or like it", printable(&args.query)),
            "`aux-gen where \"\"` lists everything",
        ));
    }
    if hits.iter().all(|hit| hit.matched == Match::Fuzzy) {
        session.terminal.say(format!(
            "nothing is called `{}`; did you mean:",
            printable(&args.query)
        ));
    }
    for hit in &hits {
        session.terminal.result(shown(hit))?;
    }
    Ok(Exit::Fine)
}

fn shown(hit: &Hit) -> String {
    let kind = match hit.kind {
        HitKind::Package => "package",
        HitKind::Builder => "builder",
        HitKind::Module => "module",
        HitKind::Overlay => "overlay",
    };
    let mut text = format!("{GOOD}{}/{}{GOOD:#} {DIM}{kind}{DIM:#}", hit.repo, hit.name);
    if let Some(target) = &hit.alias_of {
        text.push_str(&format!(" {DIM}= {target}{DIM:#}"));
    }
    if let Some(description) = &hit.description {
        text.push_str(&format!("  {}", printable(&description.replace('\n', " "))));
    }
    text.push_str(&format!(
        "\n  {NOTE}{}{NOTE:#}  owned by SIG {}",
        hit.reference, hit.owner
    ));
    text
}
