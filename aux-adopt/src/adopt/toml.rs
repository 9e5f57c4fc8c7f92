//! Names and lists as a manifest writes them.

use std::fmt::Write;

use aux_gen::render::quote;
use aux_model::Handle;

/// Whether a name can be a person's account.
pub(crate) fn is_handle(name: &str) -> bool {
    name.parse::<Handle>().is_ok()
}

pub(crate) fn key(name: &str) -> String {
    toml_edit::Key::new(name).display_repr().into_owned()
}

pub(crate) fn list(items: impl Iterator<Item = impl AsRef<str>>) -> String {
    let mut text = String::new();
    for item in items {
        let comma = if text.is_empty() { "" } else { ", " };
        write!(text, "{comma}{}", quote::toml(item.as_ref()))
            .expect("writing to a string does not fail");
    }
    text
}
