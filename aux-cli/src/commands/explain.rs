//! `explain`: what a problem's code means.

use aux_model::Code;
use serde_json::json;

use crate::cli::Explain;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::session::Session;
use crate::terminal::NOTE;

pub(crate) fn run(session: &Session, args: &Explain) -> Result<Exit, Failure> {
    let codes: Vec<Code> = match &args.code {
        None => Code::ALL.to_vec(),
        Some(text) => vec![text.parse().map_err(|error| {
            let known = Code::ALL.iter().map(|code| code.as_str());
            Failure::refused(
                format!("{error}"),
                aux_model::did_you_mean(text, known)
                    .unwrap_or_else(|| "`aux-gen explain` lists all codes".to_owned()),
            )
        })?],
    };
    let terminal = &session.terminal;
    if terminal.is_json() {
        let all: Vec<_> = codes
            .iter()
            .map(|code| {
                json!({
                    "code": code,
                    "summary": code.summary(),
                    "explanation": code.explanation(),
                })
            })
            .collect();
        terminal.json(&all)?;
        return Ok(Exit::Fine);
    }
    for code in &codes {
        terminal.result(format!("{NOTE}{code}{NOTE:#}: {}", code.summary()))?;
        if args.code.is_some() {
            terminal.result(format!("\n{}", code.explanation()))?;
        }
    }
    Ok(Exit::Fine)
}
