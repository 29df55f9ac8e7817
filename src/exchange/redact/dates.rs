//! One day for another, by a permutation: different days stay different, which a hash could not promise of so few.
//!
//! Days from 1600 to 2317 go to days in the years 9000 to 9717, where no real date is; what is there already stays.

use jiff::ToSpan;
use jiff::civil::Date;

const BITS: u32 = 9;
const DAYS: i32 = 1 << (2 * BITS);

/// The day that stands for the day `text`; `None` where it is no date, or one of no real day.
pub(super) fn other(text: &str, digest: impl Fn(&str) -> [u8; 32]) -> Option<String> {
    let well_formed = text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    let day: Date = text.parse().ok().filter(|_| well_formed)?;
    let first = jiff::civil::date(1600, 1, 1);
    let stands_for = jiff::civil::date(9000, 1, 1);
    let since = first.until(day).ok()?.get_days();
    if !(0..DAYS).contains(&since) {
        return Some(text.to_owned());
    }
    let moved = permuted(u32::try_from(since).ok()?, digest);
    let moved = i64::from(moved).days();
    stands_for
        .checked_add(moved)
        .ok()
        .map(|day| day.to_string())
}

/// A Feistel network of four rounds over two halves of nine bits.
fn permuted(value: u32, digest: impl Fn(&str) -> [u8; 32]) -> u32 {
    let mask = (1 << BITS) - 1;
    let (mut left, mut right) = (value >> BITS, value & mask);
    for round in 0..4 {
        let bytes = digest(&format!("{round}:{right}"));
        let word = u32::from(u16::from_be_bytes([bytes[0], bytes[1]])) & mask;
        (left, right) = (right, left ^ word);
    }
    left << BITS | right
}
