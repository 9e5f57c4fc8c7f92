//! What an expression is without evaluating anything: names, texts, the body of a function.

use rnix::ast::{Attr, Attrpath, Expr};
use rowan::ast::AstNode;

/// What a function of functions, `let`, `with`, `assert` and brackets evaluates to; none
/// if that is none of what a set can be written as.
pub fn body(value: Expr) -> Option<Expr> {
    let mut value = unwrapped(value)?;
    while let Expr::Lambda(function) = value {
        value = unwrapped(function.body()?)?;
    }
    Some(value)
}

/// What `let`, `with`, `assert` and brackets come down to; none if what they hold is missing.
pub fn unwrapped(value: Expr) -> Option<Expr> {
    let mut value = value;
    loop {
        value = match value {
            Expr::Paren(inner) => inner.expr()?,
            Expr::LetIn(inner) => inner.body()?,
            Expr::With(inner) => inner.body()?,
            Expr::Assert(inner) => inner.body()?,
            other => return Some(other),
        };
    }
}

/// A path of plain names.
pub(crate) fn attribute_path(path: &Attrpath) -> Option<Vec<String>> {
    path.attrs().map(|attr| attribute_name(&attr)).collect()
}

/// A plain name; none if it is computed.
pub(crate) fn attribute_name(attr: &Attr) -> Option<String> {
    match attr {
        Attr::Ident(ident) => Some(ident.syntax().text().to_string()),
        Attr::Str(value) => literal_text(&Expr::Str(value.clone())),
        Attr::Dynamic(_) => None,
    }
}

/// A text in which nothing is computed.
pub(crate) fn literal_text(value: &Expr) -> Option<String> {
    let Expr::Str(value) = value else {
        return None;
    };
    match value.normalized_parts().as_slice() {
        [] => Some(String::new()),
        [rnix::ast::InterpolPart::Literal(text)] => Some(text.clone()),
        _ => None,
    }
}
