//! Any bytes as the file of a hold and of a release, in a registry. Nothing may panic, and
//! a file is read or named as damaged: none is silently nothing.
//!
//! `cargo +nightly fuzz run committed fuzz/corpus/committed tests/cases`

#![no_main]

use std::fs;

use aux_train::release::{FOLDER, releases};
use aux_train::{HELD, Holds};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let root = std::env::temp_dir().join(format!("aux-fuzz-{}", std::process::id()));
    for (folder, name) in [(HELD, "web.json"), (FOLDER, "1.0.0.json")] {
        fs::create_dir_all(root.join(folder)).expect("a temporary folder can be made");
        fs::write(root.join(folder).join(name), bytes).expect("it can be written");
    }
    let holds = Holds::read(&root, None).expect("its folder can be read");
    assert_eq!(holds.held.len() + holds.damaged.len(), 1);
    let (good, damaged) = releases(&root);
    assert_eq!(good.len() + damaged.len(), 1);
});
