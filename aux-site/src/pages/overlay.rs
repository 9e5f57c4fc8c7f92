//! The page of an overlay that users may choose.

use aux_model::Overlay;
use serde::Serialize;

use crate::address;
use crate::lookup::Lookup;
use crate::pages::frame::{Frame, Link};
use crate::pages::things::CommandLine;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OverlayPage {
    #[serde(flatten)]
    frame: Frame,
    name: String,
    description: Option<String>,
    repo: Link,
    sig: Link,
    source: Link,
    commands: Vec<CommandLine>,
}

impl OverlayPage {
    pub(crate) fn of(lookup: &Lookup<'_>, overlay: &Overlay, path: &str) -> Self {
        let root = address::root_of(path);
        let repo = lookup
            .source
            .catalog
            .repo(overlay.repo.as_str())
            .expect("an overlay is in a repo of its family");
        let top = lookup.source.catalog.top_level();
        let summary = overlay.description.as_deref();
        Self {
            frame: Frame::of(
                lookup,
                path,
                &format!("{}/{}", overlay.repo, overlay.name),
                summary.unwrap_or("An overlay"),
            ),
            name: overlay.name.to_string(),
            description: overlay.description.clone(),
            repo: Link::repo(overlay.repo.as_str(), &root),
            sig: Link::sig(overlay.owner.as_str(), &root),
            source: Link::source(repo, &overlay.file()),
            commands: vec![CommandLine {
                what: "Packages with it",
                text: format!(
                    "inputs.{}.mkPackages {{ inherit system; overlays = [ inputs.{}.overlays.{} ]; }}",
                    top.name, overlay.repo, overlay.name
                ),
            }],
        }
    }
}
