//! How long, deep and costly a Nix text may be, found out in one pass over its tokens.
//!
//! A parser recurses for brackets, but for rows too: `a // b // c` nests to the right,
//! `a b c` to the left, `let`, `with` and `if` nest without any bracket, and dropping or
//! walking the tree recurses as deep once more. The pass counts, within each pair of
//! brackets, the links of the row since the last `;`, `,` or element of a list ended it.
//! The sum of these over all open brackets is never less than the depth of the tree.
//!
//! That holds only if the parser sees the brackets as the pass does. rnix recovers from
//! errors by skipping tokens, also brackets, so the pass refuses what would make it skip
//! some: brackets that do not pair up, and operators without an operand.

use rnix::SyntaxKind;
use rnix::SyntaxKind::*;

use crate::language::error::SyntaxError;
use crate::language::tokens::Tokens;

/// Bytes of a Nix text that is parsed. The longest file of nixpkgs that people wrote has
/// 1.3 MiB, generated ones have 8.
pub const LONGEST: usize = 8 << 20;

/// What a text may cost.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Bytes.
    size: usize,
    /// Open brackets; rnix and the formatter end at 512 expressions.
    nesting: usize,
    /// Open brackets and links of rows.
    depth: usize,
    /// Steps for each byte: the look-ahead of the tokenizer, and the depth of each
    /// token. The latter bounds rowan, which hashes a whole subtree whenever its cache
    /// of nodes grows.
    steps: u64,
    /// Steps that any text may take.
    free: u64,
}

impl Limits {
    /// What rnix parses in at most four seconds for the longest text, and in 0.2
    /// seconds for one of some kilobytes.
    pub(super) const PARSED: Self = Self {
        size: LONGEST,
        nesting: 512,
        depth: 4000,
        steps: 32,
        free: 32 << 20,
    };
    /// What the formatter formats in at most some seconds. Only what templates make goes
    /// there.
    pub(super) const FORMATTED: Self = Self {
        nesting: 256,
        depth: 512,
        steps: 16,
        free: 1 << 20,
        ..Self::PARSED
    };

    /// The steps that a text may take.
    pub(super) fn work(&self, text: &str) -> u64 {
        self.free + self.steps * text.len() as u64
    }

    /// The depth of a text.
    ///
    /// # Errors
    /// Where it is beyond the limits, or no Nix.
    pub(super) fn check(&self, text: &str) -> Result<usize, SyntaxError> {
        if text.len() > self.size {
            let size = self.size >> 20;
            let message = format!("it is longer than {size} MiB, which is not parsed");
            return Err(SyntaxError::limit(text, 0, message));
        }
        let work = self.work(text);
        let mut tokens = Tokens::of(text);
        let mut pass = Pass::new(text);
        loop {
            let at = tokens.offset;
            let Some((kind, token)) = tokens.next() else {
                break;
            };
            if !matches!(kind, TOKEN_WHITESPACE | TOKEN_COMMENT) {
                pass.token(kind, token, at)?;
            }
            if pass.frames.len() > self.nesting {
                let message = format!("it is nested more than {} deep", self.nesting);
                return Err(SyntaxError::limit(text, at, message));
            }
            if pass.depth() > self.depth {
                let message = format!(
                    "more than {} operators, arguments or brackets are open in a row",
                    self.depth
                );
                return Err(SyntaxError::limit(text, at, message));
            }
            if tokens.work + pass.work > work {
                let message = "rows of names and operators are too long up to here to be parsed";
                return Err(SyntaxError::limit(text, at, message));
            }
        }
        if tokens.offset < text.len() {
            let message = "the parser gave up here";
            return Err(SyntaxError::at(text, tokens.offset, message));
        }
        pass.end()?;
        Ok(pass.deepest)
    }
}

/// What is open, and what closes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Open {
    /// The whole text, which its end closes.
    Root,
    Paren,
    List,
    /// A set or the arguments of a function, which are told apart by what they hold.
    Brace(Brace),
    Text,
    Interpolation,
    /// `let`, which `in` closes.
    Let,
    /// `with` or `assert`, which `;` closes.
    Head,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Brace {
    Unknown,
    Set,
    Arguments,
}

