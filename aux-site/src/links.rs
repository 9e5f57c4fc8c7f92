//! Addresses that other people wrote: only those that a reader may follow without harm are links.

/// The text, if it is an address of the web or of somebody's mail. Anything else, `javascript:`
/// among it, stays a text.
#[must_use]
pub fn linked(text: &str) -> Option<String> {
    let is_plain = |text: &str| !text.chars().any(|c| c.is_control() || c.is_whitespace());
    let lower = text.to_ascii_lowercase();
    let rest = lower
        .strip_prefix("https://")
        .or_else(|| lower.strip_prefix("http://"));
    if let Some(rest) = rest {
        return (is_plain(text) && !rest.is_empty() && !rest.starts_with('/'))
            .then(|| text.to_owned());
    }
    let mail = lower.strip_prefix("mailto:").unwrap_or(&lower);
    let (name, host) = mail.split_once('@')?;
    let is_word = |text: &str| {
        let is_one = |c: char| c.is_ascii_alphanumeric() || ".-_+".contains(c);
        !text.is_empty() && text.chars().all(is_one)
    };
    (is_word(name) && is_word(host)).then(|| format!("mailto:{mail}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_web_and_of_mail_are_links() {
        for (text, expected) in [
            (
                "https://example.org/a?b=c",
                Some("https://example.org/a?b=c"),
            ),
            ("HTTP://example.org", Some("HTTP://example.org")),
            ("ada@example.org", Some("mailto:ada@example.org")),
            ("mailto:ada@example.org", Some("mailto:ada@example.org")),
            ("javascript:alert(1)", None),
            ("java\nscript:alert(1)", None),
            (" javascript:alert(1)//@b", None),
            ("data:text/html,<script>alert(1)</script>", None),
            ("https://", None),
            ("https:///etc", None),
            ("https://a b", None),
            ("//example.org", None),
            ("#aux:matrix.org", None),
            ("a@b?subject=x", None),
        ] {
            assert_eq!(linked(text).as_deref(), expected, "{text}");
        }
    }
}
