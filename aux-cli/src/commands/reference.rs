//! `schema`, `completions`, `man`: what other programs want to know of this one.

use std::io;
use std::path::Path;

use aux_arguments::{Cli, Completions, Man, Schema};
use aux_model::{did_you_mean, printable};
use aux_output::ManualPages;
use aux_session::{Exit, Failure, Report, Session, Terminal, counted};
use clap::CommandFactory;
use clap_complete::env::Shells;
use serde::Serialize;

pub(crate) fn schema(session: &Session, args: &Schema) -> Result<Exit, Failure> {
    session.terminal.document(&match &args.output {
        Some(command) => schema_of_output(command)?,
        None if args.included => aux_model::included_schema(),
        None => aux_model::schema(),
    })?;
    Ok(Exit::Fine)
}

/// The schema of what a command prints for machines.
fn schema_of_output(command: &str) -> Result<String, Failure> {
    let all = aux_output::schemas();
    let asked = command.replace(' ', "-");
    let command = match asked.as_str() {
        "progress" => {
            let schema = aux_output::progress_schema();
            return Ok(serde_json::to_string_pretty(&schema).map_err(io::Error::from)? + "\n");
        }
        "site-index" => return Ok(aux_site::index_schema()),
        "update" | "train-status" | "train-resume" => "train",
        "changeset-land" => "promote",
        asked => asked,
    };
    let found = all.iter().find(|(name, _)| *name == command);
    let (_, schema) = found.ok_or_else(|| {
        let near = did_you_mean(command, all.iter().map(|(name, _)| *name));
        Failure::not_found(
            format!("there is no output `{}`", printable(command)),
            near.unwrap_or_else(|| "`docs/json.md` lists them".to_owned()),
        )
    })?;
    let text = serde_json::to_string_pretty(schema).map_err(io::Error::from)?;
    Ok(text + "\n")
}

pub(crate) fn completions(session: &Session, args: &Completions) -> Result<Exit, Failure> {
    let mut text = Vec::new();
    if args.is_static {
        clap_complete::generate(args.shell, &mut Cli::command(), "aux-gen", &mut text);
    } else {
        // The same names for shells, in both of clap's ways.
        let name = args.shell.to_string();
        let shells = Shells::builtins();
        let shell = shells.completer(&name).ok_or_else(|| {
            Failure::refused(
                format!("`{name}` cannot ask a program while somebody types"),
                "add `--static`",
            )
        })?;
        shell.write_registration("COMPLETE", "aux-gen", "aux-gen", "aux-gen", &mut text)?;
    }
    session.terminal.document(&String::from_utf8_lossy(&text))?;
    Ok(Exit::Fine)
}

pub(crate) fn man(session: &Session, args: &Man) -> Result<Exit, Failure> {
    let mut command = Cli::command();
    command.build();
    let Some(folder) = &args.to else {
        session.terminal.document(&page(&command)?)?;
        return Ok(Exit::Fine);
    };
    let mut pages = vec![("aux-gen".to_owned(), page(&command)?)];
    for sub in command.get_subcommands() {
        let name = format!("aux-gen-{}", sub.get_name());
        pages.push((name, page(sub)?));
    }
    let mut written = Vec::new();
    for (name, text) in &pages {
        let file = folder.join(format!("{name}.1"));
        aux_gen::disk::replace(&file, text)?;
        written.push(file.display().to_string());
    }
    session.terminal.report(&Written {
        folder,
        pages: ManualPages { pages: written },
    })?;
    Ok(Exit::Fine)
}

struct Written<'f> {
    folder: &'f Path,
    pages: ManualPages,
}

impl Report for Written<'_> {
    type Output = ManualPages;

    fn output(&self) -> impl Serialize {
        &self.pages
    }

    fn show(&self, terminal: &Terminal) -> io::Result<()> {
        terminal.say(format!(
            "wrote {} to {}",
            counted(self.pages.pages.len(), "page"),
            self.folder.display()
        ));
        Ok(())
    }
}

fn page(command: &clap::Command) -> Result<String, std::io::Error> {
    let mut text = Vec::new();
    clap_mangen::Man::new(command.clone()).render(&mut text)?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}
