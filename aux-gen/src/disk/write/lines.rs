//! Line ends: git may be set to check texts out with CRLF (`core.autocrlf`, the attribute
//! `eol`), and to commit them with LF. Which of them a file has is no change by hand, and
//! a file that has CRLF keeps it.

/// A text with LF, if it has CRLF throughout.
pub(crate) fn plain(text: String) -> String {
    LineEnds::of(&text).plain(text)
}

/// The line ends of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineEnds {
    /// LF, or a mixture, which is taken as it is.
    Lf,
    /// CRLF throughout.
    CrLf,
}

impl LineEnds {
    /// Those of a text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let ends = text.matches('\n').count();
        if ends > 0 && ends == text.matches("\r\n").count() {
            Self::CrLf
        } else {
            Self::Lf
        }
    }

    /// A text that has these, with LF.
    #[must_use]
    pub fn plain(self, text: String) -> String {
        match self {
            Self::Lf => text,
            Self::CrLf => text.replace("\r\n", "\n"),
        }
    }

    /// A new version of a text, in which each line that was there keeps its end, and the mark
    /// of a byte order stays if there was one. New lines end as the one before them does.
    #[must_use]
    pub fn kept(before: &str, after: &str) -> String {
        const MARK: char = '\u{feff}';
        if before.starts_with(MARK) && !after.starts_with(MARK) {
            let kept = Self::kept(before.trim_start_matches(MARK), after);
            return format!("{MARK}{kept}");
        }
        if !before.contains('\r') {
            return after.to_owned();
        }
        /// As many lines may have come or gone between two that stayed.
        const NEAR: usize = 1000;
        let plain = |line: &str| line.trim_end_matches(['\n', '\r']).to_owned();
        let old: Vec<&str> = before.split_inclusive('\n').collect();
        let mut at = 0;
        let mut end = match old.first() {
            Some(line) if line.ends_with("\r\n") => "\r\n",
            _ => "\n",
        };
        let mut kept = String::with_capacity(after.len());
        for line in after.split_inclusive('\n') {
            let text = plain(line);
            let near = old.iter().skip(at).take(NEAR);
            if let Some(found) = near.clone().position(|line| plain(line) == text) {
                at += found + 1;
                end = if old[at - 1].ends_with("\r\n") {
                    "\r\n"
                } else {
                    "\n"
                };
            }
            kept.push_str(&text);
            if line.ends_with('\n') {
                kept.push_str(end);
            }
        }
        kept
    }

    /// A text with these.
    #[must_use]
    pub fn applied(self, text: String) -> String {
        match self {
            Self::Lf => text,
            Self::CrLf => text.replace("\r\n", "\n").replace('\n', "\r\n"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::LineEnds;

    #[test]
    fn lines_that_stay_keep_their_ends() {
        for (before, after, kept) in [
            ("a\r\nb\nc\r\n", "a\nb\nx\nc\n", "a\r\nb\nx\nc\r\n"),
            ("a\r\nb\r\n", "a\nx\nb\n", "a\r\nx\r\nb\r\n"),
            ("a\nb\n", "a\nx\n", "a\nx\n"),
            ("\u{feff}a\n", "a\nx\n", "\u{feff}a\nx\n"),
            ("a\r\nb\nc\r\n", "c\n", "c\r\n"),
        ] {
            assert_eq!(LineEnds::kept(before, after), kept, "{before:?}");
        }
    }

    #[test]
    fn only_a_text_with_crlf_throughout_is_changed() {
        for (text, ends) in [
            ("a\r\nb\r\n", LineEnds::CrLf),
            ("a\r\nb\n", LineEnds::Lf),
            ("a\n", LineEnds::Lf),
            ("", LineEnds::Lf),
        ] {
            assert_eq!(LineEnds::of(text), ends, "{text:?}");
            let plain = ends.plain(text.to_owned());
            assert_eq!(ends.applied(plain), text, "{text:?}");
        }
    }
}
