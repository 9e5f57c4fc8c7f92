//! Reading what an evaluating Nix prints to standard error.
//!
//! Everything travels on that one stream, so that answers and messages keep their
//! order: `builtins.trace` prints a string as it is (2.8 and 2.34 alike), while what
//! `nix repl` prints to standard output is escaped, coloured and laid out
//! differently in every version. JSON has no raw line break or control character,
//! so an answer is one line that no terminal filter can change.

use crate::evaluator::segment::Segment;

/// A line printed by our own part of the evaluation.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// Nix reads expressions.
    Ready,
    /// The named question has this value.
    Value(String, Vec<u8>),
    /// The named question failed in a way `tryEval` catches.
    Caught(String),
    /// The line after the named question's was read as a line of its own.
    Intact(String),
    /// The named question is over.
    Done(String),
    /// The value of this name was needed.
    Forced(String),
}

/// The stream, cut into marks and the text between them.
#[derive(Debug)]
pub(super) struct Transcript {
    /// What starts a mark; no expression can know it.
    nonce: Vec<u8>,
    pending: Vec<u8>,
    /// Where in `pending` the next line starts.
    start: usize,
    /// Up to where in `pending` no line break was found: one line can be megabytes.
    searched: usize,
    segment: Segment,
}

impl Transcript {
    pub(super) fn new(nonce: &str) -> Self {
        Self {
            nonce: format!("@@{nonce} ").into_bytes(),
            pending: Vec::new(),
            start: 0,
            searched: 0,
            segment: Segment::default(),
        }
    }

    pub(super) fn feed(&mut self, bytes: &[u8]) {
        self.pending.drain(..self.start);
        self.searched -= self.start;
        self.start = 0;
        self.pending.extend_from_slice(bytes);
    }

    /// The next mark in what was fed; text before it goes to the segment.
    pub(super) fn next_mark(&mut self) -> Option<Mark> {
        while let Some(length) = self.pending[self.searched..]
            .iter()
            .position(|&byte| byte == b'\n')
        {
            let end = self.searched + length + 1;
            let line = &self.pending[self.start..end];
            let found = mark(&self.nonce, line);
            if found.is_none() {
                self.segment.push(line);
            }
            self.start = end;
            self.searched = end;
            if found.is_some() {
                return found;
            }
        }
        self.searched = self.pending.len();
        None
    }

    /// The text since the last call.
    pub(super) fn take_text(&mut self) -> String {
        self.segment.take()
    }

    /// The stream has ended: an unfinished line is text.
    pub(super) fn end(&mut self) {
        self.segment.push(&self.pending[self.start..]);
        self.pending.clear();
        self.start = 0;
        self.searched = 0;
    }
}

/// How far into a line a mark may start, after `trace: ` and whatever colours it.
const PREFIX: usize = 64;

/// Reads a mark, whatever a version puts before it.
fn mark(nonce: &[u8], line: &[u8]) -> Option<Mark> {
    let at = line
        .windows(nonce.len())
        .take(PREFIX)
        .position(|window| window == nonce)?;
    let mut words = uncoloured(&line[at + nonce.len()..]).splitn(3, |&byte| byte == b' ');
    let what = words.next()?;
    let name = String::from_utf8_lossy(words.next().unwrap_or_default()).into_owned();
    match what {
        b"ready" => Some(Mark::Ready),
        b"value" => Some(Mark::Value(name, words.next().unwrap_or_default().to_vec())),
        b"caught" => Some(Mark::Caught(name)),
        b"intact" => Some(Mark::Intact(name)),
        b"done" => Some(Mark::Done(name)),
        b"forced" => Some(Mark::Forced(name)),
        _ => None,
    }
}

/// Without the line break, and without the colour reset that some versions append.
fn uncoloured(text: &[u8]) -> &[u8] {
    let end = text
        .iter()
        .position(|&byte| byte == 0x1b)
        .unwrap_or(text.len());
    text[..end].trim_ascii_end()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks(transcript: &mut Transcript) -> Vec<Mark> {
        std::iter::from_fn(|| transcript.next_mark()).collect()
    }

    #[test]
    fn marks_are_found_whatever_the_chunks() {
        let stream = b"Welcome\ntrace: @@n ready\ntrace: @@n value q1 {\"a\": 1}\n\
            \x1b[35;1mtrace: @@n intact q1\x1b[0m\nerror: x\n  1| @@m done q1\ntrace: @@n done q1\nrest";
        for size in 1..stream.len() {
            let mut transcript = Transcript::new("n");
            let mut found = Vec::new();
            for chunk in stream.chunks(size) {
                transcript.feed(chunk);
                found.extend(marks(&mut transcript));
            }
            transcript.end();
            assert_eq!(
                found,
                [
                    Mark::Ready,
                    Mark::Value("q1".to_owned(), b"{\"a\": 1}".to_vec()),
                    Mark::Intact("q1".to_owned()),
                    Mark::Done("q1".to_owned()),
                ],
                "chunks of {size}"
            );
            assert_eq!(
                transcript.take_text(),
                "Welcome\nerror: x\n  1| @@m done q1\nrest"
            );
        }
    }
}
