//! How the forge is reached: its API, and the token.

use std::time::Duration;

use aux_forge::{Access, ApiAddress, ForgeError, Token};
use aux_model::FlakeRef;
use aux_output::ErrorCode;
use aux_session::Failure;

/// The variable that has the token of the forge: an argument would be seen by everybody who may
/// list processes.
pub(crate) const TOKEN: &str = "AUX_GEN_TOKEN";

/// A variable, unless it is empty.
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Reaches an API: the one that is named, or that of a host. `may` is what the
/// token is to be able to do.
pub(crate) fn access(
    named: Option<&str>,
    host: Option<&str>,
    (unknown, may): (&str, &str),
    patience: Duration,
) -> Result<Access, Failure> {
    let api = match (named, host) {
        (Some(api), _) => api.parse(),
        (None, Some(host)) => ApiAddress::of_host(host),
        (None, None) => {
            return Err(Failure::refused(
                "nothing says which forge is to be asked",
                unknown,
            ));
        }
    };
    let api: ApiAddress = api.map_err(refused)?;
    let Some(token) = variable(TOKEN) else {
        return Err(Failure::refused(
            format!("there is no token to ask {} with", api.as_str()),
            format!("set {TOKEN} to one that may {may}"),
        ));
    };
    let token: Token = token.parse().map_err(refused)?;
    let kind = api.kind();
    Ok(Access::new(api, kind, token, patience))
}

/// The host and the path of an address that git has for a remote.
pub(crate) fn host_and_path(address: &str) -> Option<(String, String)> {
    aux_train::host_and_path(&FlakeRef::of_git(address)?)
}

/// What a forge says no to.
pub(crate) fn refused(error: ForgeError) -> Failure {
    let hint = error.hint().unwrap_or_default();
    Failure::because(ErrorCode::Forge, &error, "the forge cannot be asked", hint)
}
