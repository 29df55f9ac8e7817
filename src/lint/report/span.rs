//! Where a JSON pointer stands in the text of a fixture file (RFC 6901).

use crate::lint::Place;
use std::ops::Range;

/// The bytes that a place is: the value at its pointer, or the part of it that it names. A pointer that leads nowhere is the nearest
/// value that is there.
pub fn span(text: &str, place: &Place) -> Range<usize> {
    let mut found = value(text, skip(text, 0));
    for token in place.pointer.split('/').skip(1) {
        let token = token.replace("~1", "/").replace("~0", "~");
        match child(text, &found, &token) {
            Some(child) => found = child,
            None => break,
        }
    }
    let part = place.part.as_deref().filter(|part| !part.is_empty());
    if let Some(at) = part.and_then(|part| text[found.clone()].find(part)) {
        let start = found.start + at;
        return start..start + part.map_or(0, str::len);
    }
    found
}

fn skip(text: &str, mut at: usize) -> usize {
    let bytes = text.as_bytes();
    while bytes.get(at).is_some_and(u8::is_ascii_whitespace) {
        at += 1;
    }
    at
}

/// The value that begins here; the text is JSON.
fn value(text: &str, start: usize) -> Range<usize> {
    let bytes = text.as_bytes();
    let mut depth = 0_usize;
    let mut at = start;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => {
                at += 1;
                while let Some(byte) = bytes.get(at) {
                    match byte {
                        b'\\' => at += 2,
                        b'"' => break,
                        _ => at += 1,
                    }
                }
                at += 1;
            }
            b'{' | b'[' => {
                depth += 1;
                at += 1;
            }
            b'}' | b']' | b',' | b':' if depth == 0 => break,
            b'}' | b']' => {
                depth -= 1;
                at += 1;
            }
            byte if byte.is_ascii_whitespace() && depth == 0 => break,
            _ => at += 1,
        }
        if depth == 0 && matches!(bytes.get(at.wrapping_sub(1)), Some(b'"' | b'}' | b']')) {
            break;
        }
    }
    start..at.min(text.len())
}

fn child(text: &str, parent: &Range<usize>, token: &str) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let is_object = match bytes.get(parent.start)? {
        b'{' => true,
        b'[' => false,
        _ => return None,
    };
    let mut at = skip(text, parent.start + 1);
    let mut index = 0_usize;
    while at < parent.end && !matches!(bytes.get(at)?, b'}' | b']') {
        let mut name = index.to_string();
        if is_object {
            let key = value(text, at);
            name = serde_json::from_str(&text[key.clone()]).ok()?;
            at = skip(text, skip(text, key.end) + 1);
        }
        let found = value(text, at);
        if name == token {
            return Some(found);
        }
        at = skip(text, found.end);
        if bytes.get(at) == Some(&b',') {
            at = skip(text, at + 1);
        }
        index += 1;
    }
    None
}
