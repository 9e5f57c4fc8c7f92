//! What is wrong with rules.

/// What is wrong with rules.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RulesError {
    /// They are no TOML, or not of this form.
    #[error("{0}")]
    Form(Box<toml::de::Error>),
    /// A value is not what it must be.
    #[error("`{key}`: {message}")]
    Value {
        /// The key, such as `repos.python.paths`.
        key: String,
        /// What is wrong.
        message: String,
    },
}
