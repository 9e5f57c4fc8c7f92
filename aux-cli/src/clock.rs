//! The one place that knows what day it is.

use aux_model::Date;

/// Today, by Greenwich: the same day for everybody who asks at once.
pub(crate) fn today() -> Date {
    let now = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC);
    let date = now.date().to_string();
    date.parse().expect("a civil date is written as YYYY-MM-DD")
}
