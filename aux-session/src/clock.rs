//! The one place that knows what time it is.

use aux_model::Date;
use jiff::Timestamp;

/// Today, by Greenwich: the same day for everybody who asks at once. The variable
/// `SOURCE_DATE_EPOCH`, seconds since 1970, stands for another day, as it does for
/// compilers and archivers.
pub fn today() -> Date {
    let date = instant()
        .to_zoned(jiff::tz::TimeZone::UTC)
        .date()
        .to_string();
    date.parse()
        .expect("a civil date of a timestamp is written as YYYY-MM-DD")
}

/// Seconds since 1970; of the same clock as [`today`].
pub fn now() -> i64 {
    instant().as_second()
}

fn instant() -> Timestamp {
    let told = std::env::var("SOURCE_DATE_EPOCH").ok();
    let told = told.and_then(|seconds| Timestamp::from_second(seconds.parse().ok()?).ok());
    told.unwrap_or_else(Timestamp::now)
}

/// How long an old name or place is answered for, in months, unless a day is named.
const MONTHS: u16 = 6;

/// The day until which an old name or place is answered for: the one that is named, or in six months;
/// none if it is not answered for at all.
pub fn answered_until(named: Option<Date>, is_not: bool) -> Option<Date> {
    let usual = || today().after_months(MONTHS);
    (!is_not).then(|| named.unwrap_or_else(usual))
}
