//! The function that a file comes down to, through the files that it imports.

use super::paths::{parent, resolve};
use super::{Formal, Shape, SyntaxError, shape};

/// What a file is, followed through its imports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Called {
    /// A function of a set.
    Function {
        /// The file that has it.
        file: String,
        /// Its arguments, in their order.
        formals: Vec<Formal>,
    },
    /// A file that is not there.
    Absent {
        /// The file.
        file: String,
    },
    /// No function of a set.
    Other {
        /// The file at which it shows.
        file: String,
        /// Why not.
        why: NoFunction,
    },
}

/// Why a file is no function of a set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoFunction {
    /// It does not parse.
    #[error(transparent)]
    Syntax(SyntaxError),
    /// It is something else.
    #[error("it is no function of a set")]
    Other,
    /// It imports a file that is none of the package's.
    #[error("it imports `{0}`, out of its directory")]
    Outside(String),
    /// It imports itself in the end.
    #[error("its imports go round in a cycle")]
    Endless,
}

/// Follows a file through its imports. `read` gives the text of a file below one folder, by its
/// path; nothing if it is not there.
///
/// # Errors
/// Those of `read`.
pub fn called<E>(
    entry: &str,
    mut read: impl FnMut(&str) -> Result<Option<String>, E>,
) -> Result<Called, E> {
    /// Deeper than anybody lays out a package; ends cycles of imports.
    const IMPORTS: usize = 8;
    let (mut file, mut skip) = (entry.to_owned(), 0);
    for _ in 0..IMPORTS {
        let mut text = read(&file)?;
        if text.is_none() && file != entry {
            // What is imported may be a folder (Nix manual, "import").
            let inner = format!("{file}/default.nix");
            text = read(&inner)?;
            if text.is_some() {
                file = inner;
            }
        }
        let Some(text) = text else {
            return Ok(Called::Absent { file });
        };
        let why = match shape(&text, skip) {
            Ok(Shape::Function(formals)) => return Ok(Called::Function { file, formals }),
            Ok(Shape::Import { path, applied }) => {
                let is_inside = !path.split('/').any(|part| part == "..");
                match resolve(parent(&file), &path).filter(|_| is_inside) {
                    Some(target) => {
                        (file, skip) = (target, applied);
                        continue;
                    }
                    None => NoFunction::Outside(path),
                }
            }
            Ok(Shape::Other) => NoFunction::Other,
            Err(error) => NoFunction::Syntax(error),
        };
        return Ok(Called::Other { file, why });
    }
    let why = NoFunction::Endless;
    Ok(Called::Other { file, why })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::convert::Infallible;

    use super::*;

    fn of(files: &[(&str, &str)]) -> Called {
        let files: BTreeMap<&str, &str> = files.iter().copied().collect();
        let read = |file: &str| Ok::<_, Infallible>(files.get(file).map(ToString::to_string));
        let Ok(called) = called("a/package.nix", read);
        called
    }

    #[test]
    fn imports_are_followed_to_files_and_folders() {
        let files = [
            ("a/package.nix", "import ./common { version = \"1\"; }"),
            ("a/common/default.nix", "import ../x.nix"),
            ("a/common.nix", "never read"),
        ];
        let Called::Other { file, why } = of(&files) else {
            panic!("it leads out of its directory");
        };
        assert_eq!(file, "a/common/default.nix");
        assert_eq!(
            why,
            NoFunction::Other,
            "only what starts with `./` is an import here"
        );
        let files = [
            ("a/package.nix", "import ./b.nix { }"),
            ("a/b.nix", "{ version ? 1 }: { openssl }: openssl"),
        ];
        let Called::Function { file, formals } = of(&files) else {
            panic!("it is a function");
        };
        assert_eq!(
            (file.as_str(), formals[0].name.as_str()),
            ("a/b.nix", "openssl")
        );
    }

    #[test]
    fn what_is_no_function_says_why() {
        for (text, why) in [
            ("{ }", "it is no function of a set"),
            ("import ./package.nix", "its imports go round in a cycle"),
            (
                "import ./../x.nix",
                "it imports `./../x.nix`, out of its directory",
            ),
            ("{ a = ; }", "line 1"),
        ] {
            let Called::Other { why: found, .. } = of(&[("a/package.nix", text)]) else {
                panic!("{text}");
            };
            assert!(found.to_string().contains(why), "{text}: {found}");
        }
        let absent = of(&[("a/package.nix", "import ./gone.nix")]);
        let file = "a/gone.nix".to_owned();
        assert_eq!(absent, Called::Absent { file });
    }
}
