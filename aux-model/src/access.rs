//! Access: what SIGs may do on the forge, and what the branches there ask for.

use aux_names::Handle;
use aux_problems::word_type;

word_type! {
    /// What a SIG may do with the repositories of its repos. The words are those that GitHub and
    /// Forgejo share, and `maintain`, which on Forgejo is `write`.
    Access {
        /// It may read.
        Read = "read",
        /// It may push to branches that are not protected, and merge.
        Write = "write",
        /// It may change a repository's settings, but for those that can harm it.
        Maintain = "maintain",
        /// It may change everything.
        Admin = "admin",
    }
}

/// What the family's repositories have in common on the forge: `[access]`.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct ForgeRules {
    /// How many approvals a pull request to a published branch needs.
    pub reviews: usize,
    /// The accounts that trains push with: they alone push to published and staging branches.
    /// Without any, no branch is protected, because nothing could be promoted any more.
    pub trains: Vec<Handle>,
    /// Whether repositories that are made are private.
    pub private: bool,
}

impl Default for ForgeRules {
    fn default() -> Self {
        Self {
            reviews: 1,
            trains: Vec::new(),
            private: false,
        }
    }
}
