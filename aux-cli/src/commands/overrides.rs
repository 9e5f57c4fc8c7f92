//! `overrides`: flags for Nix, so that a repo's inputs are the checkouts.

use aux_arguments::Overrides;
use aux_session::{Exit, Failure, Session};
pub(crate) fn run(session: &Session, args: &Overrides) -> Result<Exit, Failure> {
    let family = session.family()?;
    let name = family.repos(std::slice::from_ref(&args.repo))?.remove(0);
    let checkouts = family.registry.checkouts(&family.catalog);
    let mut words = vec!["--no-write-lock-file".to_owned()];
    for input in family
        .catalog
        .repo(name.as_str())
        .map(|repo| family.catalog.inputs(repo))
        .into_iter()
        .flatten()
    {
        let Some(path) = checkouts.get(&input.name) else {
            return Err(Failure::refused(
                format!(
                    "repo `{}` is not checked out at `{}`",
                    input.name, input.path
                ),
                "run `aux-gen generate`, or check it out there",
            ));
        };
        words.extend([
            "--override-input".to_owned(),
            input.name.to_string(),
            format!("path:{}", path.display()),
        ]);
    }
    let flags = aux_output::Overrides { flags: words };
    session.terminal.report_with(&flags, |output, terminal| {
        terminal.result(output.flags.join(" "))
    })?;
    Ok(Exit::Fine)
}
