//! JSON objects packed into one piece of memory each: what a directory of a million users keeps of every one.
//!
//! A tree of JSON takes ten times its text in small pieces; this takes about its text in one, and an attribute is found by
//! stepping over those before it, without reading them. It is a form in memory only and never written to a file.
//!
//! A value is a tag and what the tag asks for: nothing, eight bytes of a number, or a length and so many bytes. Names stand before
//! values as length and bytes. Lengths take seven bits a byte, the low ones first.

use serde_json::{Map, Number, Value};

const NULL: u8 = 0;
const FALSE: u8 = 1;
const TRUE: u8 = 2;
const UNSIGNED: u8 = 3;
const SIGNED: u8 = 4;
const FLOAT: u8 = 5;
const TEXT: u8 = 6;
const LIST: u8 = 7;
const OBJECT: u8 = 8;

/// A JSON object, its members in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Packed(Box<[u8]>);

/// A value inside, not yet read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Part<'p> {
    tag: u8,
    bytes: &'p [u8],
}

impl Packed {
    /// Packs an object.
    pub(super) fn new(members: &Map<String, Value>) -> Self {
        // To write aside and keep a piece of the right size leaves the allocator no splinters.
        let mut out = Vec::with_capacity(1000);
        write_members(members, &mut out);
        Self(out.as_slice().into())
    }

    /// The members, in order.
    pub(super) fn members(&self) -> impl Iterator<Item = (&str, Part<'_>)> {
        members(&self.0)
    }

    /// The value of a member.
    pub(super) fn get(&self, name: &str) -> Option<Part<'_>> {
        find(&self.0, name)
    }

    /// The object again.
    pub(super) fn unpack(&self) -> Map<String, Value> {
        let members = self.members();
        members
            .map(|(name, part)| (name.to_owned(), part.value()))
            .collect()
    }
}

impl<'p> Part<'p> {
    /// The value of a member, if this is an object.
    pub(super) fn get(self, name: &str) -> Option<Part<'p>> {
        (self.tag == OBJECT)
            .then(|| find(self.bytes, name))
            .flatten()
    }

    /// The members, if this is an object.
    pub(super) fn members(self) -> Option<impl Iterator<Item = (&'p str, Part<'p>)>> {
        (self.tag == OBJECT).then(|| members(self.bytes))
    }

    /// The text, if this is one.
    pub(super) fn text(self) -> Option<&'p str> {
        (self.tag == TEXT).then(|| text(self.bytes))
    }

    /// The items of a list; anything else is its own only item.
    pub(super) fn items(self) -> impl Iterator<Item = Part<'p>> {
        let mut bytes = if self.tag == LIST { self.bytes } else { &[] };
        let one = (self.tag != LIST).then_some(self);
        let list = std::iter::from_fn(move || {
            let part = take(&mut bytes)?;
            Some(part)
        });
        one.into_iter().chain(list)
    }

    /// The value.
    pub(super) fn value(self) -> Value {
        let eight = || {
            let bytes = self.bytes.try_into();
            bytes.map_or(0, u64::from_le_bytes)
        };
        match self.tag {
            FALSE => Value::Bool(false),
            TRUE => Value::Bool(true),
            UNSIGNED => eight().into(),
            SIGNED => eight().cast_signed().into(),
            FLOAT => Number::from_f64(f64::from_bits(eight())).map_or(Value::Null, Value::Number),
            TEXT => text(self.bytes).into(),
            LIST => self.items().map(Part::value).collect(),
            OBJECT => Value::Object(
                members(self.bytes)
                    .map(|(name, part)| (name.to_owned(), part.value()))
                    .collect(),
            ),
            _ => Value::Null,
        }
    }
}

fn find<'p>(bytes: &'p [u8], name: &str) -> Option<Part<'p>> {
    members(bytes)
        .find(|(member, _)| *member == name)
        .map(|(_, part)| part)
}

fn members(mut bytes: &[u8]) -> impl Iterator<Item = (&str, Part<'_>)> {
    std::iter::from_fn(move || {
        let length = take_length(&mut bytes)?;
        let name = bytes.split_off(..length)?;
        Some((text(name), take(&mut bytes)?))
    })
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("it was packed from text")
}

