//! One tenant in memory, and requests to it without a socket.

use bytes::Bytes;
use http::{HeaderMap, Method, Request};
use scimulate::clock;
use scimulate::exchange::{Body, Exchange, Request as Asked, Response as Answered, header_pairs};
use scimulate::lint::{Judge, Side};
use scimulate::scenario;
use scimulate::scim::choices::Choices;
use scimulate::scim::discovery::service_provider_config;
use scimulate::scim::leniency::{Row, TABLE};
use scimulate::scim::resource_type::ResourceType;
use scimulate::scim::restrictions::Restrictions;
use scimulate::service::{self, Tenant};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

/// The SCIM base URL of every [`Sp`].
pub(crate) const BASE: &str = "http://sp.test/scim/v2";
/// The token that every [`Sp`] takes, unless its scenario says otherwise.
pub(crate) const TOKEN: &str = "secret-token";

/// A service provider.
pub(crate) struct Sp {
    tenant: Tenant,
    base: String,
    token: String,
    types: Vec<Arc<ResourceType>>,
    /// What judges every answer, with how many it has judged.
    judge: Mutex<(u64, Judge)>,
    /// How many requests have begun, and how many have ended.
    begun: AtomicU64,
    ended: AtomicU64,
}

/// What it answered.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Bytes,
}

