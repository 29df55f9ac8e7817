//! A handle of a provider: where it is, what it was asked, what is in its directory.

use super::running::Running;
use super::{Builder, Error};
use crate::journal::{Entry, Query, Verdict, Verification};
use bytes::Bytes;
use http::{Method, Request};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

/// A SCIM service provider with a directory in memory, which runs as long as it, or a fork of it, is held.
///
/// ```
/// # fn main() -> Result<(), scimulate::mock::Error> {
/// # let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
/// # runtime.block_on(async {
/// use scimulate::MockProvider;
///
/// let provider = MockProvider::builder()
///     .scenario(r#"Scenario(auth: [Bearer("secret")], users: [{"userName": "bjensen"}])"#)
///     .start()
///     .await?;
/// // Point the code under test at these two.
/// assert!(provider.base_url().starts_with("http://127.0.0.1:"));
/// assert_eq!(provider.token(), Some("secret"));
/// // Afterwards: what did it ask?
/// let expected = serde_json::json!({"method": "POST", "path": "/Users", "count": 1});
/// let error = provider.verify(expected).unwrap_err();
/// assert!(error.to_string().starts_with("expected POST /Users exactly once, found none"));
/// # Ok(())
/// # })
/// # }
/// ```
#[derive(Debug)]
pub struct MockProvider {
    running: Arc<Running>,
    tenant: String,
    base_url: String,
    token: Option<String>,
    /// Whether its tenant goes with it.
    is_fork: bool,
}

impl MockProvider {
    /// What to start one with.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// The handle of whoever started it: of its first tenant.
    pub(super) fn first(running: Arc<Running>) -> Self {
        let (tenant, token) = running.tokens.first().cloned().unwrap_or_default();
        let base = running.tenants.named(&tenant);
        let base = base.map_or(String::new(), |(base, _)| base.to_string());
        Self::of(running, tenant, &base, token, false)
    }

    /// A handle of the tenant whose base has this path.
    fn of(
        running: Arc<Running>,
        tenant: String,
        base: &str,
        token: Option<String>,
        is_fork: bool,
    ) -> Self {
        let base_url = format!("{}{base}", running.url);
        Self {
            running,
            tenant,
            base_url,
            token,
            is_fork,
        }
    }

    /// The SCIM base URL, without a slash at its end.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The first bearer token that the scenario takes; `None` if it takes none.
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// Where the control API is, if it was asked for.
    pub fn control_url(&self) -> Option<&str> {
        self.running.control_url.as_deref()
    }

    /// The name of this tenant.
    pub fn name(&self) -> &str {
        &self.tenant
    }

    /// The tenants that it was started with, in their order.
    pub fn tenants(&self) -> Vec<Self> {
        let all = self.running.tokens.iter();
        all.filter_map(|(name, _)| self.tenant(name)).collect()
    }

    /// One of the tenants that it was started with.
    pub fn tenant(&self, name: &str) -> Option<Self> {
        let (name, token) = self.running.tokens.iter().find(|(it, _)| it == name)?;
        let (base, _) = self.running.tenants.named(name)?;
        let (running, token) = (self.running.clone(), token.clone());
        Some(Self::of(running, name.clone(), &base, token, false))
    }

    /// A provider of its own, on the same socket, that begins with the present of this one and goes its own way: for each test one,
    /// whatever the size of the directory. It is gone when it is dropped.
    ///
    /// # Errors
    /// When there are as many tenants as there may be.
    pub fn fork(&self) -> Result<Self, Error> {
        let tenants = &self.running.tenants;
        let (_, present) = tenants
            .named(&self.tenant)
            .ok_or_else(|| Error::refused(format!("the tenant `{}` is gone", self.tenant)))?;
        let forked = tenants.fork(&present, None);
        let (tenant, base) = forked.map_err(|error| Error::refused(error.to_string()))?;
        let (running, token) = (self.running.clone(), self.token.clone());
        Ok(Self::of(running, tenant, &base, token, true))
    }

    /// Returns to the scenario; a fork, to what it was forked from.
    ///
    /// # Errors
    /// When a client of the control API has dropped the tenant.
    pub fn reset(&self) -> Result<(), Error> {
        self.ask(Method::POST, "reset", None).map(drop)
    }

    /// Marks the present, and returns the name of the mark, for [`MockProvider::restore`].
    ///
    /// # Errors
    /// When there are too many marks.
    pub fn checkpoint(&self) -> Result<String, Error> {
        let made = self.ask(Method::POST, "checkpoints", None)?;
        Ok(made["name"].as_str().unwrap_or_default().to_owned())
    }

    /// Returns to a mark.
    ///
    /// # Errors
    /// When there is no such mark.
    pub fn restore(&self, checkpoint: &str) -> Result<(), Error> {
        let name = utf8_percent_encode(checkpoint, NON_ALPHANUMERIC);
        let restore = format!("checkpoints/{name}/restore");
        self.ask(Method::POST, &restore, None).map(drop)
    }