struct Frame {
    open: Open,
    /// Where it was opened.
    at: usize,
    /// The links of the row in it.
    row: usize,
    /// Whether the names of an `inherit` are read: no row.
    inherits: bool,
    /// Whether it is part of a path of attributes.
    is_attribute: bool,
}

struct Pass<'t> {
    text: &'t str,
    frames: Vec<Frame>,
    /// The sum of all rows.
    links: usize,
    deepest: usize,
    /// The sum of the depths of all tokens.
    work: u64,
    previous: Option<SyntaxKind>,
    /// Whether what comes must be an operand, or an attribute's name.
    wanted: Wanted,
    /// Whether the row ends with a path of attributes, so that `or` has a default.
    selects: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Nothing,
    /// Anything but the end of what is open.
    Operand,
    Attribute,
    Exactly(&'static [SyntaxKind]),
}

impl<'t> Pass<'t> {
    fn new(text: &'t str) -> Self {
        let root = Frame {
            open: Open::Root,
            at: 0,
            row: 0,
            inherits: false,
            is_attribute: false,
        };
        Self {
            text,
            frames: vec![root],
            links: 0,
            deepest: 0,
            work: 0,
            previous: None,
            wanted: Wanted::Nothing,
            selects: false,
        }
    }

    fn depth(&self) -> usize {
        self.frames.len() + self.links
    }

    fn top(&mut self) -> &mut Frame {
        self.frames.last_mut().expect("the root is never closed")
    }

    fn link(&mut self) {
        self.top().row += 1;
        self.links += 1;
    }

    fn end_row(&mut self) {
        self.links -= std::mem::take(&mut self.top().row);
    }

    fn push(&mut self, open: Open, at: usize) {
        self.frames.push(Frame {
            open,
            at,
            row: 0,
            inherits: false,
            is_attribute: self.previous == Some(TOKEN_DOT),
        });
    }

    fn pop(&mut self) {
        self.end_row();
        let frame = self.frames.pop();
        self.selects = frame.is_some_and(|frame| frame.is_attribute);
    }

    fn unexpected(&self, at: usize, token: &str) -> SyntaxError {
        let shown: String = token.chars().take(20).collect();
        let shown = super::one_line(&shown);
        SyntaxError::at(self.text, at, format!("unexpected `{shown}`"))
    }

