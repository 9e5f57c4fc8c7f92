//! Names that files ask for: those that are everywhere, and those that are near one.

use aux_model::Family;
use aux_search::Search;

/// Names that every package set has, so that asking for them is no edge.
pub const EVERYWHERE: [&str; 9] = [
    "callPackage",
    "callPackages",
    "config",
    "lib",
    "newScope",
    "pkgs",
    "stdenv",
    "stdenvNoCC",
    "system",
];

/// Attributes of the family with a name like one, nearest first.
pub fn nearest(catalog: &Family, name: &str) -> Vec<String> {
    /// As many as fit in a line.
    const FEW: usize = 3;
    catalog
        .attributes_like(name)
        .iter()
        .take(FEW)
        .map(ToString::to_string)
        .collect()
}
