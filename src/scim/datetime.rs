//! `xsd:dateTime` (RFC 7643 section 2.3.5): text to instant and back. It reads no clock.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// The instant that `text` names. Text without a zone is taken as UTC, as most providers mean it.
pub fn parse(text: &str) -> Option<Timestamp> {
    let date = text.get(..10)?;
    let rest = text.get(10..)?;
    let shaped = rest.len() >= 9
        && rest.starts_with('T')
        && rest.is_ascii()
        && rest[1..9].bytes().filter(|b| *b == b':').count() == 2;
    if !shaped {
        return None;
    }
    // The end of a day may be written as hour 24 in XML Schema.
    if let Some(zone) = rest.strip_prefix("T24:00:00") {
        let midnight = parse(&format!("{date}T00:00:00{zone}"))?;
        return midnight.checked_add(SignedDuration::from_hours(24)).ok();
    }
    if let Ok(instant) = text.parse() {
        return Some(instant);
    }
    let civil: DateTime = text.parse().ok()?;
    TimeZone::UTC.to_timestamp(civil).ok()
}

/// `2026-01-01T00:00:00.000Z`: milliseconds, UTC.
pub fn print(instant: Timestamp) -> String {
    format!("{instant:.3}")
}
