//! Applies a plan to the registry in a folder, as `aux-gen generate` does:
//! `cargo run -p aux-gen --example generate -- examples/auxolotl`

#![allow(clippy::print_stdout, reason = "an example program talks to people")]

use std::error::Error;
use std::path::Path;

use aux_gen::disk::{Registry, acquire_lock, compare, recover, remember, write};
use aux_gen::plan::plan;
use aux_gen::render::Templates;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("name the folder")?;
    for line in generate(Path::new(&folder))? {
        println!("{line}");
    }
    Ok(())
}

/// Writes what differs, and names it.
fn generate(folder: &Path) -> Result<Vec<String>, Box<dyn Error>> {
    let registry = Registry::find(folder)?;
    // Held until the end, so that what was read is still true when something is written. If an
    // earlier run was killed, it is finished first.
    let lock = acquire_lock(registry.root())?;
    recover(registry.root())?;

    let catalog = registry.load()?.catalog?;
    let templates = Templates::with_overrides(registry.overrides(&catalog)?)?;
    let plan = plan(&catalog, &templates);
    let changes = compare(&registry, &plan)?;
    // A manifest that lost half of its packages is more likely a mistake.
    changes.must_not_lose_much()?;
    write(&lock, &registry, &changes)?;
    // The next comparison need not look into folders that are as planned.
    remember(&registry, &plan, &changes, None);

    let written = changes.iter().map(|(_, change)| change.file.clone());
    let kept = changes.kept.iter();
    let kept = kept.map(|kept| format!("{}: {}", kept.file, kept.reason.as_str()));
    Ok(written.chain(kept).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[allow(clippy::disallowed_methods, reason = "a test writes its input")]
    fn what_differs_is_written_and_then_nothing_does() {
        let folder = tempfile::tempdir().expect("there is a place for temporary files");
        let manifest = r#"format = "1.0"
organization = { name = "example", forge = "github:example" }
tiers = [{ name = "core" }, { name = "top-level" }]
people.ada = {}
sigs.base.leads = ["ada"]
repos.core = { sig = "base", tier = "core", packages = { zlib = {} } }
repos.top-level = { sig = "base", tier = "top-level" }
"#;
        std::fs::write(folder.path().join("aux.toml"), manifest).expect("it is writable");
        let written = generate(folder.path()).expect("it is a registry");
        assert!(
            written.iter().any(|file| file == "repos/core/flake.nix"),
            "{written:?}"
        );
        assert!(folder.path().join("repos/core/flake.nix").is_file());
        assert_eq!(generate(folder.path()).expect("it still is"), [""; 0]);
    }
}