impl Sp {
    /// An empty one that takes what real clients send.
    pub(crate) fn new() -> Self {
        Self::with(r#"Scenario(auth: [Bearer("secret-token")])"#)
    }

    /// An empty one that goes by the letter.
    pub(crate) fn strict() -> Self {
        Self::with(
            r#"Scenario(auth: [Bearer("secret-token")], provider: Provider(strictness: Strict))"#,
        )
    }

    /// What a scenario file says.
    #[track_caller]
    pub(crate) fn with(scenario: &str) -> Self {
        Self::named("test", scenario)
    }

    /// What the scenario file of a tenant says.
    #[track_caller]
    pub(crate) fn named(tenant: &str, scenario: &str) -> Self {
        let (sp, told) = Self::load(tenant, scenario);
        sp.unwrap_or_else(|| panic!("{told}"))
    }

    /// What a scenario file says if it can be served, and what is said of it.
    pub(crate) fn try_with(scenario: &str) -> (Option<Self>, String) {
        Self::load("test", scenario)
    }

    fn load(tenant: &str, scenario: &str) -> (Option<Self>, String) {
        let file = format!("{tenant}.ron");
        let (scenario, mut diagnostics) = scenario::load(Path::new(&file), scenario);
        let types = scenario.as_ref().map_or(Vec::new(), |it| it.types.clone());
        let tenant = scenario.and_then(|scenario| {
            let built = Tenant::build(&scenario);
            built.map_err(|refused| diagnostics.extend(refused)).ok()
        });
        let sp = tenant.map(|tenant| Self {
            judge: Mutex::new((0, judge(&tenant, &types))),
            begun: AtomicU64::new(0),
            ended: AtomicU64::new(0),
            tenant,
            base: BASE.to_owned(),
            token: TOKEN.to_owned(),
            types,
        });
        let told: Vec<String> = diagnostics.iter().map(ToString::to_string).collect();
        (sp, told.join("\n"))
    }

    /// The same at another base URL.
    pub(crate) fn at(self, base: &str) -> Self {
        Self {
            base: base.to_owned(),
            ..self
        }
    }

    /// The same with another token sent.
    pub(crate) fn bearing(self, token: &str) -> Self {
        Self {
            token: token.to_owned(),
            ..self
        }
    }

    /// Sends a request with the token; spaces, quotes and the like in `target` (`/Users?filter=…`) are encoded here.
    pub(crate) fn send(&self, method: &str, target: &str, body: Option<Value>) -> Answer {
        let mut headers = vec![("authorization".to_owned(), format!("Bearer {}", self.token))];
        if body.is_some() {
            headers.push((
                "content-type".to_owned(),
                "application/scim+json".to_owned(),
            ));
        }
        self.send_with(method, target, &headers, body)
    }

    /// The same with headers of one's own.
    pub(crate) fn send_with(
        &self,
        method: &str,
        target: &str,
        headers: &[(String, String)],
        body: Option<Value>,
    ) -> Answer {
        let mut encoded = String::new();
        for byte in target.bytes() {
            if byte.is_ascii_graphic() && !b"\"<>\\^`{|}#".contains(&byte) {
                encoded.push(char::from(byte));
            } else {
                write!(encoded, "%{byte:02X}").expect("a string takes all");
            }
        }
        let root = self
            .base
            .splitn(4, '/')
            .nth(3)
            .expect("a base URL has a path");
        let mut request = Request::builder()
            .method(Method::from_bytes(method.as_bytes()).expect("a method"))
            .uri(format!("/{root}{encoded}"));
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let body = body.map_or_else(Bytes::new, |body| body.to_string().into());
        self.request(&request.body(body).expect("a request"))
    }

    /// What [`Sp::send`] sends, and more headers.
    pub(crate) fn send_also(
        &self,
        method: &str,
        target: &str,
        more: &[(&str, &str)],
        body: Option<Value>,
    ) -> Answer {
        let mut headers = vec![("authorization", format!("Bearer {}", self.token))];
        if body.is_some() {
            headers.push(("content-type", "application/scim+json".to_owned()));
        }
        let own = headers.iter().map(|(name, value)| (*name, value.as_str()));
        let all: Vec<_> = own
            .chain(more.iter().copied())
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        self.send_with(method, target, &all, body)
    }

    pub(crate) fn get(&self, target: &str) -> Answer {
        self.send("GET", target, None)
    }

    pub(crate) fn post(&self, target: &str, body: Value) -> Answer {
        self.send("POST", target, Some(body))
    }

    pub(crate) fn put(&self, target: &str, body: Value) -> Answer {
        self.send("PUT", target, Some(body))
    }

    pub(crate) fn delete(&self, target: &str) -> Answer {
        self.send("DELETE", target, None)
    }

    /// A PATCH of these operations, one or an array of them.
    pub(crate) fn patch(&self, target: &str, operations: Value) -> Answer {
        let operations = if operations.is_array() {
            operations
        } else {
            json!([operations])
        };
        let schemas = ["urn:ietf:params:scim:api:messages:2.0:PatchOp"];
        self.send(
            "PATCH",
            target,
            Some(json!({"schemas": schemas, "Operations": operations})),
        )
    }

    /// What it serves, to look at or to change beside its protocol: what was answered so far then says nothing of what comes.
    pub(crate) fn tenant(&self) -> &Tenant {
        self.judge.lock().unwrap().1 = judge(&self.tenant, &self.types);
        &self.tenant
    }

    /// Sends a request as it is.
    pub(crate) fn request(&self, request: &Request<Bytes>) -> Answer {
        let at = clock::now();
        let before = self.begun.fetch_add(1, Ordering::SeqCst);
        let (head, bytes) = service::answer(&self.tenant, &self.base, request)
            .expect("nothing reloads here")
            .into_parts();
        let answer = Answer {
            status: head.status.as_u16(),
            headers: head.headers,
            bytes,
        };
        // Of requests side by side nobody knows which came first, and rules about order say nothing.
        let is_alone = self.ended.load(Ordering::SeqCst) == before
            && self.begun.load(Ordering::SeqCst) == before + 1;
        self.is_right(at, request, &answer, is_alone);
        self.ended.fetch_add(1, Ordering::SeqCst);
        answer
    }

    /// Lint, strict, finds nothing in what we answer, unless the scenario asks for a provider that departs from the RFC.
    #[track_caller]
    fn is_right(
        &self,
        at: jiff::Timestamp,
        request: &Request<Bytes>,
        answer: &Answer,
        is_alone: bool,
    ) {
        let on_request = |it: &&Row| !it.by_default && self.tenant.leniencies.contains(it.leniency);
        let departs = TABLE.iter().any(|row| on_request(&row))
            || self.tenant.choices != Choices::RFC
            || self.tenant.restrictions != Restrictions::default();
        let root = self
            .base
            .splitn(4, '/')
            .nth(3)
            .expect("a base URL has a path");
        let path = request.uri().path();
        let Some(path) = path.strip_prefix(&format!("/{root}")).filter(|_| !departs) else {
            return;
        };
        let media = |headers: &HeaderMap| {
            headers
                .get("content-type")
                .and_then(|it| it.to_str().ok())
                .map(str::to_owned)
        };
        let sent = Body::read(request.body(), media(request.headers()).as_deref());
        let exchange = Exchange {
            at,
            elapsed: clock::now().duration_since(at).unsigned_abs(),
            ended: None,
            request: Asked::new(
                request.method(),
                path,
                request.uri().query(),
                request.headers(),
                sent,
            ),
            response: Answered {
                status: answer.status,
                headers: header_pairs(&answer.headers),
                body: Body::read(&answer.bytes, media(&answer.headers).as_deref()),
            },
        };
        let mut judge = self.judge.lock().unwrap();
        judge.0 += 1;
        let number = judge.0;
        if !is_alone {
            judge.1 = self::judge(&self.tenant, &self.types);
        }
        let findings = judge.1.judge(number, &exchange).into_iter();
        // The clock of a scenario may stand still; and a value that stands there with and without `primary` is kept twice.
        let aside = ["SEQ-META-002", "RES-VALUE-013"];
        let ours: Vec<String> = findings
            .filter(|it| it.side == Side::Provider && !aside.contains(&it.rule.id))
            .filter(|it| is_alone || !it.rule.id.starts_with("SEQ-"))
            .map(|it| {
                format!(
                    "{} {}: {} ({})",
                    it.rule.id, it.place.pointer, it.rule.wrong, it.message
                )
            })
            .collect();
        drop(judge);
        assert!(
            ours.is_empty(),
            "{} {}\n{}\n{}",
            request.method(),
            request.uri(),
            ours.join("\n"),
            answer.text()
        );
    }

    /// Creates a resource and returns its id.
    #[track_caller]
    pub(crate) fn create(&self, endpoint: &str, body: Value) -> String {
        let answer = self.send("POST", endpoint, Some(body));
        assert_eq!(answer.status, 201, "{}", answer.text());
        answer.id()
    }

    /// Creates a user of whom only the name is known.
    #[track_caller]
    pub(crate) fn user(&self, user_name: &str) -> String {
        let schemas = ["urn:ietf:params:scim:schemas:core:2.0:User"];
        self.create("/Users", json!({"schemas": schemas, "userName": user_name}))
    }

    /// Creates a group of these ids.
    #[track_caller]
    pub(crate) fn group(&self, display_name: &str, members: &[&str]) -> String {
        let members = members
            .iter()
            .map(|id| json!({"value": id}))
            .collect::<Vec<_>>();
        let schemas = ["urn:ietf:params:scim:schemas:core:2.0:Group"];
        self.create(
            "/Groups",
            json!({"schemas": schemas, "displayName": display_name, "members": members}),
        )
    }
}

/// One that has read the discovery documents of a tenant.
fn judge(tenant: &Tenant, types: &[Arc<ResourceType>]) -> Judge {
    let mut judge = Judge::strict();
    let extensions = |it: &ResourceType| {
        it.extensions
            .iter()
            .map(|it| it.schema.to_json(BASE))
            .collect::<Vec<_>>()
    };
    let schemas = types
        .iter()
        .flat_map(|it| extensions(it).into_iter().chain([it.schema.to_json(BASE)]));
    let list =
        |resources: Vec<Value>| json!({"totalResults": resources.len(), "Resources": resources});
    let documents = [
        ("/Schemas", list(schemas.collect())),
        (
            "/ResourceTypes",
            list(types.iter().map(|it| it.to_json(BASE)).collect()),
        ),
        (
            "/ServiceProviderConfig",
            service_provider_config(&tenant.features, &tenant.schemes, BASE),
        ),
    ];
    for (path, document) in documents {
        judge.learn(&Exchange {
            at: clock::now(),
            elapsed: std::time::Duration::ZERO,
            ended: None,
            request: Asked::new(&Method::GET, path, None, &HeaderMap::new(), Body::Empty),
            response: Answered {
                status: 200,
                headers: Vec::new(),
                body: Body::Json(document),
            },
        });
    }
    judge
}

impl Answer {
    /// The body as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes)
            .unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// The body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// The id of the resource in the body.
    #[track_caller]
    pub(crate) fn id(&self) -> String {
        self.json()["id"]
            .as_str()
            .expect("a resource has an id")
            .to_owned()
    }

    /// The `scimType` of an error.
    #[track_caller]
    pub(crate) fn scim_type(&self) -> Option<String> {
        self.json()["scimType"].as_str().map(str::to_owned)
    }

    /// `204`, `404`, `400 invalidValue`; an error is looked at on the way: it must be a SCIM error.
    #[track_caller]
    pub(crate) fn verdict(&self) -> String {
        if self.status < 400 {
            return self.status.to_string();
        }
        let body = self.json();
        assert_eq!(
            body["schemas"],
            json!(["urn:ietf:params:scim:api:messages:2.0:Error"]),
            "{body}"
        );
        assert_eq!(body["status"], json!(self.status.to_string()), "{body}");
        assert!(
            body["detail"]
                .as_str()
                .is_some_and(|detail| !detail.is_empty()),
            "{body}"
        );
        assert!(
            self.header("content-type")
                .is_some_and(|it| it.starts_with("application/scim+json")),
            "{self:?}"
        );
        match self.scim_type() {
            Some(scim_type) => format!("{} {scim_type}", self.status),
            None => self.status.to_string(),
        }
    }

    /// A header, when it is there.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}