    fn token(&mut self, kind: SyntaxKind, token: &str, at: usize) -> Result<(), SyntaxError> {
        let is_fine = match self.wanted {
            Wanted::Nothing => true,
            Wanted::Operand => !is_terminator(kind),
            Wanted::Attribute => matches!(
                kind,
                TOKEN_IDENT | TOKEN_OR | TOKEN_STRING_START | TOKEN_INTERPOL_START
            ),
            Wanted::Exactly(kinds) => kinds.contains(&kind),
        };
        if kind == TOKEN_ERROR && self.top().open == Open::Text {
            return self.end();
        }
        if !is_fine || kind == TOKEN_ERROR {
            return Err(self.unexpected(at, token));
        }
        // What `or` in a path of attributes means is told by what was wanted.
        let is_attribute = self.wanted == Wanted::Attribute;
        self.wanted = Wanted::Nothing;
        if is_primary(kind) {
            self.primary(kind, is_attribute);
        }
        match kind {
            TOKEN_L_PAREN => self.open(Open::Paren, at, Wanted::Operand),
            TOKEN_L_BRACK => self.open(Open::List, at, Wanted::Nothing),
            TOKEN_L_BRACE => {
                // `let { }` is no `let` with an `in`.
                if self.previous == Some(TOKEN_LET) && self.top().open == Open::Let {
                    self.pop();
                }
                self.open(Open::Brace(Brace::Unknown), at, Wanted::Nothing);
            }
            TOKEN_STRING_START => self.open(Open::Text, at, Wanted::Nothing),
            TOKEN_INTERPOL_START => self.open(Open::Interpolation, at, Wanted::Operand),
            TOKEN_R_PAREN => self.close(Open::Paren, token, at)?,
            TOKEN_R_BRACK => self.close(Open::List, token, at)?,
            TOKEN_STRING_END => self.close(Open::Text, token, at)?,
            TOKEN_INTERPOL_END => self.close(Open::Interpolation, token, at)?,
            TOKEN_IN => {
                self.close(Open::Let, token, at)?;
                self.wanted = Wanted::Operand;
            }
            TOKEN_R_BRACE => match self.top().open {
                Open::Brace(_) => self.pop(),
                _ => return Err(self.mismatched(token, at)),
            },
            TOKEN_LET => {
                self.link();
                self.push(Open::Let, at);
            }
            TOKEN_WITH | TOKEN_ASSERT => {
                self.link();
                self.push(Open::Head, at);
                self.wanted = Wanted::Operand;
            }
            TOKEN_SEMICOLON => self.semicolon(at)?,
            TOKEN_COMMA => match self.top().open {
                Open::Brace(Brace::Unknown | Brace::Arguments) => {
                    self.top().open = Open::Brace(Brace::Arguments);
                    self.end_row();
                    self.wanted = Wanted::Exactly(&[TOKEN_IDENT, TOKEN_ELLIPSIS, TOKEN_R_BRACE]);
                }
                _ => return Err(self.unexpected(at, token)),
            },
            TOKEN_ASSIGN => {
                match self.top().open {
                    Open::Brace(Brace::Unknown) => self.top().open = Open::Brace(Brace::Set),
                    Open::Brace(Brace::Set) | Open::Let => {}
                    _ => return Err(self.unexpected(at, token)),
                }
                self.wanted = Wanted::Operand;
            }
            TOKEN_INHERIT => match self.top().open {
                Open::Brace(Brace::Unknown | Brace::Set) | Open::Let => {
                    if self.top().open != Open::Let {
                        self.top().open = Open::Brace(Brace::Set);
                    }
                    self.top().inherits = true;
                }
                _ => return Err(self.unexpected(at, token)),
            },
            TOKEN_REC => self.wanted = Wanted::Exactly(&[TOKEN_L_BRACE]),
            TOKEN_AT => {
                self.link();
                self.wanted = Wanted::Exactly(&[TOKEN_L_BRACE, TOKEN_IDENT]);
            }
            TOKEN_DOT => {
                self.link();
                self.selects = true;
                self.wanted = Wanted::Attribute;
            }
            TOKEN_QUESTION => self.question(),
            TOKEN_OR if !is_attribute => {
                self.link();
                if std::mem::take(&mut self.selects) && !self.top().inherits {
                    self.wanted = Wanted::Operand;
                }
            }
            TOKEN_THEN | TOKEN_ELSE => self.wanted = Wanted::Operand,
            kind if is_operator(kind) => {
                self.link();
                self.wanted = Wanted::Operand;
            }
            _ => {}
        }
        self.previous = Some(kind);
        self.deepest = self.deepest.max(self.depth());
        self.work += self.depth() as u64;
        Ok(())
    }

    /// A name, literal, path or opening bracket: an argument, or the next element.
    fn primary(&mut self, kind: SyntaxKind, is_attribute: bool) {
        let goes_on = matches!(self.previous, Some(TOKEN_DOT | TOKEN_OR))
            || kind == TOKEN_INTERPOL_START
            || (is_path(kind) && self.previous == Some(TOKEN_INTERPOL_END));
        let top = self.top();
        match top.open {
            // An attribute's name is counted with its dot, parts of a text are in no row.
            Open::Text => return,
            Open::List if !goes_on => self.end_row(),
            _ if top.inherits => return,
            _ => {}
        }
        if !is_attribute {
            self.selects = false;
        }
        self.link();
    }

    fn open(&mut self, open: Open, at: usize, wanted: Wanted) {
        self.push(open, at);
        self.wanted = wanted;
    }

    fn close(&mut self, open: Open, token: &str, at: usize) -> Result<(), SyntaxError> {
        if self.top().open != open {
            return Err(self.mismatched(token, at));
        }
        self.pop();
        Ok(())
    }

