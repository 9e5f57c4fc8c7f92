//! What this build is of.

/// The version, and the commit and its day if they are known: as `cargo --version`.
pub(crate) const SHORT: &str = env!("AUX_GEN_VERSION");

/// The same with what it was built for and by, for reports of faults: as `rustc -vV`.
pub(crate) const LONG: &str = concat!(
    env!("AUX_GEN_VERSION"),
    "\ncommit: ",
    env!("AUX_GEN_COMMIT"),
    "\ntarget: ",
    env!("AUX_GEN_TARGET"),
    "\nprofile: ",
    env!("AUX_GEN_PROFILE"),
    "\nrustc: ",
    env!("AUX_GEN_RUSTC"),
);
