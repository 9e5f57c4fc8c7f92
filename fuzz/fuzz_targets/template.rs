//! Any bytes as an override of a template. It is refused, or there is an end to it.
//!
//! `cargo +nightly fuzz run template fuzz/corpus/template aux-gen/templates`

#![no_main]

use aux_gen::render::{Override, Templates};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let replacement = Override {
        name: "repo/flake.nix".to_owned(),
        path: "fuzzed.hbs".into(),
        text: text.to_owned(),
    };
    if let Err(error) = Templates::with_overrides(vec![replacement]) {
        assert!(!error.to_string().is_empty());
    }
});