    fn semicolon(&mut self, at: usize) -> Result<(), SyntaxError> {
        match self.top().open {
            Open::Head => {
                self.pop();
                self.wanted = Wanted::Operand;
            }
            Open::Brace(Brace::Unknown | Brace::Set) | Open::Let => {
                if self.top().open != Open::Let {
                    self.top().open = Open::Brace(Brace::Set);
                }
                self.top().inherits = false;
                self.end_row();
            }
            _ => return Err(self.mismatched(";", at)),
        }
        Ok(())
    }

    /// `a ? b` asks for an attribute, and `{ a ? b }:` has a default.
    fn question(&mut self) {
        let top = self.top();
        let is_default = top.row == 1
            && matches!(top.open, Open::Brace(Brace::Unknown | Brace::Arguments))
            && self.previous == Some(TOKEN_IDENT);
        self.link();
        self.wanted = if is_default {
            self.top().open = Open::Brace(Brace::Arguments);
            Wanted::Operand
        } else {
            Wanted::Attribute
        };
    }

    /// Something ends that is not what was opened last.
    fn mismatched(&mut self, token: &str, at: usize) -> SyntaxError {
        let (text, frame) = (self.text, self.top());
        let (open, opened) = (frame.open, frame.at);
        let message = if open == Open::Root {
            format!("unexpected `{token}`")
        } else {
            let (opener, line) = (opener(text, opened), SyntaxError::at(text, opened, "").line);
            format!("unexpected `{token}`: the `{opener}` of line {line} is not closed yet")
        };
        SyntaxError::at(text, at, message)
    }

    /// The end of the text.
    fn end(&mut self) -> Result<(), SyntaxError> {
        let (text, frame) = (self.text, self.top());
        let (open, opened) = (frame.open, frame.at);
        if open != Open::Root {
            let message = format!("this `{}` is not closed", opener(text, opened));
            Err(SyntaxError::at(text, opened, message))
        } else if self.wanted != Wanted::Nothing {
            let message = "unexpected end of file";
            Err(SyntaxError::at(text, text.trim_end().len(), message))
        } else {
            Ok(())
        }
    }
}

/// The token that opened something.
fn opener(text: &str, at: usize) -> &str {
    rnix::tokenize(&text[at..])
        .next()
        .map_or("", |(_, token)| token)
}

/// What ends an expression.
fn is_terminator(kind: SyntaxKind) -> bool {
    matches!(
        kind,
        TOKEN_R_PAREN
            | TOKEN_R_BRACK
            | TOKEN_R_BRACE
            | TOKEN_INTERPOL_END
            | TOKEN_STRING_END
            | TOKEN_SEMICOLON
            | TOKEN_COMMA
            | TOKEN_ASSIGN
            | TOKEN_IN
            | TOKEN_THEN
            | TOKEN_ELSE
            | TOKEN_INHERIT
    )
}

fn is_path(kind: SyntaxKind) -> bool {
    matches!(
        kind,
        TOKEN_PATH_ABS | TOKEN_PATH_HOME | TOKEN_PATH_REL | TOKEN_PATH_SEARCH
    )
}

fn is_primary(kind: SyntaxKind) -> bool {
    is_path(kind)
        || matches!(
            kind,
            TOKEN_IDENT
                | TOKEN_INTEGER
                | TOKEN_FLOAT
                | TOKEN_URI
                | TOKEN_CUR_POS
                | TOKEN_REC
                | TOKEN_L_PAREN
                | TOKEN_L_BRACK
                | TOKEN_L_BRACE
                | TOKEN_STRING_START
                | TOKEN_INTERPOL_START
        )
}

