//! Cursors (RFC 9865 section 2): the text that stands for a place in the answer to one query.
//!
//! A cursor carries all that it means, so that the provider keeps nothing, and a seal over it and over the query, so that
//! neither can be changed. Where the place is in the present result, the service finds out.

use super::{ErrorKind, ScimError};
use crate::ids;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// A place between two resources of a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// The type of the resource next to the place, as a number of the provider's.
    pub kind: u64,
    /// Which resource of the type it is.
    pub serial: u64,
    /// How many resources were before the place when the cursor was given out.
    pub offset: u64,
    /// How many resources a page has.
    pub count: u64,
    /// Whether the page ends here and does not begin here.
    pub backwards: bool,
    /// When it was given out, in seconds since 1970.
    pub issued: i64,
}

/// What a cursor is good for.
#[derive(Debug, Clone, Copy)]
pub struct Scope<'a> {
    /// The seed of the scenario.
    pub seed: u64,
    /// The name of the tenant.
    pub tenant: &'a str,
    /// Everything that the query asks for, but the page.
    pub query: &'a str,
}

const FIELDS: usize = 6;

impl Cursor {
    /// The text, of unreserved characters (RFC 3986 section 2.3).
    pub fn seal(&self, scope: Scope<'_>) -> String {
        let fields = [
            self.kind,
            self.serial,
            self.offset,
            self.count,
            u64::from(self.backwards),
            self.issued.cast_unsigned(),
        ];
        let mut bytes: Vec<u8> = fields
            .iter()
            .flat_map(|field| {
                let wide = field.to_be_bytes();
                let skipped = wide.iter().take_while(|byte| **byte == 0).count();
                std::iter::once(u8::try_from(8 - skipped).unwrap_or(8))
                    .chain(wide.into_iter().skip(skipped))
            })
            .collect();
        bytes.extend_from_slice(&seal(&bytes, scope).to_be_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads what [`Cursor::seal`] wrote for the same scope.
    ///
    /// # Errors
    /// `invalidCursor` for every other text.
    pub fn open(text: &str, scope: Scope<'_>) -> Result<Self, ScimError> {
        Self::read(text, scope).ok_or_else(|| {
            ScimError::new(
                ErrorKind::InvalidCursor,
                "this cursor was not given out for this query; repeat the query as it was, or begin again without a cursor",
            )
        })
    }

    fn read(text: &str, scope: Scope<'_>) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (payload, sealed) = bytes.split_last_chunk::<8>()?;
        if u64::from_be_bytes(*sealed) != seal(payload, scope) {
            return None;
        }
        let (mut fields, mut rest) = ([0_u64; FIELDS], payload);
        for field in &mut fields {
            let (length, more) = rest.split_first()?;
            let (digits, more) = more.split_at_checked(usize::from(*length))?;
            *field = digits
                .iter()
                .fold(0, |all, byte| (all << 8) | u64::from(*byte));
            rest = more;
        }
        let [kind, serial, offset, count, backwards, issued] = fields;
        Some(Self {
            kind,
            serial,
            offset,
            count,
            backwards: backwards == 1,
            issued: issued.cast_signed(),
        })
    }
}

fn seal(payload: &[u8], scope: Scope<'_>) -> u64 {
    let payload = URL_SAFE_NO_PAD.encode(payload);
    ids::seal(scope.seed, [scope.tenant, scope.query, &payload])
}