fn take<'p>(bytes: &mut &'p [u8]) -> Option<Part<'p>> {
    let tag = *bytes.split_off_first()?;
    let length = match tag {
        NULL | FALSE | TRUE => 0,
        UNSIGNED | SIGNED | FLOAT => 8,
        _ => take_length(bytes)?,
    };
    Some(Part {
        tag,
        bytes: bytes.split_off(..length)?,
    })
}

fn take_length(bytes: &mut &[u8]) -> Option<usize> {
    let (mut length, mut shift) = (0, 0);
    loop {
        let byte = *bytes.split_off_first()?;
        length |= usize::from(byte & 0x7F) << shift;
        if byte < 0x80 {
            return Some(length);
        }
        shift += 7;
    }
}

fn write_members(members: &Map<String, Value>, out: &mut Vec<u8>) {
    for (name, value) in members {
        write_length(name.len(), out);
        out.extend_from_slice(name.as_bytes());
        write(value, out);
    }
}

fn write(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Null => out.push(NULL),
        Value::Bool(false) => out.push(FALSE),
        Value::Bool(true) => out.push(TRUE),
        Value::Number(number) => write_number(number, out),
        Value::String(text) => {
            out.push(TEXT);
            write_length(text.len(), out);
            out.extend_from_slice(text.as_bytes());
        }
        Value::Array(list) => write_inner(LIST, out, |out| {
            for item in list {
                write(item, out);
            }
        }),
        Value::Object(members) => write_inner(OBJECT, out, |out| write_members(members, out)),
    }
}

fn write_number(number: &Number, out: &mut Vec<u8>) {
    let (tag, bits) = if let Some(number) = number.as_u64() {
        (UNSIGNED, number)
    } else if let Some(number) = number.as_i64() {
        (SIGNED, number.cast_unsigned())
    } else {
        (FLOAT, number.as_f64().unwrap_or_default().to_bits())
    };
    out.push(tag);
    out.extend_from_slice(&bits.to_le_bytes());
}

/// Writes what `inner` writes, with its length before it.
fn write_inner(tag: u8, out: &mut Vec<u8>, inner: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = Vec::new();
    inner(&mut bytes);
    out.push(tag);
    write_length(bytes.len(), out);
    out.append(&mut bytes);
}

fn write_length(mut length: usize, out: &mut Vec<u8>) {
    while length >= 0x80 {
        out.push(low_bits(length) | 0x80);
        length >>= 7;
    }
    out.push(low_bits(length));
}

fn low_bits(length: usize) -> u8 {
    length.to_le_bytes()[0] & 0x7F
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_packed_comes_out_as_it_was() {
        let long = "é".repeat(20_000);
        let whole = json!({
            "text": "a", "empty": "", "long": long, "null": null, "yes": true, "no": false,
            "numbers": [0, 1, u64::MAX, -1, i64::MIN, 0.1, -2.5e300, 1.0],
            "list": [], "object": {}, "nested": [{"a": [{"b": {"c": long}}]}],
        });
        let Value::Object(members) = &whole else {
            panic!("an object")
        };
        let packed = Packed::new(members);
        assert_eq!(packed.unpack(), *members);
        let names: Vec<&str> = packed.members().map(|(name, _)| name).collect();
        assert_eq!(names, members.keys().collect::<Vec<_>>());
        for (name, value) in members {
            assert_eq!(packed.get(name).map(Part::value).as_ref(), Some(value));
        }
        assert!(packed.get("other").is_none());
    }

    #[test]
    fn a_part_tells_what_it_is() {
        let Value::Object(members) =
            json!({"one": "a", "many": ["a", {"value": "b"}], "in": {"x": 1}})
        else {
            panic!("an object")
        };
        let packed = Packed::new(&members);
        let part = |name: &str| packed.get(name).expect("it is there");
        let texts: Vec<_> = part("many").items().map(Part::text).collect();
        assert_eq!(texts, [Some("a"), None]);
        let value = part("many").items().nth(1).and_then(|it| it.get("value"));
        assert_eq!(value.and_then(Part::text), Some("b"));
        assert_eq!(part("one").items().count(), 1);
        assert!(part("one").members().is_none());
        assert_eq!(part("in").members().map(Iterator::count), Some(1));
    }
}
