//! What the manifest of the new family starts with.

use aux_adopt::split::{Rules, Target};
use aux_gen::init::{NewRegistry, OutsideCore};
use aux_model::{FlakeRef, Handle, printable};
use aux_session::{Failure, handle};

/// The names that the rules or the command line give, or that follow from the folder.
pub(super) fn registry(
    rules: &Rules,
    target: &Target,
    core: Option<OutsideCore>,
) -> Result<NewRegistry, Failure> {
    let name = rules.name.clone().unwrap_or_else(|| target.name());
    let forge = rules.forge.clone();
    let forge = forge.unwrap_or_else(|| format!("github:{name}"));
    let forge: FlakeRef = forge.parse().map_err(|error| {
        Failure::refused(
            format!("`{}` is no forge: {error}", printable(&forge)),
            "give one with `--forge`, such as `--forge github:my-family`",
        )
    })?;
    let lead = rules.lead.as_deref().ok_or_else(|| {
        Failure::refused(
            "nobody leads SIG core",
            "name somebody with `--lead HANDLE`, or `lead = \"HANDLE\"` at the top of the rules",
        )
    })?;
    let lead: Handle = handle(lead)?;
    for repo in rules.repos() {
        if let Some(lead) = rules.lead_of(repo) {
            handle(lead)?;
        }
    }
    Ok(NewRegistry {
        core,
        name,
        forge: forge.to_string(),
        lead: lead.to_string(),
    })
}
