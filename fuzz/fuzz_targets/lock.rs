//! Any bytes as a `flake.lock`. Nothing may panic.
//!
//! `cargo +nightly fuzz run lock fuzz/corpus/lock`

#![no_main]

use aux_gen::lock::LockFile;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = LockFile::read(text);
    }
});
