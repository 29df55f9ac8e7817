//! The control API: tenants made, reset and dropped, their state and their journal, as a synchronous function from requests to answers.
//!
//! It is JSON over HTTP, no SCIM: its errors are problem documents (RFC 9457). It knows no socket; whoever calls it has bounded and
//! collected the body.

mod account;
mod clock;
mod events;
mod faults;
mod guard;
mod journal;
mod metrics;
mod problem;
mod reloads;
mod route;
mod state;
mod tenants;

pub use self::account::{Account, Count};
pub use self::events::Subscription;
pub use self::journal::Wait;
use crate::directory::{MOST_CHECKPOINTS, Retired};
use crate::journal::Journal;
use crate::scim::{ErrorKind, ScimError};
use crate::service::{Tenant, Tenants};
use bytes::Bytes;
pub use guard::Guard;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Request, Response, StatusCode};
use jiff::Timestamp;
use problem::Problem;
use reloads::Reloads;
pub use reloads::{Outcome, Reloaded, Source};
use route::Route;
pub use route::endpoints;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::sync::Arc;

/// The control API of one server.
#[derive(Debug)]
pub struct Control {
    tenants: Arc<Tenants>,
    journal: Arc<Journal>,
    guard: Guard,
    /// The URL of the SCIM listener, without a path.
    root: String,
    reloads: Reloads,
    log: Arc<events::Log>,
    /// When it was made.
    begun: Timestamp,
    source: Option<Arc<dyn Source>>,
    recording: Option<Arc<dyn Account>>,
}

type Answer = Result<Response<Bytes>, Problem>;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Checkpoint {
    name: Option<String>,
}

impl Control {
    /// The control API over `tenants`, which are served at `root` (`http://127.0.0.1:8080`) and whose exchanges `journal` keeps.
    pub fn new(tenants: Arc<Tenants>, journal: Arc<Journal>, guard: Guard, root: String) -> Self {
        Self {
            tenants,
            journal,
            guard,
            root,
            reloads: Reloads::default(),
            log: Arc::default(),
            begun: crate::clock::now(),
            source: None,
            recording: None,
        }
    }

    /// The same, and it tells of a recording.
    #[must_use]
    pub fn recording(self, recording: Arc<dyn Account>) -> Self {
        Self {
            recording: Some(recording),
            ..self
        }
    }

    /// The same, and scenarios can be loaded again.
    #[must_use]
    pub fn reloading(self, source: Arc<dyn Source>) -> Self {
        Self {
            source: Some(source),
            ..self
        }
    }

    /// Where the exchanges of its tenants are kept.
    pub fn journal(&self) -> &Arc<Journal> {
        &self.journal
    }

    /// Answers a request. A response with the extension [`Wait`] need not be sent yet; one with a [`Subscription`] goes on.
    pub fn answer(&self, request: &Request<Bytes>) -> Response<Bytes> {
        self.dispatch(request)
            .unwrap_or_else(Problem::into_response)
    }

    /// Answers a request of this very process, which needs no token and is from nowhere else.
    pub fn answer_own(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let found = Route::find(request.uri().path());
        self.perform(request, found)
            .unwrap_or_else(Problem::into_response)
    }

    /// An error in the form of this API.
    pub fn refusal(error: &ScimError) -> Response<Bytes> {
        Problem::from(error).into_response()
    }

    fn dispatch(&self, request: &Request<Bytes>) -> Answer {
        self.guard.check_origin(request)?;
        let found = Route::find(request.uri().path());
        if !matches!(found, Some((Route::Health, _))) {
            self.guard.check_token(request)?;
        }
        self.perform(request, found)
    }

