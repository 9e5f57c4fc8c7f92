//! Where the text of Debian's package index comes from: a file that is named,
//! apt's lists on this machine, or nowhere, and then one is made up.

mod apt;
mod made_up;

use std::env;
use std::fs;

/// Names a plain `Packages` file.
const VARIABLE: &str = "AUX_DEBIAN_PACKAGES";

/// The text of a `Packages` file.
pub(crate) struct Index {
    pub(crate) text: String,
    /// Where it is from, in words.
    pub(crate) origin: String,
}

impl Index {
    /// The index of the file named, else apt's, else a made-up one.
    ///
    /// # Panics
    /// When a file is named that cannot be read: measuring something else would
    /// mislead.
    pub(crate) fn find() -> Self {
        if let Some(path) = env::var_os(VARIABLE) {
            let path = path.to_string_lossy().into_owned();
            let text = fs::read_to_string(&path)
                .unwrap_or_else(|error| panic!("cannot read {VARIABLE}={path}: {error}"));
            return Self { text, origin: path };
        }
        apt::largest_list().unwrap_or_else(|| Self {
            text: made_up::packages(),
            origin: format!(
                "made up, because no list of apt is there to read: `apt-get update` gets one, {VARIABLE}=FILE names one"
            ),
        })
    }
}
