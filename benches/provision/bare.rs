//! The same requests by a client that only sends: no plan, no state, and answers that nobody reads.

use bytes::Bytes;
use futures_util::StreamExt as _;
use http::Request;
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use scimulate::MockProvider;
use scimulate::exchange::Body;
use scimulate::journal::Entry;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Sends what was sent before, in its order, so many at once.
pub(crate) fn send(provider: &MockProvider, exchanges: &[Arc<Entry>], parallel: usize) -> Duration {
    let requests: Vec<Request<Full<Bytes>>> = exchanges
        .iter()
        .map(|entry| request(provider.base_url(), entry))
        .collect();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let client = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
        let started = Instant::now();
        let sent = requests.into_iter().map(|request| {
            let client = client.clone();
            async move {
                let response = client.request(request).await.unwrap();
                response.into_body().collect().await.unwrap();
            }
        });
        let mut sent = futures_util::stream::iter(sent).buffer_unordered(parallel.max(1));
        while sent.next().await.is_some() {}
        started.elapsed()
    })
}

fn request(base: &str, entry: &Entry) -> Request<Full<Bytes>> {
    let request = &entry.exchange.request;
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(&request.query);
    let query = query.finish();
    let mark = if query.is_empty() { "" } else { "?" };
    let url = format!("{base}{}{mark}{query}", request.path);
    let mut built = Request::builder()
        .method(request.method.as_str())
        .uri(url)
        .header("authorization", "Bearer token");
    let body = match &request.body {
        Body::Json(body) => {
            built = built.header("content-type", "application/scim+json");
            Bytes::from(body.to_string())
        }
        _ => Bytes::new(),
    };
    built.body(Full::new(body)).unwrap()
}
