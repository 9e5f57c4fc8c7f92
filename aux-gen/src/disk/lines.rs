//! Line ends: git may be set to check texts out with CRLF (`core.autocrlf`, the attribute
//! `eol`), and to commit them with LF. Which of them a file has is no change by hand, and
//! a file that has CRLF keeps it.

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
        match ends > 0 && ends == text.matches("\r\n").count() {
            true => Self::CrLf,
            false => Self::Lf,
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
