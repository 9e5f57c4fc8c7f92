//! `schema`, `completions`, `man`: what other programs want to know of this one.

use clap::CommandFactory;

use crate::cli::{Cli, Completions, Man, Schema};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::session::Session;
use crate::terminal::counted;

pub(crate) fn schema(session: &Session, args: &Schema) -> Result<Exit, Failure> {
    session.terminal.document(&if args.included {
        aux_model::included_schema()
    } else {
        aux_model::schema()
    })?;
    Ok(Exit::Fine)
}

pub(crate) fn completions(session: &Session, args: &Completions) -> Result<Exit, Failure> {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "aux-gen", &mut text);
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
    for (name, text) in &pages {
        aux_gen::disk::replace(&folder.join(format!("{name}.1")), text)?;
    }
    session.terminal.say(format!(
        "wrote {} to {}",
        counted(pages.len(), "page"),
        folder.display()
    ));
    Ok(Exit::Fine)
}

fn page(command: &clap::Command) -> Result<String, std::io::Error> {
    let mut text = Vec::new();
    clap_mangen::Man::new(command.clone()).render(&mut text)?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}
