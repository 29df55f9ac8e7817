//! SCIM over HTTP (RFC 7644) as a synchronous function: a tenant and a request in, a response out. One file an operation.
//!
//! It knows no socket: whoever calls it has bounded and collected the body.

mod authenticate;
mod bulk;
mod create;
mod delete;
mod discover;
mod list;
mod load;
mod me;
mod patch;
mod permit;
mod query;
mod read;
mod replace;
mod respond;
mod results;
mod route;
mod tenant;
mod tenants;
mod token;
mod traffic;

use crate::directory::{Retired, Snapshot};
use crate::faults::Verdict;
use crate::scenario::Credential;
use crate::scim::choices::{DiscoveryAuth, MediaType};
use crate::scim::error::shaped;
use crate::scim::{ErrorKind, Leniencies, Leniency, Reading, ScimError};
use arc_swap::Guard;
pub use bulk::body_limit;
use bytes::Bytes;
use http::header::{ALLOW, USER_AGENT};
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode};
pub use load::{Loaded, load};
pub use respond::{MEDIA_TYPE, error};
use route::Route;
use std::cell::Cell;
use std::sync::Arc;
pub use tenant::Tenant;
pub use tenants::{BASE_PATH, MOST_TENANTS, NotAdded, Renewal, Tenants, below, can_name, within};
pub use traffic::{Kind, TIMES_US, Traffic};

/// The header that names the departures from the letter which an answer needed.
pub const LENIENT: HeaderName = HeaderName::from_static("scimulate-lenient");

/// One request on its way through the service.
struct Call<'a> {
    tenant: &'a Tenant,
    base: &'a str,
    request: &'a Request<Bytes>,
    /// Who is asking, once that is known.
    client: Option<&'a Credential>,
    /// What of the scenario's faults the request meets, once that is known.
    verdict: Verdict,
    /// The departures from the letter that the request needed.
    noted: Cell<Leniencies>,
}

/// Why an operation has no answer of its own.
enum Refusal {
    /// The protocol says no.
    Scim(ScimError),
    /// A reload came between; ask the tenant that took this one's place.
    Retired,
}

impl From<ScimError> for Refusal {
    fn from(error: ScimError) -> Self {
        Self::Scim(error)
    }
}

impl From<Retired> for Refusal {
    fn from(_: Retired) -> Self {
        Self::Retired
    }
}

type Answer = Result<Response<Bytes>, Refusal>;

/// Answers `request`, whose path begins with the path of `base`, the tenant's SCIM base URL without a slash at its end.
///
/// # Errors
/// [`Retired`] when the tenant was replaced while the request was under way; nothing was written then.
pub fn answer(
    tenant: &Tenant,
    base: &str,
    request: &Request<Bytes>,
) -> Result<Response<Bytes>, Retired> {
    let mut call = Call {
        tenant,
        base,
        request,
        client: None,
        verdict: Verdict::default(),
        noted: Cell::default(),
    };
    let answered = call.answer();
    let mut response = match answered {
        Ok(response) => response,
        Err(Refusal::Retired) => return Err(Retired),
        Err(Refusal::Scim(refused)) => call.refusal(refused),
    };
    call.verdict.replace(&mut response, base);
    call.shape(&mut response);
    call.negotiate(&mut response);
    call.tell_leniencies(&mut response);
    call.verdict.mark(&mut response, base);
    if request.method() == Method::HEAD {
        respond::without_body(&mut response);
    }
    Ok(response)
}

