//! A Nix file: parsed once, on a stack that suffices, with an index of its lines.

use aux_process::guard;
use line_index::LineIndex;
use rnix::{SyntaxKind, SyntaxNode};

use crate::language::error::{SyntaxError, one_line};
use crate::language::limits::{LONGEST, Limits};
use crate::language::tokens::Tokens;

/// Whether a file of so many bytes is refused before anybody reads it: a sparse one
/// takes no room on the disk, and all of the memory.
pub fn is_too_long(bytes: u64) -> bool {
    bytes > LONGEST as u64
}

/// Parses a Nix text.
///
/// # Errors
/// The first error; the parser's later ones mostly follow from it.
pub fn check(text: &str) -> Result<(), SyntaxError> {
    NixFile::read(text, |_| ())
}

/// A Nix file whose text parses.
pub struct NixFile<'t> {
    text: &'t str,
    root: &'t rnix::Root,
    lines: LineIndex,
}

impl<'t> NixFile<'t> {
    /// What a reader makes of a file. The reader may recurse over the tree: it runs on a stack
    /// that is sized for the deepest one, and so the tree does not leave it.
    ///
    /// # Errors
    /// The first error of the text, if it is beyond the limits or does not parse. Then the
    /// reader is not called.
    pub fn read<T: Send>(
        text: &str,
        reader: impl FnOnce(&NixFile<'_>) -> T + Send,
    ) -> Result<T, SyntaxError> {
        let depth = Limits::PARSED.check(text)?;
        let parsed = run(depth, || {
            // The tree stays in here: dropping it recurses as building it does.
            let parsed = rnix::Root::parse(text);
            match parsed.errors().first() {
                None => Ok(reader(&NixFile {
                    text,
                    root: &parsed.tree(),
                    lines: LineIndex::new(text),
                })),
                Some(error) => {
                    let offset = offset_of(error).unwrap_or(text.len());
                    let message = one_line(&error.to_string());
                    Err(SyntaxError::at(text, offset, message))
                }
            }
        });
        parsed.map_err(|reason| SyntaxError::at(text, 0, reason))?
    }

    /// The whole text.
    #[must_use]
    pub fn text(&self) -> &'t str {
        self.text
    }

    /// The tree.
    #[must_use]
    pub fn root(&self) -> &'t rnix::Root {
        self.root
    }

    /// The 1-based line of a node.
    #[must_use]
    pub fn line(&self, node: &SyntaxNode) -> usize {
        self.place(node).0
    }

    /// The 1-based line and column, in bytes, of a node.
    #[must_use]
    pub fn place(&self, node: &SyntaxNode) -> (usize, usize) {
        let start = u32::from(node.text_range().start());
        let place = self.lines.line_col(start.into());
        (place.line as usize + 1, place.col as usize + 1)
    }

    /// The 1-based line of a byte.
    #[must_use]
    pub(crate) fn line_of(&self, offset: usize) -> usize {
        let offset = u32::try_from(offset).unwrap_or(u32::MAX);
        let place = self.lines.try_line_col(offset.into());
        place.map_or(1, |place| place.line as usize + 1)
    }
}

/// A tree of this depth is parsed, read and dropped within half a megabyte, which
/// every thread has.
const SHALLOW: usize = 64;

/// Stack of the thread for deeper ones, in bytes: 16 KiB for each level that
/// [`Limits::PARSED`] allows.
const STACK: usize = 64 << 20;

/// Runs something that recurses as deep as a text nests.
pub(crate) fn run<T: Send>(depth: usize, run: impl FnOnce() -> T + Send) -> Result<T, String> {
    if depth <= SHALLOW {
        guard::caught(run)
    } else {
        guard::run_on(STACK, run)
    }
}

fn offset_of(error: &rnix::ParseError) -> Option<usize> {
    use rnix::ParseError as E;
    let range = match error {
        E::Unexpected(range)
        | E::UnexpectedExtra(range)
        | E::UnexpectedWanted(_, range, _)
        | E::UnexpectedDoubleBind(range)
        | E::DuplicatedArgs(range, _) => *range,
        _ => return None,
    };
    Some(range.start().into())
}

/// The tokens of any text, parsed or not. A text that is too costly ends early: so does
/// [`check`], which says why.
pub fn tokens(text: &str) -> impl Iterator<Item = (SyntaxKind, &str)> {
    let allowed = Limits::PARSED.work(text);
    let mut tokens = Tokens::of(text);
    std::iter::from_fn(move || tokens.next().filter(|_| tokens.work <= allowed))
}
