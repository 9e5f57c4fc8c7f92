//! Builds a family in code and plans its files in memory: `cargo run -p aux-gen --example in_memory`

#![allow(clippy::print_stdout, reason = "an example program talks to people")]

use std::error::Error;

use aux_gen::plan::{Home, Plan, plan};
use aux_gen::render::Templates;
use aux_model::document::{Document, PackageDocument, PersonDocument, RepoDocument, SigDocument};
use aux_model::{Catalog, Problems};

fn main() -> Result<(), Box<dyn Error>> {
    let plan = plan(&family()?, &Templates::built_in());
    for (home, files) in &plan.homes {
        println!("{home}: {} files", files.files.len());
    }
    print!("{}", flake(&plan, "web")?);
    Ok(())
}

/// Two repos, a package in each, and top-level.
fn family() -> Result<Catalog, Problems> {
    let core = RepoDocument::new("base", "core").with_package("zlib", PackageDocument::default());
    let web = RepoDocument::new("base", "sigs")
        .using("core", "^1")
        .with_package("curl", PackageDocument::built_with(["zlib"]));
    let document = Document::new("example", "github:example")
        .with_tier("core")
        .with_tier("sigs")
        .with_tier("top-level")
        .with_person("ada", PersonDocument::default())
        .with_sig("base", SigDocument::led_by(["ada"]))
        .with_repo("core", core)
        .with_repo("web", web)
        .with_repo("top-level", RepoDocument::new("base", "top-level"));
    Catalog::from_document(&document)
}

/// The `flake.nix` of a repo. Its text is made only now.
fn flake<'p>(plan: &'p Plan, repo: &str) -> Result<&'p str, Box<dyn Error>> {
    let home = plan.homes.get(&Home::Repo(repo.parse()?));
    let file = home.and_then(|home| home.files.get("flake.nix"));
    Ok(file.ok_or("it is not generated")?.text.get()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_family_that_is_on_no_disk_has_flakes() {
        let plan = plan(
            &family().expect("it keeps every rule"),
            &Templates::built_in(),
        );
        assert_eq!(plan.homes.len(), 4);
        let text = flake(&plan, "web").expect("it is generated");
        assert!(text.contains("github:example/core"), "{text}");
        assert!(flake(&plan, "other").is_err());
    }
}
