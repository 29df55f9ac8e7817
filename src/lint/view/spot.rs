//! Where a value of a resource stands, without writing it down until somebody asks.

use crate::lint::finding::{Place, escaped};
use std::fmt;
use std::rc::Rc;

#[derive(Debug, Clone, Copy, PartialEq)]
enum Key<'a> {
    Name(&'a str),
    Index(usize),
}

/// Deeper than an extension, an attribute, an element, a sub-attribute and an element of that no value of SCIM stands.
const DEPTH: usize = 6;

/// A value's place: `/response/body/Resources/3` and from there `emails`, 0, `type`.
#[derive(Debug, Clone)]
pub struct Spot<'a> {
    base: Rc<str>,
    keys: [Option<Key<'a>>; DEPTH],
}

impl<'a> Spot<'a> {
    pub(super) fn new(base: &Rc<str>) -> Self {
        Self {
            base: base.clone(),
            keys: [None; DEPTH],
        }
    }

    fn with(&self, key: Key<'a>) -> Self {
        let mut spot = self.clone();
        if let Some(free) = spot.keys.iter_mut().find(|it| it.is_none()) {
            *free = Some(key);
        }
        spot
    }

    pub(super) fn member(&self, name: &'a str) -> Self {
        self.with(Key::Name(name))
    }

    pub(super) fn element(&self, index: usize) -> Self {
        self.with(Key::Index(index))
    }

    /// As a place in the fixture.
    pub fn place(&self) -> Place {
        let mut pointer = self.base.to_string();
        for key in self.keys.iter().flatten() {
            pointer.push('/');
            match key {
                Key::Name(name) => pointer.push_str(&escaped(name)),
                Key::Index(index) => pointer.push_str(&index.to_string()),
            }
        }
        pointer.into()
    }
}

impl From<&Spot<'_>> for Place {
    fn from(spot: &Spot<'_>) -> Self {
        spot.place()
    }
}

/// As people write it: `emails[0].type`.
impl fmt::Display for Spot<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut before = None;
        for key in self.keys.iter().flatten() {
            match key {
                Key::Name(name) => {
                    match before {
                        None => {}
                        Some(Key::Name(urn)) if urn.contains(':') => f.write_str(":")?,
                        Some(_) => f.write_str(".")?,
                    }
                    f.write_str(name)?;
                }
                Key::Index(index) => write!(f, "[{index}]")?,
            }
            before = Some(*key);
        }
        Ok(())
    }
}
