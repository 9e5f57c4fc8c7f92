//! The tokens of a Nix text, and what it costs to find them.

use std::panic::{AssertUnwindSafe, catch_unwind};

use aux_process::guard;
use rnix::SyntaxKind;

/// Tokens with the work that the tokenizer had with them.
///
/// rnix looks ahead for a `/`, `>` or `:` to tell a name from a path or a URI: from
/// the start of each token through all characters that a path may have. A row such as
/// `a.a.a.a` is looked through once for each of its tokens, so that its cost is
/// quadratic; it is counted before the tokenizer is asked.
pub(super) struct Tokens<'t, I> {
    text: &'t str,
    inner: I,
    /// Where the next token starts, in bytes.
    pub(super) offset: usize,
    /// The end of the row of path characters that was looked at last.
    row: usize,
    /// Characters looked at so far.
    pub(super) work: u64,
}

impl<'t> Tokens<'t, ()> {
    pub(super) fn of(
        text: &'t str,
    ) -> Tokens<'t, impl Iterator<Item = (SyntaxKind, &'t str)> + use<'t>> {
        Tokens {
            text,
            inner: rnix::tokenize(text),
            offset: 0,
            row: 0,
            work: 0,
        }
    }
}

impl<'t, I: Iterator<Item = (SyntaxKind, &'t str)>> Tokens<'t, I> {
    /// The next token; none at the end, or where the tokenizer panics.
    pub(super) fn next(&mut self) -> Option<(SyntaxKind, &'t str)> {
        self.look_ahead();
        let inner = &mut self.inner;
        let token = guard::quietly(|| catch_unwind(AssertUnwindSafe(|| inner.next())))
            .ok()
            .flatten()?;
        self.offset += token.1.len();
        Some(token)
    }

    /// Counts what the tokenizer will look at. Rows do not overlap, so this is linear.
    fn look_ahead(&mut self) {
        if self.row <= self.offset {
            let rest = &self.text.as_bytes()[self.offset..];
            let row = rest.iter().take_while(|byte| is_of_a_path(**byte)).count();
            self.row = self.offset + row;
        }
        self.work += (self.row - self.offset) as u64;
    }
}

/// What the tokenizer looks through, from whatever token it starts.
fn is_of_a_path(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'_' | b'.' | b'+' | b'-' | b'<')
}
