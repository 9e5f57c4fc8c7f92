//! Every file of a small family as it is rendered, to be read in a review: `cargo insta review`
//! shows what a template's change does.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

use aux_gen::plan::plan;
use aux_gen::render::Templates;
use aux_model::{Manifest, Source};

const FAMILY: &str = r#"format = "1.0"
organization = { name = "example", forge = "github:example", systems = ["x86_64-linux"] }
tiers = [{ name = "core" }, { name = "languages" }, { name = "top-level" }]

[people.ada]
[sigs.base]
leads = ["ada"]

[repos.core]
sig = "base"
tier = "core"
packages.hello = { description = "Greets" }

[repos.games]
sig = "base"
tier = "languages"
description = "Games"
packages.chess = { build = ["core/hello"] }

[repos.top-level]
sig = "base"
tier = "top-level"
"#;

#[test]
fn every_file_is_as_it_was_reviewed() {
    let catalog = Manifest::open(Source::new("aux.toml", FAMILY))
        .check()
        .unwrap();
    let plan = plan(&catalog, &Templates::built_in());
    let mut count = 0;
    for (home, planned) in &plan.homes {
        for (path, file) in &planned.files {
            let home = home.repo().map_or("registry", |repo| repo.as_str());
            let name = format!("{home}/{path}").replace(['/', ' '], "__");
            let text = file.text.get().unwrap();
            insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
                insta::assert_snapshot!(name, text);
            });
            count += 1;
        }
    }
    assert!(count > 25, "{count} files");
}
