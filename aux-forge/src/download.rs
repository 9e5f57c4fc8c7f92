//! A file that a web server has, for anybody.

use std::time::Duration;

use ureq::Agent;

use crate::error::ForgeError;

/// The bytes of an address. Redirects are followed, and no token goes along. `patience` is how long
/// all of it may take, and `largest` how many bytes it may have.
///
/// # Errors
/// When nobody answers, what answers has no such file, or it is larger.
pub fn download(url: &str, patience: Duration, largest: u64) -> Result<Vec<u8>, ForgeError> {
    let config = Agent::config_builder()
        .timeout_global(Some(patience))
        .http_status_as_error(false)
        .user_agent(concat!("aux-gen/", env!("CARGO_PKG_VERSION")))
        .build();
    let unreachable = |message: String| ForgeError::Unreachable {
        method: "GET",
        url: url.to_owned(),
        message,
    };
    let answer = Agent::new_with_config(config).get(url).call();
    let mut answer = answer.map_err(|error| unreachable(error.to_string()))?;
    let status = answer.status();
    if !status.is_success() {
        return Err(ForgeError::NoFile {
            url: url.to_owned(),
            status: status.as_u16(),
        });
    }
    let body = answer.body_mut().with_config().limit(largest);
    body.read_to_vec()
        .map_err(|error| unreachable(error.to_string()))
}
