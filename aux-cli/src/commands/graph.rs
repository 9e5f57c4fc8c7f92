//! `graph`: pictures of repos and packages.

use aux_gen::picture::{dot, mermaid, svg};

use crate::cli::{Graph, Language, Level};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::session::Session;

pub(crate) fn run(session: &Session, args: &Graph) -> Result<Exit, Failure> {
    let family = session.family()?;
    let named: Vec<String> = args.repo.iter().cloned().collect();
    let only = family.repos(&named)?.into_iter().next();
    let picture = match args.level {
        Level::Repo if only.is_some() => {
            return Err(Failure::refused(
                "`--repo` selects packages, and the level is `repo`",
                "add `--level package`",
            ));
        }
        Level::Repo => family.catalog.repo_graph(),
        Level::Package => family.catalog.package_graph(only.as_ref()),
    };
    let default = if session.terminal.is_json() {
        Language::Json
    } else {
        Language::Dot
    };
    match args.language.unwrap_or(default) {
        Language::Dot => session.terminal.raw(&dot(&picture))?,
        Language::Mermaid => session.terminal.raw(&mermaid(&picture))?,
        Language::Svg => session.terminal.raw(&svg(&picture)?)?,
        Language::Json => session.terminal.json(&picture)?,
    }
    Ok(Exit::Fine)
}
