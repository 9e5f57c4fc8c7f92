//! Text Nix printed about one question, kept within bounds.

use std::mem;

/// Bytes kept of the beginning, and again of the end.
const KEPT: usize = 32 * 1024;

/// Lines, of which a flood keeps only the first and the last.
#[derive(Debug, Default)]
pub(super) struct Segment {
    head: Vec<u8>,
    tail: Vec<u8>,
    left_out: usize,
}

impl Segment {
    pub(super) fn push(&mut self, line: &[u8]) {
        let room = if self.tail.is_empty() {
            KEPT.saturating_sub(self.head.len())
        } else {
            0
        };
        let (head, tail) = line.split_at(room.min(line.len()));
        self.head.extend_from_slice(head);
        self.tail.extend_from_slice(tail);
        if self.tail.len() > 2 * KEPT {
            let surplus = self.tail.len() - KEPT;
            self.left_out += surplus;
            self.tail.drain(..surplus);
        }
    }

    /// The text so far; the segment is empty again afterwards.
    pub(super) fn take(&mut self) -> String {
        let Self {
            head,
            tail,
            left_out,
        } = mem::take(self);
        let mut text = String::from_utf8_lossy(&head).into_owned();
        if left_out > 0 {
            text.push_str(&format!("\n… {left_out} bytes left out …\n"));
        }
        text.push_str(&String::from_utf8_lossy(&tail));
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_keeps_both_ends() {
        let mut segment = Segment::default();
        segment.push(b"first\n");
        for _ in 0..100_000 {
            segment.push(b"again and again\n");
        }
        segment.push(b"last\n");
        let text = segment.take();
        assert!(text.starts_with("first\n") && text.ends_with("last\n"));
        assert!(text.contains("left out") && text.len() < 4 * KEPT);
        assert_eq!(segment.take(), "");
    }
}
