//! The arguments of a package's function, read from its text.

use rnix::ast::{Expr, Param};
use rowan::ast::AstNode;

use crate::language::error::SyntaxError;
use crate::language::file::NixFile;
use crate::language::values::unwrapped;

/// One argument that a package's function asks for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Formal {
    /// The name asked for.
    pub name: String,
    /// Whether it has a default, so that nobody has to have it.
    pub optional: bool,
    /// 1-based line in the file.
    pub line: usize,
}

/// What a file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape {
    /// A function of a set; its arguments in their order.
    Function(Vec<Formal>),
    /// Another file, imported and applied to some arguments: `import ./f.nix { }`
    /// leaves the function that `f.nix` returns after one argument.
    Import {
        /// The path as it is written, such as `./common.nix`.
        path: String,
        /// To how many arguments it is applied.
        applied: usize,
    },
    /// Something else.
    Other,
}

/// What the file with this text is, after it is applied to `skip` arguments.
///
/// # Errors
/// When the text does not parse, or is nested too deeply.
pub fn shape(text: &str, skip: usize) -> Result<Shape, SyntaxError> {
    NixFile::read(text, |file| of_file(file, skip))
}

fn of_file(file: &NixFile<'_>, mut skip: usize) -> Shape {
    let mut next = file.root().expr();
    while let Some(expression) = next.and_then(unwrapped) {
        next = match expression {
            Expr::Lambda(lambda) if skip > 0 => {
                skip -= 1;
                lambda.body()
            }
            Expr::Lambda(lambda) => {
                let Some(Param::Pattern(pattern)) = lambda.param() else {
                    return Shape::Other;
                };
                return Shape::Function(arguments(file, &pattern));
            }
            Expr::Apply(apply) => return import(Expr::Apply(apply), skip),
            _ => return Shape::Other,
        };
    }
    Shape::Other
}

fn arguments(file: &NixFile<'_>, pattern: &rnix::ast::Pattern) -> Vec<Formal> {
    pattern
        .pat_entries()
        .filter_map(|entry| {
            let ident = entry.ident()?;
            Some(Formal {
                name: ident.syntax().text().to_string(),
                optional: entry.default().is_some(),
                line: file.line(ident.syntax()),
            })
        })
        .collect()
}

/// `import PATH a b`, whose head is found through the applications.
fn import(expression: Expr, skip: usize) -> Shape {
    let mut arguments = Vec::new();
    let mut head = expression;
    while let Expr::Apply(apply) = head {
        let (Some(function), Some(argument)) = (apply.lambda(), apply.argument()) else {
            return Shape::Other;
        };
        arguments.push(argument);
        head = function;
    }
    let path = arguments.pop().map(|path| path.syntax().text().to_string());
    match path {
        Some(path) if head.syntax().text() == "import" && path.starts_with("./") => Shape::Import {
            path,
            applied: arguments.len() + skip,
        },
        _ => Shape::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_told_apart_and_places_are_lines() {
        let text = "# a comment\nlet x = 1; in\n{\n  lib,\n  zlib ? null,\n  ...\n}@args: x";
        let Shape::Function(found) = shape(text, 0).unwrap() else {
            panic!("it is a function");
        };
        let short: Vec<(&str, bool, usize)> = found
            .iter()
            .map(|formal| (formal.name.as_str(), formal.optional, formal.line))
            .collect();
        assert_eq!(short, [("lib", false, 4), ("zlib", true, 5)]);
    }

    #[test]
    fn an_import_says_how_many_arguments_are_used_up() {
        let wanted = Shape::Import {
            path: "./common.nix".to_owned(),
            applied: 1,
        };
        assert_eq!(
            shape("import ./common.nix { version = \"1\"; }", 0).unwrap(),
            wanted
        );
        let common = "{ version }: { openssl }: openssl";
        let Shape::Function(found) = shape(common, 1).unwrap() else {
            panic!("it is a function");
        };
        assert_eq!(found[0].name, "openssl");
    }

    #[test]
    fn what_is_no_function_of_a_set_has_none() {
        assert_eq!(shape("final: prev: { }", 0).unwrap(), Shape::Other);
        assert_eq!(shape("{ a = 1; }", 0).unwrap(), Shape::Other);
        assert!(shape("{ a, : a", 0).is_err());
        let deep = "[".repeat(100_000);
        assert!(shape(&deep, 0).is_err(), "deep nesting is refused");
    }
}
