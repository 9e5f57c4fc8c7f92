//! `explain`: what a problem's code means.

use std::io;

use aux_arguments::Explain;
use aux_model::{Code, did_you_mean};
use aux_output::{CodeMeaning, Codes, ErrorCode};
use aux_session::{Exit, Failure, NOTE, Report, Session, Terminal};
use serde::Serialize;

pub(crate) fn run(session: &Session, args: &Explain) -> Result<Exit, Failure> {
    let mut codes = meanings();
    if let Some(text) = &args.code {
        let known: Vec<String> = codes.iter().map(|meaning| meaning.code.clone()).collect();
        codes.retain(|meaning| meaning.code == *text);
        if codes.is_empty() {
            return Err(Failure::not_found(
                format!(
                    "`{}` is not the code of a problem or an error",
                    aux_model::printable(text)
                ),
                did_you_mean(text, known.iter().map(String::as_str))
                    .unwrap_or_else(|| "`aux-gen explain` lists all codes".to_owned()),
            ));
        }
    }
    session.terminal.report(&Explained {
        codes: Codes { codes },
        in_full: args.code.is_some(),
    })?;
    Ok(Exit::Fine)
}

/// All codes: those of problems, then those of errors.
fn meanings() -> Vec<CodeMeaning> {
    let problems = Code::ALL.iter().map(|code| CodeMeaning {
        code: code.to_string(),
        summary: code.summary().to_owned(),
        explanation: code.explanation().to_owned(),
    });
    let errors = ErrorCode::ALL.iter().map(|code| CodeMeaning {
        code: code.to_string(),
        summary: code.summary().to_owned(),
        explanation: code.explanation().to_owned(),
    });
    problems.chain(errors).collect()
}

struct Explained {
    codes: Codes,
    in_full: bool,
}

impl Report for Explained {
    type Output = Codes;

    fn output(&self) -> impl Serialize {
        &self.codes
    }

    fn show(&self, terminal: &Terminal) -> io::Result<()> {
        for meaning in &self.codes.codes {
            terminal.result(format!(
                "{NOTE}{}{NOTE:#}: {}",
                meaning.code, meaning.summary
            ))?;
            if self.in_full {
                terminal.result(format!("\n{}", meaning.explanation))?;
            }
        }
        Ok(())
    }
}
