//! A bot that says in a manifest what a package needs, and tells who is affected. In the folder of
//! the registry:
//! `cargo run -p aux-edit --example bot -- python/numpy openssl aux.toml sigs/*.toml`

#![allow(clippy::print_stdout, reason = "an example program talks to people")]

use std::error::Error;

use aux_edit::Editor;
use aux_model::answers::{Direction, EdgeFilter};
use aux_model::{EdgeKind, PackageId, PackageRef, Source};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(package), Some(needed)) = (arguments.next(), arguments.next()) else {
        return Err("name REPO/PACKAGE, what it needs, and the files of the manifest".into());
    };
    let sources = arguments
        .map(|path| Ok(Source::new(&path, &std::fs::read_to_string(&path)?)))
        .collect::<Result<Vec<_>, std::io::Error>>()?;
    print!("{}", declare(&package.parse()?, &needed.parse()?, sources)?);
    Ok(())
}

/// Adds an edge, and describes what becomes of the manifest.
fn declare(
    package: &PackageId,
    needed: &PackageRef,
    sources: Vec<Source>,
) -> Result<String, Box<dyn Error>> {
    let mut editor = Editor::open(sources)?;
    let before = editor.check(&Default::default())?;
    editor.add_edge(package, EdgeKind::Build, needed)?;
    // All rules hold, or nothing of it is used.
    let after = editor.check(&Default::default())?;
    let mut said = String::new();
    for changed in after.diff(&before).packages_changed {
        said += &format!("{changed} needs {needed} now\n");
    }
    let graph = after.graph();
    let affected = graph.closure([package], Direction::Reverse, &EdgeFilter::needed())?;
    said += &format!("{} packages are built from it\n", affected.len() - 1);
    for (file, text) in editor.changed() {
        // A bot would write and commit it: comments and order are as they were.
        said += &format!("{file}: {} lines\n", text.lines().count());
    }
    Ok(said)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edge_is_declared_and_its_users_are_counted() {
        let text = r#"format = "1.0"
organization = { name = "x", forge = "github:x" }
tiers = [{ name = "core" }, { name = "top-level" }]
people.ada = {}
sigs.base.leads = ["ada"]
repos.top-level = { sig = "base", tier = "top-level" }

[repos.core]
sig = "base"
tier = "core"

[repos.core.packages]
zlib = {} # small and old
openssl = {}
curl = { build = ["openssl"] }
"#;
        let source = Source::new("aux.toml", text);
        let openssl = "core/openssl".parse().expect("it is an id");
        let zlib = "zlib".parse().expect("it is a reference");
        let said = declare(&openssl, &zlib, vec![source]).expect("it can be edited");
        assert_eq!(
            said,
            "core/openssl needs zlib now\n1 packages are built from it\naux.toml: 15 lines\n"
        );
    }
}
