//! What Nix said of commits is remembered: the same question is not asked again, and what a
//! memory cannot know is.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::support::{Forge, nix, state};
use crate::trains::BAD;

const MANIFEST: &str = r#"
repos.lib = { sig = "all", tier = "sigs", packages = { part = {} } }
repos.web = { sig = "all", tier = "sigs", packages = { page = {}, site = {} } }
"#;

/// How many processes of Nix an update starts to evaluate something.
fn asked(forge: &Forge) -> usize {
    let tools = tempfile::tempdir().unwrap();
    let log = tools.path().join("log");
    let program = tools.path().join("nix");
    let script = format!(
        "#!/bin/sh\ncase \"$*\" in *--version*) ;; *) echo \"$*\" | head -1 >> {} ;; esac\nexec {} \"$@\"\n",
        log.display(),
        nix().program().display()
    );
    fs::write(&program, script).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!(
        "{}:{}",
        tools.path().display(),
        std::env::var("PATH").unwrap()
    );
    forge
        .family
        .run_with(&["update"], &[("PATH", Path::new(&path))]);
    let log = fs::read_to_string(log).unwrap_or_default();
    log.lines().count()
}

#[test]
fn a_second_train_over_the_same_commits_asks_nothing() {
    let forge = Forge::new(&["lib", "web"], MANIFEST);
    forge.package("web", "page", BAD);
    forge.change("core", "news", "x");
    let first = asked(&forge);
    assert!(first > 3, "{first} processes");
    let (_, holds) = forge.family.json(&["holds"]);
    let again = asked(&forge);
    // Whether top-level has a value as a whole is not remembered.
    assert!(again <= 1, "{again} processes, {first} before");
    assert_eq!(forge.family.json(&["holds"]).1, holds);

    // One repo more has moved: it is asked, and what it meets in top-level.
    forge.package(
        "lib",
        "part",
        "{ stdenv }: stdenv.mkDerivation { name = \"new\"; }\n",
    );
    let third = asked(&forge);
    assert!(third > again && third <= first, "{third} processes");

    // A memory that cannot be read is none.
    fs::write(state(&forge.family.root, "cache/verdicts.json"), "{").unwrap();
    forge.family.run(&["train", "abort"]);
    assert!(asked(&forge) > again);
    assert_eq!(forge.family.json(&["holds"]).1, holds);
}
