//! Reads a family from the disk and asks about it: the example of the README.
#![allow(clippy::print_stdout, reason = "a program that answers")]

use std::error::Error;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let registry = aux_gen::disk::Registry::find(Path::new("examples/auxolotl"))?;
    let catalog = registry.load()?.catalog?;
    let python3 = catalog.attribute("python3").expect("core has it");
    let package = catalog.package(&python3.package).expect("it exists");
    println!("{} is owned by {}", python3.package, package.owner);
    for cycle in catalog.graph().repo_cycles() {
        println!("{:?}", cycle.shortest);
    }
    Ok(())
}
