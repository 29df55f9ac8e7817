//! The endpoints of the control API, one table: paths, methods, and which endpoint a path is.

use percent_encoding::percent_decode_str;

/// What `Allow` says (RFC 9110 section 10.2.1).
type Methods = &'static [&'static str];

/// An endpoint; names are decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Route {
    Health,
    OpenApi,
    Metrics,
    Events,
    Tenants,
    Tenant(String),
    /// Of one tenant, or of all.
    Reload(Option<String>),
    Reset(String),
    Checkpoints(String),
    Restore(String, String),
    State(String),
    Clock(String),
    Faults(String),
    Journal(String),
    Latest(String),
    Verify(String),
}

/// The path, with names in braces, as `OpenAPI` writes it; its methods; what it is with its names.
type Endpoint = (&'static str, Methods, fn([String; 2]) -> Route);

const ENDPOINTS: [Endpoint; 17] = [
    ("/health", &["GET", "HEAD"], |_| Route::Health),
    ("/openapi.json", &["GET", "HEAD"], |_| Route::OpenApi),
    ("/metrics", &["GET", "HEAD"], |_| Route::Metrics),
    ("/events", &["GET"], |_| Route::Events),
    ("/reload", &["POST"], |_| Route::Reload(None)),
    ("/tenants", &["GET", "HEAD", "POST"], |_| Route::Tenants),
    ("/tenants/{tenant}", &["DELETE"], |[it, _]| {
        Route::Tenant(it)
    }),
    ("/tenants/{tenant}/reload", &["POST"], |[it, _]| {
        Route::Reload(Some(it))
    }),
    ("/tenants/{tenant}/reset", &["POST"], |[it, _]| {
        Route::Reset(it)
    }),
    ("/tenants/{tenant}/checkpoints", &["POST"], |[it, _]| {
        Route::Checkpoints(it)
    }),
    (
        "/tenants/{tenant}/checkpoints/{checkpoint}/restore",
        &["POST"],
        |[it, mark]| Route::Restore(it, mark),
    ),
    (
        "/tenants/{tenant}/state",
        &["GET", "HEAD", "PUT"],
        |[it, _]| Route::State(it),
    ),
    (
        "/tenants/{tenant}/clock",
        &["GET", "HEAD", "POST"],
        |[it, _]| Route::Clock(it),
    ),
    (
        "/tenants/{tenant}/faults",
        &["GET", "HEAD", "PUT"],
        |[it, _]| Route::Faults(it),
    ),
    (
        "/tenants/{tenant}/journal",
        &["GET", "HEAD", "DELETE"],
        |[it, _]| Route::Journal(it),
    ),
    (
        "/tenants/{tenant}/journal/latest",
        &["GET", "HEAD"],
        |[it, _]| Route::Latest(it),
    ),
    ("/tenants/{tenant}/verify", &["POST"], |[it, _]| {
        Route::Verify(it)
    }),
];

/// Every endpoint: its path, with names in braces, and its methods.
pub fn endpoints() -> impl Iterator<Item = (&'static str, Methods)> {
    ENDPOINTS
        .into_iter()
        .map(|(path, methods, _)| (path, methods))
}

impl Route {
    /// The endpoint at a path, and what methods it takes; `None` where nothing is.
    pub(super) fn find(path: &str) -> Option<(Self, Methods)> {
        ENDPOINTS
            .into_iter()
            .find_map(|(template, methods, route)| {
                let (mut found, mut wanted) = (path.split('/'), template.split('/'));
                let mut names = [String::new(), String::new()];
                let mut next = names.iter_mut();
                loop {
                    match (found.next(), wanted.next()) {
                        (None, None) => break,
                        (Some(found), Some(wanted)) => {
                            let text = percent_decode_str(found).decode_utf8().ok()?;
                            if !wanted.starts_with('{') {
                                (text == wanted).then_some(())?;
                            } else if text.is_empty() {
                                return None;
                            } else {
                                *next.next()? = text.into_owned();
                            }
                        }
                        _ => return None,
                    }
                }
                Some((route(names), methods))
            })
    }
}
