//! What is said of a package or a member that was added.

use std::io;

use aux_output::AddedPackage;
use aux_session::{GOOD, Terminal};

/// Shows it to people.
pub(super) fn show(output: &AddedPackage, terminal: &Terminal) -> io::Result<()> {
    let AddedPackage { package, file } = output;
    let repo = package.split('/').next().unwrap_or_default();
    terminal.say(format!(
        "{GOOD}added{GOOD:#} {package}. Next:
  edit {file}
  aux-gen eval --repo {repo}"
    ));
    Ok(())
}
