//! Naming a directory to Nix as a flake.

use std::{
    fmt::Write,
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
    time::Duration,
};

use super::{Nix, NixError, Pin};

/// How long one question to git may take.
const GIT_TIME: Duration = Duration::from_secs(60);

impl Nix {
    /// The flake reference of a directory, as a person working there would use it.
    ///
    /// Inside a git work tree that is `git+file:///…`, with `?dir=` below its top:
    /// Nix then sees what git tracks, committed or not, and nothing else. A directory
    /// of which git tracks nothing, or whose repository has no commit (2.8 cannot
    /// read those), is `path:/…`: all its files.
    ///
    /// # Errors
    /// When the directory does not exist, when git fails, or with
    /// [`NixError::OddPath`] when this Nix would misread the name.
    pub fn flake_reference(&self, directory: &Path) -> Result<String, NixError> {
        let directory = directory
            .canonicalize()
            .map_err(NixError::file("resolve", directory))?;
        let reference = match self.work_tree(&directory)? {
            Some(top) => {
                let mut reference = format!("git+file://{}", encoded(&top));
                let below = directory.strip_prefix(&top).unwrap_or(Path::new(""));
                if !below.as_os_str().is_empty() {
                    reference.push_str("?dir=");
                    reference.push_str(&encoded(below));
                }
                reference
            }
            None => format!("path:{}", encoded(&directory)),
        };
        self.must_be_read(reference, &directory)
    }

    /// The flake reference of one commit of a repository on this machine.
    ///
    /// # Errors
    /// As [`Nix::flake_reference`].
    pub(super) fn pinned_reference(&self, pin: &Pin) -> Result<String, NixError> {
        let Pin { directory, rev } = pin;
        let reference = format!("git+file://{}?rev={rev}", encoded(directory));
        self.must_be_read(reference, directory)
    }

    /// Before 2.19 the path of a reference is used without decoding it.
    fn must_be_read(&self, reference: String, directory: &Path) -> Result<String, NixError> {
        if reference.contains('%') && !self.version().is_at_least(2, 19) {
            return Err(NixError::OddPath {
                path: directory.to_owned(),
                version: self.version().clone(),
            });
        }
        Ok(reference)
    }

    /// Files of a flake that Nix does not see, because git does not track them:
    /// paths relative to the directory. None outside of a git work tree.
    ///
    /// # Errors
    /// When the directory does not exist, or when git fails.
    pub fn untracked(&self, directory: &Path) -> Result<Vec<String>, NixError> {
        if self.work_tree(directory)?.is_none() {
            return Ok(Vec::new());
        }
        let listed = [
            "ls-files",
            "-z",
            "--others",
            "--exclude-standard",
            "--",
            ".",
        ];
        let files = self.git(directory, &listed)?.unwrap_or_default();
        Ok(files
            .split(|byte| *byte == 0)
            .filter(|file| !file.is_empty())
            .map(|file| String::from_utf8_lossy(file).into_owned())
            .collect())
    }

    /// The top of the work tree that tracks `directory`, if one does.
    fn work_tree(&self, directory: &Path) -> Result<Option<PathBuf>, NixError> {
        // Without a repository above there is nothing to ask git, which may not even be installed.
        if !directory
            .ancestors()
            .any(|above| above.join(".git").exists())
        {
            return Ok(None);
        }
        let Some(top) = self.git(directory, &["rev-parse", "--show-toplevel"])? else {
            return Ok(None);
        };
        let committed = self.git(directory, &["rev-parse", "--verify", "--quiet", "HEAD"])?;
        let tracked = self.git(directory, &["ls-files", "-z", "--", "."])?;
        if committed.is_none() || tracked.is_none_or(|files| files.is_empty()) {
            return Ok(None);
        }
        let top = PathBuf::from(std::ffi::OsStr::from_bytes(&top));
        top.canonicalize()
            .map(Some)
            .map_err(NixError::file("resolve", &top))
    }

    /// What git prints, without the last line break; `None` if it says no.
    fn git(&self, directory: &Path, arguments: &[&str]) -> Result<Option<Vec<u8>>, NixError> {
        let output = self
            .git_call()
            .inside(directory)
            .args(arguments)
            .run(GIT_TIME)?;
        Ok(output
            .success()
            .map(|text| text.strip_suffix(b"\n").unwrap_or(text).to_vec()))
    }
}

/// `path` as part of a URL.
///
/// Sub-delimiters stay as they are, which RFC 3986 allows in a path: old versions of
/// Nix read them and do not decode them.
fn encoded(path: &Path) -> String {
    percent_encoded(path.as_os_str().as_bytes(), b"-._~/!$'()*+,;=:@")
}

/// `text` as the fragment of a URL: an attribute path.
pub(super) fn encoded_fragment(text: &str) -> String {
    percent_encoded(text.as_bytes(), b"-._~")
}

fn percent_encoded(bytes: &[u8], kept: &[u8]) -> String {
    let mut encoded = String::with_capacity(bytes.len());
    for &byte in bytes {
        if byte.is_ascii_alphanumeric() || kept.contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            write!(encoded, "%{byte:02X}").expect("writing to a string cannot fail");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_characters_are_encoded() {
        assert_eq!(
            encoded(Path::new("/a b/é#?%&\"x")),
            "/a%20b/%C3%A9%23%3F%25%26%22x"
        );
        assert_eq!(encoded(Path::new("/it's+a=b,c;@(d)!")), "/it's+a=b,c;@(d)!");
        assert_eq!(encoded_fragment("packages.\"a b\""), "packages.%22a%20b%22");
    }
}