    /// Moves its clock on, and with it all that expires: tokens, cursors, quotas, outages.
    ///
    /// # Errors
    /// When the calendar ends before that.
    pub fn advance(&self, span: Duration) -> Result<(), Error> {
        let span = json!({"advance_ms": u64::try_from(span.as_millis()).unwrap_or(u64::MAX)});
        self.ask(Method::POST, "clock", Some(span)).map(drop)
    }

    /// The whole directory, as a scenario has it: `{"users": […], "groups": […], "resources": {"Device": […]}}`.
    ///
    /// # Errors
    /// As [`MockProvider::reset`].
    pub fn state(&self) -> Result<Value, Error> {
        self.ask(Method::GET, "state", None)
    }

    /// Puts another directory in its place, in the form of [`MockProvider::state`].
    ///
    /// # Errors
    /// When a resource is not as its schema wants it; nothing is changed then.
    pub fn put_state(&self, state: impl Into<Value>) -> Result<(), Error> {
        self.ask(Method::PUT, "state", Some(state.into())).map(drop)
    }

    /// The exchanges that a query asks for, oldest first, without secrets; an empty query asks for all that are kept. Queries are those
    /// of the control API: `method=POST&path=/Users/*&status=4xx`.
    ///
    /// # Errors
    /// When the query cannot be read.
    pub fn journal(&self, query: &str) -> Result<Vec<Arc<Entry>>, Error> {
        let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
        let pairs = pairs
            .iter()
            .map(|(name, value)| (name.as_ref(), value.as_ref()));
        let query = Query {
            tenant: Some(self.tenant.clone()),
            ..Query::read(pairs)?
        };
        Ok(self.running.control.journal().moment().search(&query))
    }

    /// Forgets what it was asked.
    pub fn clear_journal(&self) {
        self.running.control.journal().clear(Some(&self.tenant));
    }

    /// Whether it was asked as expected. An expectation is written as for the control API:
    /// `json!({"method": "POST", "path": "/Users", "body": "userName eq \"ann\"", "count": 1})`, or several in an `in_order`.
    ///
    /// # Errors
    /// When it was not ([`Error::is_unverified`]): the text says what was expected and what came nearest. When the expectation cannot be
    /// read.
    pub fn verify(&self, expectation: impl Into<Value>) -> Result<(), Error> {
        let expected = Verification::read(&expectation.into())?;
        self.verdict(&expected).map_err(Error::unverified)
    }

    /// The same, once it is so: it waits at most this long for requests that are still to come.
    ///
    /// # Errors
    /// As [`MockProvider::verify`].
    pub async fn verify_within(
        &self,
        limit: Duration,
        expectation: impl Into<Value>,
    ) -> Result<(), Error> {
        let expected = Verification::read(&expectation.into())?;
        let mut changed = self.running.control.journal().subscribe();
        // The clock of this runtime: that of the test may have none, or stand still.
        let deadline = self
            .running
            .runtime
            .spawn(async move { tokio::time::sleep(limit).await });
        let mut deadline = std::pin::pin!(deadline);
        loop {
            let Err(verdict) = self.verdict(&expected) else {
                return Ok(());
            };
            tokio::select! {
                _ = changed.changed() => {}
                _ = &mut deadline => return Err(Error::unverified(verdict)),
            }
        }
    }

    /// Finishes the requests under way, of forks too, and closes the sockets. Dropping the last handle cuts them off instead.
    pub async fn shutdown(self) {
        self.running.shut_down().await;
    }

    fn verdict(&self, expected: &Verification) -> Result<(), Verdict> {
        let moment = self.running.control.journal().moment();
        let verdict = moment.verify(Some(&self.tenant), expected);
        if verdict.is_ok() {
            Ok(())
        } else {
            Err(verdict)
        }
    }

    /// Asks what the control API is asked.
    fn ask(&self, method: Method, what: &str, body: Option<Value>) -> Result<Value, Error> {
        let name = utf8_percent_encode(&self.tenant, NON_ALPHANUMERIC);
        let body = body.map_or(Bytes::new(), |body| body.to_string().into());
        let mut request = Request::new(body);
        *request.method_mut() = method;
        let path = format!("/tenants/{name}/{what}");
        *request.uri_mut() = path
            .parse()
            .map_err(|error| Error::system("no path", &error))?;
        let response = self.running.control.answer_own(&request);
        let told = serde_json::from_slice(response.body()).unwrap_or(Value::Null);
        if response.status().is_success() {
            return Ok(told);
        }
        let mut detail = told["detail"].as_str().unwrap_or_default().to_owned();
        for problem in told["errors"].as_array().into_iter().flatten() {
            let word = |name: &str| problem[name].as_str().unwrap_or_default().to_owned();
            detail = format!("{detail}\n  {}: {}", word("place"), word("detail"));
        }
        Err(Error::refused(detail))
    }
}

impl Drop for MockProvider {
    fn drop(&mut self) {
        if self.is_fork {
            self.running.tenants.remove(&self.tenant);
            self.clear_journal();
        }
    }
}
