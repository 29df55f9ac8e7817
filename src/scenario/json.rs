//! The short way past a resource that is JSON to the letter: it is checked where it stands, and no tree is made of it.
//!
//! Whatever is not beyond doubt, keys that are given twice included, is left to the parser, which can say what is wrong.

use super::source::Span;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

/// How many bytes the JSON object has with which `text` begins; `None` if the parser should look at it, or if more than `depth`
/// brackets stand in one another.
pub(super) fn object(text: &str, depth: usize) -> Option<usize> {
    let mut reader = serde_json::Deserializer::from_str(text);
    Checked(depth).deserialize(&mut reader).ok()?;
    // The stream begins where the object ended; nothing of it is read.
    Some(reader.into_iter::<IgnoredAny>().byte_offset())
}

/// Where the objects stand of the JSON array that `text` holds from `start` on, and nothing else; `None` if the parser should look at it.
pub(super) fn array(text: &str, start: usize, depth: usize) -> Option<Vec<Span>> {
    let mut found = Vec::new();
    let blank = |at: usize| at + text[at..].len() - text[at..].trim_ascii_start().len();
    let next = |at: usize, what: char| text[at..].starts_with(what).then(|| blank(at + 1));
    let mut at = next(blank(start), '[')?;
    let mut end = next(at, ']');
    while end.is_none() {
        // Anything but an object is the parser's.
        let length = text[at..]
            .starts_with('{')
            .then(|| object(&text[at..], depth - 1))??;
        found.push(at..at + length);
        at = blank(at + length);
        end = next(at, ']');
        if end.is_none() {
            at = next(at, ',')?;
        }
    }
    (end == Some(text.len())).then_some(found)
}

/// A value without keys that are given twice, in which so many brackets may still be opened.
struct Checked(usize);

impl Checked {
    fn inner<E: Error>(&self) -> Result<Self, E> {
        let inner = self.0.checked_sub(1).map(Self);
        inner.ok_or_else(|| E::custom("too many brackets"))
    }
}

impl<'de> DeserializeSeed<'de> for Checked {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Checked {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while items.next_element_seed(self.inner()?)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let mut keys: Vec<Cow<'de, str>> = Vec::new();
        while let Some(key) = members.next_key::<Key<'de>>()? {
            // RFC 7643 section 2.1: the case of an attribute's name does not count.
            if keys.iter().any(|it| it.eq_ignore_ascii_case(&key.0)) {
                return Err(A::Error::custom("a key is given twice"));
            }
            keys.push(key.0);
            members.next_value_seed(self.inner()?)?;
        }
        Ok(())
    }
}

/// A key, borrowed where nothing in it is escaped.
struct Key<'de>(Cow<'de, str>);

impl<'de> serde::Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl<'de> Visitor<'de> for Text {
            type Value = Cow<'de, str>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Cow::Borrowed(text))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Cow::Owned(text.to_owned()))
            }
        }
        deserializer.deserialize_str(Text).map(Self)
    }
}
