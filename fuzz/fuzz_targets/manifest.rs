//! Any bytes as a manifest: root and included file in TOML, the whole in JSON.
//! Nothing may panic, and what was read must survive the way out and in again.
//!
//! `cargo +nightly fuzz run manifest fuzz/corpus/manifest examples/auxolotl/sigs`

#![no_main]

use aux_model::{Catalog, Manifest, Source};
use libfuzzer_sys::fuzz_target;

/// Parts the root from the included file.
const SEAM: &str = "\n%%%\n";

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let (root, included) = text.split_once(SEAM).unwrap_or((text, text));
    let mut manifest = Manifest::open(Source::new("aux.toml", root));
    let patterns: Vec<String> = manifest.includes().map(str::to_owned).collect();
    for pattern in patterns {
        manifest.include(&pattern, vec![Source::new("included.toml", included)]);
    }
    let _ = manifest.checkouts();
    for answer in [manifest.check(), Catalog::from_json(text)] {
        match answer {
            Ok(catalog) => {
                let json = catalog.to_json();
                let again = Catalog::from_json(&json).expect("it was written by this crate");
                assert_eq!(again.to_json(), json);
            }
            Err(problems) => assert!(!problems.to_string().is_empty()),
        }
    }
});
