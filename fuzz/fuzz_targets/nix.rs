//! Any bytes as a Nix text and as a `flake.nix`. Nothing may panic, overflow or take
//! long, and what the formatter gives parses and stays as it is.
//!
//! `cargo +nightly fuzz run nix fuzz/corpus/nix examples/auxolotl/repos`

#![no_main]

use aux_nix::flake::FlakeInputs;
use aux_nix::language;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let parsed = language::check(text);
    if let Err(error) = &parsed {
        assert!(error.line > 0 && error.column > 0);
    }
    let _ = FlakeInputs::read(text);
    if let Ok(formatted) = language::format(text) {
        assert_eq!(language::check(&formatted), Ok(()));
    }
});
