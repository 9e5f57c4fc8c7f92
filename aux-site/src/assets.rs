//! Files that are the same on every site.

macro_rules! assets {
    ($($name:literal,)*) => {
        /// Where each is, and what it holds.
        pub(crate) const ASSETS: &[(&str, &[u8])] = &[
            $((concat!("assets/", $name), include_bytes!(concat!("../assets/", $name)).as_slice()),)*
        ];
    };
}

assets! {
    "icon.svg",
    "opened.js",
    "page.js",
    "search/filter.js",
    "search/index.js",
    "search/likeness.js",
    "search/query.js",
    "search/text.js",
    "search/view.js",
    "style.css",
}
