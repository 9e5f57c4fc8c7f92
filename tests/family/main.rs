//! The main job with the real Nix: families that evaluate, build and refuse.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "tests lay out their own files and run the program as users do"
)]

mod adoption;
mod alone;
mod borrowing;
mod builds;
mod caches;
mod channels;
mod checkouts;
mod commits;
mod contract;
mod contracts;
mod conveniences;
mod costs;
mod cycles;
mod derivations;
mod differing;
mod disks;
mod ends;
mod example;
mod flats;
mod flows;
mod forge_api;
mod forge_server;
mod forges;
mod hostile;
mod imports;
mod kills;
mod locks;
mod merges;
mod metas;
mod modules;
mod mutations;
mod nights;
mod organizations;
mod outside;
mod over;
mod plain;
mod platforms;
mod program;
mod promotions;
mod proposals;
mod releases;
mod remembered;
mod renames;
mod runner;
mod sets;
mod sites;
mod snapshots;
mod splits;
mod starts;
mod support;
mod syncs;
mod texts;
mod trains;
mod unflaked;
mod upstreams;
mod vetting;
mod wiring;
mod workflows;
