//! What a request asks for: the query string (RFC 7644 section 3.4.2), the body of `.search` (section 3.4.3), and JSON bodies.

use super::Call;
use crate::scim::filter::Filter;
use crate::scim::page::{self, Page};
use crate::scim::project::Projection;
use crate::scim::sort::Order;
use crate::scim::{ErrorKind, Leniency, Reading, ScimError};
use http::header::CONTENT_TYPE;
use serde_json::Value;
use std::borrow::Cow;

/// The schema URN of a search request.
const SEARCH_REQUEST_URN: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";

/// The parameters of a query string, decoded.
pub(super) struct Parameters<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

/// A query over resources.
pub(super) struct Query {
    pub(super) filter: Option<Filter>,
    pub(super) order: Option<Order>,
    pub(super) page: Page,
    pub(super) projection: Projection,
}

impl<'a> Parameters<'a> {
    fn new(query: &'a str) -> Self {
        Self(form_urlencoded::parse(query.as_bytes()).collect())
    }

    /// The values of a parameter; its name is compared without regard to case, as attribute names are.
    fn all<'s>(&'s self, name: &str) -> Vec<&'s str> {
        self.0
            .iter()
            .filter(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_ref())
            .collect()
    }

    pub(super) fn has(&self, name: &str) -> bool {
        !self.all(name).is_empty()
    }

    fn one(&self, name: &str, reading: Reading<'_>) -> Result<Option<&str>, ScimError> {
        match self.all(name).as_slice() {
            [] => Ok(None),
            [one] => Ok(Some(one)),
            [first, ..] if reading.takes(Leniency::RepeatedParameter) => Ok(Some(first)),
            _ => Err(ScimError::new(
                ErrorKind::InvalidValue,
                format!("`{name}` stands in the query more than once"),
            )),
        }
    }

    fn projection(&self, reading: Reading<'_>) -> Result<Projection, ScimError> {
        Projection::new(
            &self.all("attributes"),
            &self.all("excludedAttributes"),
            reading,
        )
    }
}