impl Call<'_> {
    fn answer(&mut self) -> Answer {
        if self.is_for_a_token() {
            self.verdict = self.choose_fault();
            return self.token();
        }
        let route = Route::find(
            self.tenant,
            self.base,
            self.request.uri().path(),
            self.reading(),
        )?;
        // What a provider can do, and how to authenticate, is readable before authentication (RFC 7643 section 5).
        if !route.is_discovery() || self.tenant.choices.discovery_auth == DiscoveryAuth::Required {
            let now = self.tenant.directory.now();
            match authenticate::check(self.tenant, self.request, now) {
                Ok(client) => self.client = client,
                Err(refused) => return Ok(self.challenge(&refused)),
            }
        }
        self.verdict = self.choose_fault();
        if !self.verdict.lets_operate() {
            return Ok(respond::empty(StatusCode::OK));
        }
        self.check_accept()?;
        if self.tenant.choices.require_user_agent && self.header(USER_AGENT).is_none() {
            let detail = "a request says who sends it: send a User-Agent";
            return Err(ScimError::new(ErrorKind::Forbidden, detail).into());
        }
        let method = self.request.method().as_str();
        let allowed = route.methods();
        let offered = |method: &str| self.offers(method, &route);
        let allowed: Vec<&str> = allowed
            .iter()
            .copied()
            .filter(|it| offered(it).is_ok())
            .collect();
        if let Err(refused) = offered(method)
            && (refused.kind != ErrorKind::MethodNotAllowed || allowed.is_empty())
        {
            return Err(refused.into());
        }
        if self.request.method() == Method::OPTIONS {
            return Ok(respond::options(&allowed));
        }
        if !allowed.contains(&method) {
            let detail = format!(
                "{} is not for this endpoint; it takes {}",
                self.request.method(),
                allowed.join(", ")
            );
            let mut response = self.refusal(ScimError::new(ErrorKind::MethodNotAllowed, detail));
            response
                .headers_mut()
                .insert(ALLOW, respond::allow(&allowed));
            return Ok(response);
        }
        if let Err(refused) = self.permit(self.request.method().as_str(), &route) {
            return Ok(self.forbidden(refused));
        }
        self.dispatch(route)
    }

    fn dispatch(&self, route: Route) -> Answer {
        match (route, self.request.method().as_str()) {
            (Route::ServiceProviderConfig, _) => self.service_provider_config(),
            (Route::ResourceTypes(name), _) => self.resource_types(name.as_deref()),
            (Route::Schemas(id), _) => self.schemas(id.as_deref()),
            (Route::Search(kind), _) => self.search(kind),
            (Route::Root, _) => self.list(None),
            (Route::Collection(kind), "POST") => self.create(kind),
            (Route::Collection(kind), _) => self.list(Some(kind)),
            (Route::Resource(kind, id), "PUT") => self.replace(kind, &id),
            (Route::Resource(kind, id), "PATCH") => self.patch(kind, &id),
            (Route::Resource(kind, id), "DELETE") => self.delete(kind, &id),
            (Route::Resource(kind, id), _) => self.read(kind, &id),
            (Route::Bulk, _) => self.bulk(),
            (Route::Me, _) => self.me(),
        }
    }

    fn choose_fault(&self) -> Verdict {
        if self.tenant.faults.is_empty() {
            return Verdict::default();
        }
        let path = self.request.uri().path();
        let now = self.tenant.directory.now();
        let within = tenants::within(&self.base_path(), path);
        let faults = &self.tenant.faults;
        faults.choose(self.request, within.unwrap_or(path), now)
    }

    /// The path of the base URL, without a slash at its end.
    fn base_path(&self) -> String {
        let base = http::Uri::try_from(self.base);
        let path = base.as_ref().map_or("", |uri| uri.path());
        path.trim_end_matches('/').to_owned()
    }

    /// The moment that is read: the present, unless a fault has it otherwise.
    fn snapshot(&self) -> Guard<Arc<Snapshot>> {
        match self.verdict.stale() {
            None => self.tenant.directory.snapshot(),
            Some(age) => self.tenant.directory.snapshot_before(age),
        }
    }

    fn header(&self, name: http::header::HeaderName) -> Option<&str> {
        self.request
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
    }

    /// By the letter, a client that accepts no JSON gets none (RFC 9110 section 15.5.7).
    fn check_accept(&self) -> Result<(), ScimError> {
        let Some(accepted) = self.header(http::header::ACCEPT) else {
            return Ok(());
        };
        let types = accepted.split(',').map(|range| {
            range
                .split(';')
                .next()
                .unwrap_or_default()
                .trim()
                .to_ascii_lowercase()
        });
        let suits = |range: String| {
            ["*/*", "application/*", MEDIA_TYPE, "application/json"].contains(&range.as_str())
        };
        if types.into_iter().any(suits) || self.reading().takes(Leniency::Accept) {
            return Ok(());
        }
        Err(ScimError::new(
            ErrorKind::NotAcceptable,
            format!("the client accepts {accepted}; answers are {MEDIA_TYPE} or application/json"),
        ))
    }

    /// RFC 7644 section 3.8: `application/json` for clients that know no other.
    fn negotiate(&self, response: &mut Response<Bytes>) {
        let plain = match self.tenant.choices.media_type {
            MediaType::Scim => false,
            MediaType::Json => true,
            MediaType::Negotiated => self.header(http::header::ACCEPT).is_some_and(|accepted| {
                accepted.contains("application/json") && !accepted.contains(MEDIA_TYPE)
            }),
        };
        let media_type = match (plain, self.tenant.choices.charset) {
            _ if self.is_for_a_token() => return,
            (false, false) => return,
            (false, true) => "application/scim+json; charset=utf-8",
            (true, false) => "application/json",
            (true, true) => "application/json; charset=utf-8",
        };
        if let Some(present) = response.headers_mut().get_mut(http::header::CONTENT_TYPE) {
            *present = HeaderValue::from_static(media_type);
        }
    }

    /// An error as this provider tells it.
    fn refusal(&self, error: ScimError) -> Response<Bytes> {
        respond::error_with(
            &error.told_by(&self.tenant.choices),
            self.tenant.choices.error_status,
        )
    }

    /// Gives an error the shape that this provider's errors have, whoever made it.
    fn shape(&self, response: &mut Response<Bytes>) {
        let Some(shape) = &self.tenant.restrictions.error_body else {
            return;
        };
        if response.status().as_u16() >= 400
            && let Ok(error) = serde_json::from_slice(response.body())
        {
            *response.body_mut() = shaped(shape, error).to_string().into();
        }
    }

    /// How this request is read.
    fn reading(&self) -> Reading<'_> {
        Reading::new(self.tenant.leniencies, &self.noted)
    }

    /// Says which departures were accepted, so that whoever wrote the client can see them.
    fn tell_leniencies(&self, response: &mut Response<Bytes>) {
        let names: Vec<_> = self.noted.get().names().collect();
        if !names.is_empty()
            && let Ok(names) = HeaderValue::try_from(names.join(", "))
        {
            response.headers_mut().insert(LENIENT, names);
        }
    }

    fn not_found(&self, kind: usize, id: &str) -> ScimError {
        ScimError::new(
            ErrorKind::NotFound,
            format!(
                "no {} has the id `{id}`",
                self.tenant.layout().types[kind].name
            ),
        )
    }
}
