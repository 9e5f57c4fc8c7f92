//! The site to find things on.

use std::path::PathBuf;

use clap::Args;

use crate::ReachArgs;

/// Write a static site to find things on: a search, and a page for each package, module, repo and SIG.
#[derive(Debug, Args)]
#[command(after_help = "\
The site needs no server: any host of static pages serves the folder as it is. It asks no other
host for anything. The search is that of `where`, in the browser; everything is also listed for
those who have no JavaScript. index.json has all of it as data, for `where --index` and for other
programs (`aux-gen schema --output site-index`).

Without --eval it is made from the manifest alone. With it, Nix is asked for versions, licences,
platforms, options of modules, and whether everything evaluates, on every system.

A second run writes what changed, and nothing else. Files that the site did not have are neither
replaced nor removed.

Examples:
  aux-gen site                            into the folder site, here
  aux-gen site --eval --out public --base-url https://auxolotl.example.org/
  python3 -m http.server -d site          to look at it: http://localhost:8000/")]
pub struct Site {
    /// The folder of the site
    #[arg(long, value_name = "DIR", default_value = "site")]
    pub out: PathBuf,
    /// Where the site will be, for the site map and for search fields of browsers; what the manifest
    /// says if absent (`[ci] site`)
    #[arg(long, value_name = "URL")]
    pub base_url: Option<String>,
    /// Where the book about the program is
    #[arg(long, value_name = "URL", default_value = concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/docs/README.md"))]
    pub book: String,
    /// Ask Nix for versions, licences, platforms, options, and whether everything evaluates
    #[arg(long)]
    pub eval: bool,
    /// With --eval: ask for this system; may be given several times; all of the organization's if absent
    #[arg(long, value_name = "SYSTEM", requires = "eval")]
    pub system: Vec<String>,
    /// Seconds that one answer of Nix may take
    #[arg(long, value_name = "SECONDS", default_value_t = 600, value_parser = clap::value_parser!(u64).range(1..))]
    pub timeout: u64,
    #[command(flatten)]
    pub reach: ReachArgs,
}