impl Call<'_> {
    /// # Errors
    /// `BadRequest` for a query string that is not percent-encoded UTF-8.
    pub(super) fn parameters(&self) -> Result<Parameters<'_>, ScimError> {
        let query = self.request.uri().query().unwrap_or_default();
        if percent_encoding::percent_decode_str(query)
            .decode_utf8()
            .is_err()
        {
            return Err(ScimError::new(
                ErrorKind::BadRequest,
                "the query string is not percent-encoded UTF-8",
            ));
        }
        Ok(Parameters::new(query))
    }

    /// What of a resource the answer shows.
    pub(super) fn projection(&self) -> Result<Projection, ScimError> {
        match self.request.uri().query() {
            None => Ok(Projection::default()),
            Some(_) => self.parameters()?.projection(self.reading()),
        }
    }

    pub(super) fn query(&self) -> Result<Query, ScimError> {
        let (parameters, reading) = (self.parameters()?, self.reading());
        let one = |name: &str| parameters.one(name, reading);
        let (filter, start_index, count, cursor) = (
            one("filter")?,
            one("startIndex")?,
            one("count")?,
            one("cursor")?,
        );
        let clamps = self.tenant.choices.cursor_count;
        let page = page::Parameters {
            start_index,
            count,
            cursor,
        };
        let filter = self.filter(filter)?;
        self.check_sensitive(filter.as_ref())?;
        Ok(Query {
            filter,
            order: self.order(one("sortBy")?, one("sortOrder")?)?,
            page: Page::new(page, &self.tenant.features, clamps, reading)?,
            projection: parameters.projection(reading)?,
        })
    }

    fn filter(&self, text: Option<&str>) -> Result<Option<Filter>, ScimError> {
        let Some(text) = text else { return Ok(None) };
        if self.tenant.features.filter {
            return Filter::parse(text, self.reading()).map(Some);
        }
        if self.reading().takes(Leniency::UnsupportedFilter) {
            return Ok(None);
        }
        Err(ScimError::new(
            ErrorKind::NotImplemented,
            "this service provider does not filter; leave `filter` out",
        ))
    }

    /// URLs end up in logs; what a scenario calls sensitive is asked by POST to `.search` (RFC 7644 section 7.5.2).
    fn check_sensitive(&self, filter: Option<&Filter>) -> Result<(), ScimError> {
        let mut sensitive = self.tenant.features.sensitive.iter();
        let concerned = filter.and_then(|filter| sensitive.find(|path| filter.concerns(path)));
        match concerned {
            None => Ok(()),
            Some(path) => Err(ScimError::new(
                ErrorKind::Sensitive,
                format!("`{path}` must not stand in a URL; send the filter by POST to .search"),
            )),
        }
    }

    /// The order that is asked for. A provider that does not sort passes the parameters over, as any that it does not know
    /// (RFC 7644 section 3.4.2); by the letter it says that it cannot.
    fn order(&self, by: Option<&str>, order: Option<&str>) -> Result<Option<Order>, ScimError> {
        let reading = self.reading();
        if self.tenant.features.sort {
            return Order::new(by, order, reading);
        }
        if by.is_some() && !reading.takes(Leniency::UnsupportedSort) {
            return Err(ScimError::new(
                ErrorKind::NotImplemented,
                "this service provider does not sort; leave `sortBy` out",
            ));
        }
        Ok(None)
    }

    pub(super) fn search_request(&self) -> Result<Query, ScimError> {
        let (body, reading) = (self.json()?, self.reading());
        let syntax = |detail: String| ScimError::new(ErrorKind::InvalidSyntax, detail);
        let members = body
            .as_object()
            .ok_or_else(|| syntax("expected a SearchRequest message, a JSON object".to_owned()))?;
        let member = |name: &str| {
            members
                .iter()
                .find(|(key, _)| key.eq_ignore_ascii_case(name))
                .map(|(_, value)| value)
                .filter(|value| !value.is_null())
        };
        let named = member("schemas").and_then(Value::as_array);
        if !named.is_some_and(|list| list.iter().any(|urn| urn == SEARCH_REQUEST_URN))
            && !reading.takes(Leniency::MessageSchemas)
        {
            return Err(syntax(format!(
                "`schemas` of a search holds \"{SEARCH_REQUEST_URN}\""
            )));
        }
        let list = |name: &str| match member(name) {
            None => Ok(Vec::new()),
            Some(Value::Array(list)) => {
                Ok(list.iter().filter_map(Value::as_str).collect::<Vec<_>>())
            }
            Some(Value::String(text)) if reading.takes(Leniency::TextForList) => {
                Ok(vec![text.as_str()])
            }
            Some(other) => Err(ScimError::new(
                ErrorKind::InvalidValue,
                format!("`{name}` is an array of attribute names, found {other}"),
            )),
        };
        let number = |name: &str| match member(name) {
            None => Ok(None),
            Some(Value::String(text)) if reading.takes(Leniency::TextForNumber) => {
                Ok(Some(text.clone()))
            }
            Some(Value::Number(number)) => Ok(Some(number.to_string())),
            Some(other) => Err(ScimError::new(
                ErrorKind::InvalidValue,
                format!("`{name}` is a whole number, found {other}"),
            )),
        };
        let filter = match member("filter") {
            None => None,
            Some(Value::String(text)) => self.filter(Some(text))?,
            Some(other) => {
                return Err(ScimError::new(
                    ErrorKind::InvalidFilter,
                    format!("`filter` is text, found {other}"),
                ));
            }
        };
        let text = |name: &str| match member(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.as_str())),
            Some(other) => Err(ScimError::new(
                ErrorKind::InvalidValue,
                format!("`{name}` is text, found {other}"),
            )),
        };
        let (start_index, count) = (number("startIndex")?, number("count")?);
        let clamps = self.tenant.choices.cursor_count;
        let page = page::Parameters {
            start_index: start_index.as_deref(),
            count: count.as_deref(),
            cursor: text("cursor")?,
        };
        Ok(Query {
            filter,
            order: self.order(text("sortBy")?, text("sortOrder")?)?,
            page: Page::new(page, &self.tenant.features, clamps, reading)?,
            projection: Projection::new(
                &list("attributes")?,
                &list("excludedAttributes")?,
                reading,
            )?,
        })
    }

    /// The JSON body of the request.
    pub(super) fn json(&self) -> Result<Value, ScimError> {
        let body = self.request.body();
        let declared = self.header(CONTENT_TYPE).map(|value| {
            value
                .split(';')
                .next()
                .unwrap_or_default()
                .trim()
                .to_ascii_lowercase()
        });
        let known = match declared.as_deref() {
            None | Some("application/scim+json") => true,
            Some("application/json") => self.tenant.choices.plain_json,
            Some(_) => false,
        };
        // A lenient reading looks at the body: some clients send JSON as text, or as a form.
        let looks_like_json = || {
            body.iter()
                .find(|byte| !byte.is_ascii_whitespace())
                .is_some_and(|byte| matches!(byte, b'{' | b'['))
        };
        if !(known || looks_like_json() && self.reading().takes(Leniency::ContentType)) {
            let found = declared.unwrap_or_default();
            let or = if self.tenant.choices.plain_json {
                " or application/json"
            } else {
                ""
            };
            let detail = format!("the body is `{found}`; expected application/scim+json{or}");
            return Err(ScimError::new(ErrorKind::UnsupportedMediaType, detail));
        }
        if body.is_empty() {
            return Err(ScimError::new(
                ErrorKind::InvalidSyntax,
                "the body is empty; expected JSON",
            ));
        }
        serde_json::from_slice(body).map_err(|error| {
            ScimError::new(
                ErrorKind::InvalidSyntax,
                format!("the body is not JSON: {error}"),
            )
        })
    }
}
