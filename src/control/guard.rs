//! Who may ask. A page of any web site can make its reader's browser send requests to this machine, so what comes from another
//! origin is refused, and so is what names this listener by a name that is not its own (DNS rebinding). A token is asked for if one is set.

use super::problem::Problem;
use crate::scim::ErrorKind;
use http::header::{AUTHORIZATION, HOST, ORIGIN};
use http::uri::Authority;
use http::{HeaderMap, Request};
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use subtle::ConstantTimeEq as _;

/// What is asked of every request.
#[derive(Clone)]
pub struct Guard {
    /// Where the control API listens.
    pub address: SocketAddr,
    /// The bearer token that every request but `GET /health` must bring.
    pub token: Option<String>,
}

impl Guard {
    /// Whether the request comes from where it may.
    pub(super) fn check_origin<B>(&self, request: &Request<B>) -> Result<(), Problem> {
        let headers = request.headers();
        let named = request.uri().authority().map(Authority::as_str);
        let mut hosts: Vec<_> = named.into_iter().map(Some).collect();
        hosts.extend(texts(headers, &HOST));
        let is_own = |host: Option<&str>| host.is_some_and(|host| self.is_own(host));
        if hosts.is_empty() || !hosts.iter().copied().all(is_own) {
            let detail = format!(
                "the Host of a request is localhost or {}; another name may have been led here by a web page",
                self.address
            );
            return Err(Problem::new(ErrorKind::Forbidden, detail));
        }
        let own: Vec<_> = hosts
            .iter()
            .flatten()
            .map(|host| format!("http://{host}"))
            .collect();
        let is_same = |origin: Option<&str>| {
            origin.is_some_and(|origin| own.iter().all(|own| own.eq_ignore_ascii_case(origin)))
        };
        if !texts(headers, &ORIGIN).into_iter().all(is_same) {
            let detail = "requests of web pages from elsewhere are not answered";
            return Err(Problem::new(ErrorKind::Forbidden, detail));
        }
        Ok(())
    }

    /// Whether `host`, with or without a port, is this machine as nobody else can name theirs.
    fn is_own(&self, host: &str) -> bool {
        let Ok(authority) = host.parse::<Authority>() else {
            return false;
        };
        if authority.as_str().contains('@') {
            return false;
        }
        let name = authority
            .host()
            .trim_start_matches('[')
            .trim_end_matches(']');
        if name.eq_ignore_ascii_case("localhost") {
            return true;
        }
        // An address is not looked up, so nobody can lead it elsewhere; one that listens everywhere is reached by any.
        let bound = self.address.ip();
        name.parse::<IpAddr>()
            .is_ok_and(|ip| ip.is_loopback() || ip == bound || bound.is_unspecified())
    }

    /// Whether the request brings the token, if one is asked for.
    pub(super) fn check_token<B>(&self, request: &Request<B>) -> Result<(), Problem> {
        let Some(token) = &self.token else {
            return Ok(());
        };
        let given = match texts(request.headers(), &AUTHORIZATION).as_slice() {
            [Some(one)] => one.split_once(' '),
            _ => None,
        };
        let given = given.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        let is_it = given
            .is_some_and(|(_, given)| bool::from(given.trim().as_bytes().ct_eq(token.as_bytes())));
        if is_it {
            return Ok(());
        }
        let detail = "send `Authorization: Bearer TOKEN` with the token of --control-token";
        Err(Problem::new(ErrorKind::Unauthorized, detail))
    }
}

/// Every value of a header; `None` for one that is not text.
fn texts<'h>(headers: &'h HeaderMap, name: &http::HeaderName) -> Vec<Option<&'h str>> {
    let values = headers.get_all(name).iter();
    values.map(|value| value.to_str().ok()).collect()
}

/// Without the token.
impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard")
            .field("address", &self.address)
            .field("has_token", &self.token.is_some())
            .finish()
    }
}
