//! The arguments of a package's function, read from its text.

use rnix::ast::{Expr, Param};
use rowan::ast::AstNode;

use crate::render::syntax::SyntaxError;

/// One argument that a package's function asks for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Formal {
    /// The name asked for.
    pub(super) name: String,
    /// Whether it has a default, so that nobody has to have it.
    pub(super) optional: bool,
    /// 1-based line in the file.
    pub(super) line: usize,
}

/// Stack for parsing, in bytes: the formatter's parser gives up at 512 levels of
/// nesting, and needs more than a thread's usual 2 MiB to get there.
const STACK: usize = 64 << 20;

/// Runs something that calls [`formals`], with a stack that suffices for it.
pub(super) fn with_stack<T: Send>(run: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new()
            .stack_size(STACK)
            .spawn_scoped(scope, run)
            .expect("one more thread can be started");
        match thread.join() {
            Ok(result) => result,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

/// The arguments of the function in a Nix text, in their order; nothing if the
/// text is no function of a set. Call it inside [`with_stack`].
///
/// # Errors
/// When the text does not parse, or is nested too deeply.
pub(super) fn formals(text: &str) -> Result<Option<Vec<Formal>>, SyntaxError> {
    // The formatter's parser refuses nesting that would overflow the other's stack.
    crate::render::syntax::check_nesting(text)?;
    crate::render::syntax::check(text)?;
    let root = rnix::Root::parse(text).tree();
    let Some(mut expression) = root.expr() else {
        return Ok(None);
    };
    loop {
        expression = match expression {
            Expr::Paren(inner) => match inner.expr() {
                Some(inner) => inner,
                None => return Ok(None),
            },
            Expr::LetIn(inner) => match inner.body() {
                Some(body) => body,
                None => return Ok(None),
            },
            Expr::With(inner) => match inner.body() {
                Some(body) => body,
                None => return Ok(None),
            },
            Expr::Lambda(lambda) => {
                let Some(Param::Pattern(pattern)) = lambda.param() else {
                    return Ok(None);
                };
                let formals = pattern
                    .pat_entries()
                    .filter_map(|entry| {
                        let ident = entry.ident()?;
                        let offset: usize = ident.syntax().text_range().start().into();
                        Some(Formal {
                            name: ident.syntax().text().to_string(),
                            optional: entry.default().is_some(),
                            line: text[..offset].matches('\n').count() + 1,
                        })
                    })
                    .collect();
                return Ok(Some(formals));
            }
            _ => return Ok(None),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_told_apart_and_places_are_lines() {
        let text = "# a comment\nlet x = 1; in\n{\n  lib,\n  zlib ? null,\n  ...\n}@args: x";
        let found = formals(text).unwrap().unwrap();
        let short: Vec<(&str, bool, usize)> = found
            .iter()
            .map(|formal| (formal.name.as_str(), formal.optional, formal.line))
            .collect();
        assert_eq!(short, [("lib", false, 4), ("zlib", true, 5)]);
    }

    #[test]
    fn what_is_no_function_of_a_set_has_none() {
        assert_eq!(formals("final: prev: { }").unwrap(), None);
        assert_eq!(formals("{ a = 1; }").unwrap(), None);
        assert!(formals("{ a, : a").is_err());
        let deep = "[".repeat(100_000);
        assert!(
            with_stack(|| formals(&deep)).is_err(),
            "deep nesting is refused"
        );
    }
}
