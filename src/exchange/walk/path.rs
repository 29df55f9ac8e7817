//! The paths of requests and the URLs of resources (RFC 7644 section 3.2): an endpoint, and the id behind it.

use super::place::AttributePlace;
use super::{Part, Place, Role, Walk, schemas};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// What is encoded in a segment that was changed: all that RFC 3986 section 3.3 asks for, braces excepted, which mark what was put
/// in place of a value.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'@')
    .remove(b':')
    .remove(b'+')
    .remove(b'{')
    .remove(b'}');

/// Endpoints behind which no id stands.
const WITHOUT_ID: [&str; 3] = ["Me", "Bulk", ".search"];

impl Walk<'_> {
    /// The path of a request, relative to the base.
    pub(super) fn path(&mut self, path: &mut String) {
        self.segments(Part::Path, None, path, true);
    }

    /// A URL, or the part of it behind the base. One in which no id is found is shown whole.
    pub(super) fn url(
        &mut self,
        part: Part<'_>,
        attribute: Option<&AttributePlace<'_>>,
        url: &mut String,
    ) {
        let found = self.segments(part, attribute, url, false);
        if !found {
            let role = Role::Location;
            self.text(
                Place {
                    attribute,
                    ..Place::new(part, role)
                },
                url,
            );
        }
    }

    /// Shows the segments behind the endpoint; in a path from the base on, the first one is an endpoint also where it is not known.
    pub(super) fn segments(
        &mut self,
        part: Part<'_>,
        attribute: Option<&AttributePlace<'_>>,
        url: &mut String,
        from_base: bool,
    ) -> bool {
        let end = url.find(['?', '#']).unwrap_or(url.len());
        let start = url[..end].find("://").map_or(0, |at| at + 3);
        if schemas::discovery(&url[start..end]).is_some() {
            return true;
        }
        let segments: Vec<&str> = url[start..end].split('/').collect();
        let schemas = self.schemas;
        let known = segments
            .iter()
            .position(|segment| schemas.by_endpoint(segment).is_some());
        let first = segments
            .iter()
            .position(|segment| !segment.is_empty() && !segment.starts_with('{'));
        let below_base = from_base || segments.first() == Some(&"{base}");
        let Some(endpoint) = known.or(first.filter(|_| below_base)) else {
            return false;
        };
        let kind = schemas.by_endpoint(segments[endpoint]);
        let without_id = WITHOUT_ID
            .iter()
            .any(|name| name.eq_ignore_ascii_case(segments[endpoint]));
        let mut segments: Vec<String> = segments.into_iter().map(str::to_owned).collect();
        let (mut changed, mut found) = (false, false);
        for (at, segment) in segments.iter_mut().enumerate().skip(endpoint + 1) {
            if segment.is_empty() || segment == ".search" {
                continue;
            }
            let mut text = percent_decode_str(segment).decode_utf8_lossy().into_owned();
            let mut place = Place {
                attribute,
                ..Place::new(part, Role::Text)
            };
            if at == endpoint + 1 && !without_id {
                found = true;
                let of = kind.map_or(&[][..], |kind| std::slice::from_ref(&kind.name));
                place.role = Role::Id { of };
            }
            if self.id(place, &mut text) {
                *segment = utf8_percent_encode(&text, SEGMENT).to_string();
                changed = true;
            }
        }
        if changed {
            url.replace_range(start..end, &segments.join("/"));
        }
        found
    }

    /// An id, or the client's name for the resource that will have one.
    pub(super) fn id(&mut self, place: Place<'_>, text: &mut String) -> bool {
        const BULK_ID: &str = "bulkId:";
        let bulk_id = matches!(place.role, Role::Id { .. })
            .then(|| text.strip_prefix(BULK_ID))
            .flatten();
        match bulk_id.map(str::to_owned) {
            None => self.text(place, text),
            Some(mut name) => {
                let role = Role::BulkId;
                let changed = self.text(Place { role, ..place }, &mut name);
                *text = format!("{BULK_ID}{name}");
                changed
            }
        }
    }
}
