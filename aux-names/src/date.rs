//! Calendar dates, for what somebody promised to look at again.

use std::fmt;
use std::str::FromStr;

/// A day of the Gregorian calendar, written `2027-06-01` (RFC 3339, full-date).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(jiff::civil::Date);

/// A text that is no day.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a date has the form `YYYY-MM-DD` and is a day that exists")]
pub struct DateError;

impl Date {
    /// The same day some months later, or the last day of that month; the last
    /// day of year 9999 at the latest.
    #[must_use]
    pub fn after_months(self, months: u16) -> Self {
        use jiff::ToSpan;
        Self(self.0.saturating_add(i32::from(months).months()))
    }
}

impl FromStr for Date {
    type Err = DateError;

    fn from_str(text: &str) -> Result<Self, DateError> {
        // The parser knows more forms; one is enough to write and to read.
        let digits = |at: usize| text.as_bytes().get(at).is_some_and(u8::is_ascii_digit);
        let is_full_date = text.len() == 10
            && (0..10).all(|at| match at {
                4 | 7 => text.as_bytes()[at] == b'-',
                _ => digits(at),
            });
        if !is_full_date {
            return Err(DateError);
        }
        text.parse().map(Self).map_err(|_| DateError)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl serde::Serialize for Date {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_full_dates_that_exist_are_dates() {
        for text in ["2024-02-29", "0001-01-01", "9999-12-31"] {
            assert_eq!(text.parse::<Date>().unwrap().to_string(), text);
        }
        for text in [
            "",
            "2023-02-29",
            "2024-13-01",
            "2024-1-01",
            "24-01-01",
            "20240101",
            "2024-01-01T00:00",
            "-002024-01-01",
            "２024-01-1",
        ] {
            assert_eq!(text.parse::<Date>(), Err(DateError), "{text}");
        }
    }

    #[test]
    fn a_month_later_is_a_day_that_exists() {
        let date = |text: &str| text.parse::<Date>().unwrap();
        assert_eq!(date("2026-08-31").after_months(6), date("2027-02-28"));
        assert_eq!(date("9999-12-01").after_months(6), date("9999-12-31"));
    }
}
