//! Numbers and escapes: RON's and JSON's, to what they stand for.
//!
//! `None` where they stand for nothing; the lexer says so.

use serde_json::Number;

/// RON writes more numbers than JSON (`0xff`, `1_000`, `+1`, `.5`, `5.`); what they come to is a JSON number.
pub(super) fn read_number(written: &str) -> Option<Number> {
    let digits = written.replace('_', "");
    let unsigned = digits.strip_prefix('+').unwrap_or(&digits);
    for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] {
        if let Some(digits) = unsigned.strip_prefix(prefix) {
            return u64::from_str_radix(digits, radix).ok().map(Number::from);
        }
    }
    let mut json = unsigned.to_owned();
    if let Some(point) = json.find('.') {
        if !json[point + 1..].starts_with(|c: char| c.is_ascii_digit()) {
            json.insert(point + 1, '0');
        }
        if !json[..point].ends_with(|c: char| c.is_ascii_digit()) {
            json.insert(point, '0');
        }
    }
    (digits != "." && digits != "-.")
        .then(|| json.parse().ok())
        .flatten()
}

/// The character that the escape at the start of `text` stands for, and how many bytes the escape has.
pub(super) fn read_escape(text: &str) -> Option<(char, usize)> {
    let simple = |character| Some((character, 2));
    match text[1..].chars().next()? {
        '"' => simple('"'),
        '\'' => simple('\''),
        '\\' => simple('\\'),
        '/' => simple('/'),
        'n' => simple('\n'),
        'r' => simple('\r'),
        't' => simple('\t'),
        'b' => simple('\u{8}'),
        'f' => simple('\u{c}'),
        '0' => simple('\0'),
        'x' => {
            let code = hex(text.get(2..4)?)?;
            (code < 0x80).then_some((char::from_u32(code)?, 4))
        }
        'u' if text[2..].starts_with('{') => {
            let digits = &text[3..][..text[3..].find('}')?];
            Some((char::from_u32(hex(digits)?)?, digits.len() + 4))
        }
        'u' => {
            let unit = hex(text.get(2..6)?)?;
            if let Some(character) = char::from_u32(unit) {
                return Some((character, 6));
            }
            // RFC 8259 section 7: what lies beyond the basic plane is written as a surrogate pair.
            let low = hex(text.get(6..12)?.strip_prefix("\\u")?)?;
            let pair = [u16::try_from(unit).ok()?, u16::try_from(low).ok()?];
            Some((String::from_utf16(&pair).ok()?.chars().next()?, 12))
        }
        _ => None,
    }
}

fn hex(digits: &str) -> Option<u32> {
    let all_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    all_hex
        .then(|| u32::from_str_radix(digits, 16).ok())
        .flatten()
}
