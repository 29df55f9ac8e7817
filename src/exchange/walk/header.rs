//! Header fields (RFC 9110, RFC 7644 sections 3.1 and 3.14): URLs, versions, instants, and text.

use super::{Part, Place, Role, Walk};
use crate::exchange::base::{edit_header, is_url_header};

const VERSIONS: [&str; 3] = ["etag", "if-match", "if-none-match"];
const INSTANTS: [&str; 5] = [
    "date",
    "expires",
    "if-modified-since",
    "if-unmodified-since",
    "last-modified",
];

impl Walk<'_> {
    pub(super) fn headers(&mut self, headers: &mut [(String, String)]) {
        for (name, value) in headers {
            let is = |names: &[&str]| names.iter().any(|known| known.eq_ignore_ascii_case(name));
            let part = Part::Header(name);
            if is_url_header(name) {
                let edited = edit_header(name, value, &mut |url| {
                    let mut url = url.to_owned();
                    self.url(part, None, &mut url);
                    Some(url)
                });
                if let Some(edited) = edited {
                    *value = edited;
                }
                continue;
            }
            let role = if is(&VERSIONS) {
                Role::Version
            } else if is(&INSTANTS) {
                Role::Instant
            } else {
                Role::Text
            };
            self.text(Place::new(part, role), value);
        }
    }
}