/// What stands before or between operands, and nests.
fn is_operator(kind: SyntaxKind) -> bool {
    matches!(
        kind,
        TOKEN_ADD
            | TOKEN_SUB
            | TOKEN_MUL
            | TOKEN_DIV
            | TOKEN_UPDATE
            | TOKEN_CONCAT
            | TOKEN_IMPLICATION
            | TOKEN_AND_AND
            | TOKEN_OR_OR
            | TOKEN_EQUAL
            | TOKEN_NOT_EQUAL
            | TOKEN_LESS
            | TOKEN_LESS_OR_EQ
            | TOKEN_MORE
            | TOKEN_MORE_OR_EQ
            | TOKEN_INVERT
            | TOKEN_PIPE_LEFT
            | TOKEN_PIPE_RIGHT
            | TOKEN_COLON
            | TOKEN_IF
    )
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use proptest::prelude::*;

    use super::super::{check, format};
    use super::*;

    /// What nests without end, or is looked through again and again.
    const ROWS: [(&str, &str, &str); 24] = [
        ("{}//", "{}", ""),
        ("[]++", "[]", ""),
        ("a.", "a", ""),
        ("a+", "a", ""),
        ("1-", "a", ""),
        ("a->", "a", ""),
        ("a ", "a", ""),
        ("x: ", "x", ""),
        ("{a}: ", "a", ""),
        ("if a then b else ", "a", ""),
        ("let a = 1; in ", "a", ""),
        ("with a; ", "a", ""),
        ("assert a; ", "a", ""),
        ("-", "1", ""),
        ("!", "a", ""),
        ("a.b or ", "c", ""),
        ("a <| ", "b", ""),
        ("[", "", "]"),
        ("(", "a", ")"),
        ("{a=", "1", ";}"),
        ("\"${", "a", "}\""),
        ("a ? b || ", "c", ""),
        ("f [a] ", "a", ""),
        ("<", "a", ""),
    ];

    #[test]
    fn rows_of_any_length_end_soon_and_harm_nobody() {
        for (start, middle, end) in ROWS {
            for number in [100, 8_000, 300_000] {
                let text = [&start.repeat(number), middle, &end.repeat(number)].concat();
                for (what, read) in [
                    ("parsed", check as fn(&str) -> Result<(), SyntaxError>),
                    ("formatted", |text| format(text).map(|_| ())),
                ] {
                    let started = Instant::now();
                    let answer = read(&text);
                    let took = started.elapsed();
                    assert!(
                        took < Duration::from_secs(10),
                        "{start} {number} {what} {took:?}"
                    );
                    assert!(
                        number < 300_000 || answer.is_err(),
                        "{start} {number} {what}"
                    );
                }
            }
        }
    }

    #[test]
    fn rows_side_by_side_end_soon() {
        // Each is within the limits alone; all together are a long file.
        for (start, middle, end) in ROWS {
            for number in [8, 100] {
                let row = [&start.repeat(number), middle, &end.repeat(number)].concat();
                let entries = (LONGEST / 64) / (row.len() + 8);
                let text: String = (0..entries)
                    .map(|entry| std::format!("a{entry}={row};"))
                    .collect();
                let text = std::format!("{{{text}}}");
                let started = Instant::now();
                let _either = check(&text);
                let took = started.elapsed();
                assert!(
                    took < Duration::from_secs(10),
                    "{start} {number} took {took:?}"
                );
            }
        }
    }

    #[test]
    fn what_is_large_and_not_deep_is_parsed() {
        let names = |count: usize| (0..count).map(|number| std::format!("name-{number}"));
        let bindings: String = names(20_000)
            .map(|name| {
                std::format!("  {name} = callPackage ../by-name/{name} {{ inherit (darwin) cctools; x = a.b.c; }};\n")
            })
            .collect();
        let list: Vec<String> = names(100_000).collect();
        let list = list.join(" ");
        let interpolations = "${pkgs.bash}/bin/bash ".repeat(20_000);
        let base64 = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo/+".repeat(40_000);
        let arguments: Vec<String> = names(20_000)
            .map(|name| std::format!("{name} ? null"))
            .collect();
        for text in [
            std::format!("{{ pkgs, ... }}: with pkgs; {{\n{bindings}}}"),
            std::format!("[ {list} ]"),
            std::format!("{{ inherit (x) {list}; }}"),
            std::format!("[ \"{interpolations}\" ''{interpolations}'' \"{base64}\" ]"),
            std::format!(
                "# {base64}\n/* {base64} */ {{ {}, ... }}: 1",
                arguments.join(", ")
            ),
            std::format!(
                "[ {} ]",
                "(f { a = [ x y ]; }) a.b.c (x // y) ".repeat(20_000)
            ),
            std::format!(
                "[ {} ]",
                "a.${b} ./c ./d${e}/f <g> \"${h}\" ".repeat(20_000)
            ),
            std::format!("x {}", "++ [ a b (c d) \"e\" ] ".repeat(500)),
            std::format!("x {}", "+ \"abc\" ".repeat(1_000)),
            std::format!("{}1", "if a == \"b\" then [ c ] else ".repeat(400)),
        ] {
            let shown: String = text.chars().take(60).collect();
            assert_eq!(check(&text), Ok(()), "{shown}");
        }
    }

    #[test]
    fn what_is_nix_is_not_refused() {
        for text in [
            "let inherit (x) or a; b.or = 1; in x.or or x ? or",
            "let { a = 1; body = a; }",
            "{ a ? b ? c, d ? { }, ... }@args: a",
            "args@{ }: { ${x}.\"y\".z = ./a/${b}/c; inherit; }",
            "rec { a = __curPos; b = a.b.c or d.e or f; }",
            "f or",
            "[ or a.b or c ]",
            "''a ${x} ''${y} ''' ''\\n'' + \"\\\"$$${z}\"",
            "x: with a; assert b; -1 + .5 - 1.e3",
            "https://example.org/a?b=c",
            "",
        ] {
            let limits = Limits::PARSED.check(text);
            assert!(limits.is_ok(), "{text}: {limits:?}");
        }
    }

    #[test]
    fn what_is_not_closed_is_named() {
        for (text, line, column, message) in [
            ("{\n a = (", 2, 7, "unexpected end of file"),
            ("{\n a = (b", 2, 6, "this `(` is not closed"),
            (
                "[\n ) ]",
                2,
                2,
                "unexpected `)`: the `[` of line 1 is not closed yet",
            ),
            (
                "let a = 1; }",
                1,
                12,
                "unexpected `}`: the `let` of line 1 is not closed yet",
            ),
            ("{ a = ''b; }", 1, 7, "this `''` is not closed"),
            ("{ a = ; }", 1, 7, "unexpected `;`"),
            ("a ? 1", 1, 5, "unexpected `1`"),
        ] {
            let error = check(text).unwrap_err();
            let found = (error.line, error.column, error.message.as_str());
            // Which of two errors comes first is the pass's to say.
            if text.ends_with('(') {
                assert_eq!(found.0, line, "{text}: {error}");
                continue;
            }
            assert_eq!(found, (line, column, message), "{text}");
        }
    }

    /// How deep the tree of a text is, whether it parses or not.
    fn depth_of_tree(text: &str) -> usize {
        let parsed = rnix::Root::parse(text);
        let (mut deepest, mut depth) = (0, 0);
        for event in parsed.syntax().preorder() {
            match event {
                rowan::WalkEvent::Enter(_) => {
                    depth += 1;
                    deepest = deepest.max(depth);
                }
                rowan::WalkEvent::Leave(_) => depth -= 1,
            }
        }
        deepest
    }

    /// Words that nest, end what nests, or make a parser skip.
    fn words() -> impl Strategy<Value = &'static str> {
        prop::sample::select(vec![
            "a", "b", "1", "{", "}", "[", "]", "(", ")", "let", "in", "with", "assert", "if",
            "then", "else", "rec", "inherit", "or", ".", "?", "@", ":", ",", ";", "=", "++", "//",
            "->", "-", "!", "+", "<", "\"", "${", "''", "./p", "...", "<|", "||", "<n>", "{}",
            "[]",
        ])
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]

        /// The pass's promise: whatever it lets through, no tree is deeper than a few
        /// times what it counted.
        #[test]
        fn no_tree_is_deeper_than_what_was_counted(
            head in prop::collection::vec(words(), 0..6),
            again in prop::collection::vec(words(), 1..8),
            tail in prop::collection::vec(words(), 0..6),
        ) {
            // A part that comes again and again shows what grows without end.
            let again = again.join(" ") + " ";
            let text = [head.join(" "), again.repeat(100), tail.join(" ")].join(" ");
            if let Ok(depth) = Limits::PARSED.check(&text) {
                let tree = depth_of_tree(&text);
                prop_assert!(tree <= 4 * depth + 16, "{} of {}: {}", tree, depth, text);
            }
        }
    }
}
