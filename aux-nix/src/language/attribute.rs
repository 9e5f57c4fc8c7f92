//! The value of an attribute, found by its name alone.

use rnix::SyntaxKind;
use rnix::SyntaxKind::{
    TOKEN_COMMENT, TOKEN_STRING_CONTENT, TOKEN_STRING_END, TOKEN_STRING_START, TOKEN_WHITESPACE,
};

use crate::language::tokens;

/// The text of the first attribute of a name that is one without anything computed in it, anywhere in
/// a Nix text: `1.2` of `version = "1.2";`.
pub fn literal_attribute(text: &str, name: &str) -> Option<String> {
    let is_code = |kind: &SyntaxKind| !matches!(kind, TOKEN_WHITESPACE | TOKEN_COMMENT);
    let tokens: Vec<(SyntaxKind, &str)> = tokens(text).filter(|(kind, _)| is_code(kind)).collect();
    tokens.windows(5).find_map(|five| match five {
        [
            (_, word),
            (_, "="),
            (TOKEN_STRING_START, _),
            (TOKEN_STRING_CONTENT, value),
            (TOKEN_STRING_END, _),
        ] if *word == name => Some((*value).to_owned()),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::literal_attribute;

    #[test]
    fn the_first_literal_text_of_a_name_is_found() {
        let text =
            "{ stdenv }: stdenv.mkDerivation { version = /* now */ \"1.2\"; x = \"${version}\"; }";
        assert_eq!(literal_attribute(text, "version").as_deref(), Some("1.2"));
        for other in ["version", "x", "", "version = \"${x}\";", "version = ''1''"] {
            assert_eq!(literal_attribute(other, "x"), None, "{other}");
        }
    }
}