    fn perform(
        &self,
        request: &Request<Bytes>,
        found: Option<(Route, &'static [&'static str])>,
    ) -> Answer {
        let Some((route, methods)) = found else {
            let detail = format!("nothing is at {}", request.uri().path());
            return Err(Problem::new(ErrorKind::NotFound, detail));
        };
        let method = request.method().as_str();
        if !methods.contains(&method) {
            return Err(Problem::method(methods));
        }
        let query = request.uri().query().unwrap_or_default();
        match (route, method) {
            (Route::Health, _) => Ok(self.health()),
            (Route::OpenApi, _) => Ok(document()),
            (Route::Metrics, _) => Ok(self.metrics()),
            (Route::Events, _) => self.events(request),
            (Route::Tenants, "POST") => self.make_tenant(request),
            (Route::Tenants, _) => Ok(self.list_tenants()),
            (Route::Tenant(name), _) => self.drop_tenant(&name),
            (Route::Reload(name), _) => self.reload(name.as_deref()),
            (Route::Reset(name), _) => self.reset(&name),
            (Route::Checkpoints(name), _) => self.mark(&name, request),
            (Route::Restore(name, mark), _) => self.change(&name, |tenant| {
                let moment = tenant.directory.marked(&mark);
                let moment = moment.ok_or_else(|| no_checkpoint(&mark))?;
                Ok(tenant.directory.restore(moment))
            }),
            (Route::State(name), "PUT") => self.change(&name, |tenant| {
                let moment = state::read(tenant, request.body())?;
                Ok(tenant.directory.restore(Arc::new(moment)))
            }),
            (Route::State(name), _) => {
                let (_, tenant) = self.tenant(&name)?;
                Ok(json(StatusCode::OK, &state::export(&tenant)))
            }
            (Route::Clock(name), "POST") => {
                let moved = clock::read(&read(request)?)?;
                self.change(&name, |tenant| clock::move_on(tenant, moved))?;
                let (_, tenant) = self.tenant(&name)?;
                Ok(json(StatusCode::OK, &clock::told(&tenant)))
            }
            (Route::Clock(name), _) => {
                let (_, tenant) = self.tenant(&name)?;
                Ok(json(StatusCode::OK, &clock::told(&tenant)))
            }
            (Route::Faults(name), "PUT") => self.replace_faults(&name, request),
            (Route::Faults(name), _) => self.faults(&name),
            (Route::Journal(name), "DELETE") => {
                self.tenant(&name)?;
                self.journal.clear(Some(&name));
                Ok(no_content())
            }
            (Route::Journal(name), _) => {
                self.tenant(&name)?;
                Ok(told(journal::search(&self.journal, &name, query)?))
            }
            (Route::Latest(name), _) => {
                self.tenant(&name)?;
                Ok(told(journal::latest(&self.journal, &name, query)?))
            }
            (Route::Verify(name), _) => {
                self.tenant(&name)?;
                let body = read(request)?;
                Ok(told(journal::verify(&self.journal, &name, query, &body)?))
            }
        }
    }

    /// Marks the present of a tenant.
    fn mark(&self, name: &str, request: &Request<Bytes>) -> Answer {
        let wanted: Checkpoint = if request.body().is_empty() {
            Checkpoint::default()
        } else {
            read(request)?
        };
        let (_, tenant) = self.tenant(name)?;
        let wanted = wanted.name.as_deref();
        if wanted.is_some_and(|it| it.is_empty() || it.len() > 64) {
            let detail = "the name of a checkpoint has 1 to 64 bytes";
            return Err(Problem::new(ErrorKind::BadRequest, detail));
        }
        let Some(mark) = tenant.directory.mark(wanted) else {
            let detail = format!(
                "there are {MOST_CHECKPOINTS} checkpoints, the most that are kept; give the name of one, and it is moved"
            );
            return Err(Problem::new(ErrorKind::Conflict, detail));
        };
        let made = serde_json::json!({ "name": mark });
        Ok(json(StatusCode::CREATED, &made))
    }

    /// Changes the tenant with this name, whichever it is: one that a reload has just replaced is no more.
    fn change(
        &self,
        name: &str,
        change: impl Fn(&Tenant) -> Result<Result<(), Retired>, Problem>,
    ) -> Answer {
        loop {
            let (_, tenant) = self.tenant(name)?;
            if change(&tenant)?.is_ok() {
                return Ok(no_content());
            }
        }
    }

    fn tenant(&self, name: &str) -> Result<(Arc<str>, Arc<Tenant>), Problem> {
        self.tenants.named(name).ok_or_else(|| no_tenant(name))
    }

    /// The URL of a tenant's base.
    fn url(&self, base: &str) -> String {
        format!("{}{base}", self.root)
    }
}

fn no_tenant(name: &str) -> Problem {
    Problem::new(ErrorKind::NotFound, format!("there is no tenant `{name}`"))
}

fn no_checkpoint(name: &str) -> Problem {
    let detail = format!(
        "there is no checkpoint `{name}`; those from before a reload are gone with what they marked"
    );
    Problem::new(ErrorKind::NotFound, detail)
}

/// The body of a request.
fn read<T: DeserializeOwned>(request: &Request<Bytes>) -> Result<T, Problem> {
    serde_json::from_slice(request.body())
        .map_err(|error| Problem::new(ErrorKind::BadRequest, format!("the body: {error}")))
}

/// What this API is, for programs (`OpenAPI` 3.1). It stands in a file, and a test holds it against the endpoints and their answers.
fn document() -> Response<Bytes> {
    const DOCUMENT: &str = include_str!("openapi.json");
    let mut response = Response::new(Bytes::from_static(DOCUMENT.as_bytes()));
    let media_type = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, media_type);
    response
}

fn json(status: StatusCode, body: &Value) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body.to_string()));
    *response.status_mut() = status;
    let media_type = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, media_type);
    response
}

/// What was found in the journal.
fn told(found: journal::Found) -> Response<Bytes> {
    let mut response = if let Some(value) = found.value {
        json(StatusCode::OK, &value)
    } else {
        let detail = "no exchange in the journal is like that";
        Problem::new(ErrorKind::NotFound, detail).into_response()
    };
    if let Some(wait) = found.wait {
        response.extensions_mut().insert(wait);
    }
    response
}

fn no_content() -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}
