//! The dates of a recording, moved so that it begins at another time: those that the provider's clock gave (`meta.created`,
//! `meta.lastModified`, the header fields that hold dates), in requests too, which repeat them. What a client wrote stays as it is.

use crate::exchange::Exchange;
use crate::exchange::walk::{self, Place, Role, Schemas, Visit};
use crate::scim::datetime;
use jiff::fmt::rfc2822::DateTimeParser;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

/// Moves a recording so that its first exchange is at `begin`.
pub fn shift(exchanges: &mut [(u64, Exchange)], begin: Timestamp) {
    let Some(first) = exchanges.iter().map(|(_, exchange)| exchange.at).min() else {
        return;
    };
    let schemas = Schemas::of(exchanges.iter().map(|(_, exchange)| exchange));
    let mut shift = Shift(begin.duration_since(first));
    for (_, exchange) in exchanges {
        if let Some(at) = shift.moved(exchange.at) {
            exchange.at = at;
        }
        walk::exchange(&schemas, exchange, &mut shift);
    }
}

static PARSER: DateTimeParser = DateTimeParser::new();

struct Shift(SignedDuration);

impl Shift {
    /// What lies beyond the end of time stays where it is.
    fn moved(&self, instant: Timestamp) -> Option<Timestamp> {
        instant.checked_add(self.0).ok()
    }

    /// The text of the moved instant, as exact as the text was.
    fn text(&self, text: &str) -> Option<String> {
        if let Some(instant) = datetime::parse(text) {
            let moved = self.moved(instant)?;
            let digits = text.split_once('.').map_or(0, |(_, fraction)| {
                fraction.bytes().take_while(u8::is_ascii_digit).count()
            });
            let digits = digits.min(9);
            return Some(format!("{moved:.digits$}"));
        }
        let instant = PARSER.parse_timestamp(text).ok()?;
        let moved = self.moved(instant)?;
        // RFC 9110 section 5.6.7.
        Some(moved.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string())
    }
}

impl Visit for Shift {
    fn value(&mut self, place: &Place<'_>, value: &mut Value) {
        if let (Role::Instant, Value::String(text)) = (place.role, &mut *value)
            && let Some(moved) = self.text(text)
        {
            *text = moved;
        }
    }
}
