//! Loads a manifest and asks it questions:
//! `cargo run -p aux-model --example ask -- examples/auxolotl/aux.toml examples/auxolotl/sigs/*.toml`

#![allow(clippy::print_stdout, reason = "an example program talks to people")]

use aux_search::Search;
use std::error::Error;
use std::path::Path;

use aux_model::{Manifest, Source};

fn main() -> Result<(), Box<dyn Error>> {
    let mut files = std::env::args().skip(1);
    let root = files
        .next()
        .ok_or("name the manifest, then the files it includes")?;
    let mut manifest = Manifest::open(read(&root)?);

    // This crate reads no files, so the program hands in what was included.
    let included = files
        .map(|path| read(&path))
        .collect::<Result<Vec<_>, _>>()?;
    let patterns: Vec<String> = manifest.includes().map(str::to_owned).collect();
    for pattern in patterns {
        manifest.include(&pattern, included.clone());
    }

    let catalog = manifest.check()?;
    println!("{} has", catalog.organization().name);
    for repo in catalog.layers() {
        let view = catalog.view(repo);
        println!(
            "  {:14} tier {}, run by {}, {} packages, {} inputs, {} it cannot offer alone",
            repo.name,
            repo.tier,
            repo.sig,
            repo.packages.len(),
            view.inputs.len(),
            view.left_out.len(),
        );
        for (name, reason) in &view.left_out {
            println!("    {name} needs {}", reason.missing());
        }
    }
    for hit in catalog.search("nodejs") {
        if let Some(reference) = &hit.reference {
            println!("{hit} is at {reference}");
        }
    }
    Ok(())
}

#[allow(clippy::disallowed_methods, reason = "reading is fine")]
fn read(path: &str) -> Result<Source, std::io::Error> {
    let name = Path::new(path)
        .file_name()
        .map(|name| name.to_string_lossy());
    let text = std::fs::read_to_string(path)?;
    Ok(Source::new(name.as_deref().unwrap_or(path), &text))
}
