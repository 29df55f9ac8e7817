//! The control API's listener: where it is, who may ask, and what becomes of it when its default address is taken.

use super::exit::{Exit, Failure};
use clap::Args;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};

const DEFAULT_PORT: u16 = 8081;

#[derive(Debug, Args)]
#[command(next_help_heading = "Control API")]
pub(super) struct ControlOptions {
    /// Where the control API is served, of `record` and `replay` /health, /metrics and /openapi.json only: /health, /metrics, /events, /reload, /tenants, checkpoints, state, faults, journal; port 0 takes a free one [default: 127.0.0.1:8081]
    #[arg(long, value_name = "ADDR", env = "SCIMULATE_CONTROL")]
    control: Option<SocketAddr>,

    /// Serve no control API, and keep no journal
    #[arg(
        long,
        env = "SCIMULATE_NO_CONTROL",
        value_parser = clap::builder::FalseyValueParser::new()
    )]
    no_control: bool,

    /// A bearer token that every request to the control API but GET /health must bring
    #[arg(
        long,
        value_name = "TOKEN",
        env = "SCIMULATE_CONTROL_TOKEN",
        hide_env_values = true
    )]
    control_token: Option<String>,
}

/// A socket of the control API that is bound.
pub(super) struct ControlSocket {
    pub(super) listener: TcpListener,
    pub(super) address: SocketAddr,
    pub(super) token: Option<String>,
}

impl ControlOptions {
    /// Binds the address; `listen` is what was asked for SCIM. The default address is not worth failing for: a second `serve` on one
    /// machine finds it taken, says so, and goes without.
    ///
    /// # Errors
    /// When an address was given and the system refuses it, or the token cannot be sent.
    pub(super) fn bind(self, listen: SocketAddr) -> Result<Option<ControlSocket>, Failure> {
        // Who takes any port for SCIM takes any for this.
        let port = if listen.port() == 0 { 0 } else { DEFAULT_PORT };
        self.bind_or(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
    }

    fn bind_or(self, default: SocketAddr) -> Result<Option<ControlSocket>, Failure> {
        if self.no_control {
            return Ok(None);
        }
        let token = self.control_token;
        let can_send =
            |token: &String| !token.is_empty() && token.bytes().all(|it| it.is_ascii_graphic());
        if token.as_ref().is_some_and(|token| !can_send(token)) {
            let detail =
                "--control-token is not empty, and of visible ASCII characters without spaces";
            return Err(Failure::new(Exit::Usage, detail));
        }
        let wanted = self.control.unwrap_or(default);
        let bound = bind(wanted).and_then(|listener| Ok((listener.local_addr()?, listener)));
        match bound {
            Ok((address, listener)) => {
                if !address.ip().is_loopback() && token.is_none() {
                    anstream::eprintln!(
                        "warning: others than this machine can reach the control API, and no token is asked for; set --control-token"
                    );
                }
                Ok(Some(ControlSocket {
                    listener,
                    address,
                    token,
                }))
            }
            Err(error) if self.control.is_none() => {
                anstream::eprintln!(
                    "note: no control API: cannot listen on {wanted}: {error}; choose another address with --control, or --no-control"
                );
                Ok(None)
            }
            Err(error) => {
                let detail = format!(
                    "cannot listen on {wanted}: {error}; choose another address with --control, or --no-control"
                );
                Err(Failure::new(Exit::Failed, detail))
            }
        }
    }
}

fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let listener = TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

#[cfg(test)]
mod tests {
    use super::{ControlOptions, bind};
    use crate::cli::exit::Exit;
    use std::net::SocketAddr;

    fn options(control: Option<SocketAddr>) -> ControlOptions {
        ControlOptions {
            control,
            no_control: false,
            control_token: None,
        }
    }

    #[test]
    fn a_default_that_is_taken_is_done_without_and_an_address_that_was_given_is_not() {
        let free = "127.0.0.1:0".parse().expect("an address");
        let held = bind(free).expect("a free port");
        let taken = held.local_addr().expect("an address");
        assert!(options(None).bind_or(taken).is_ok_and(|it| it.is_none()));
        let refused = options(Some(taken)).bind_or(free).err();
        assert_eq!(refused.map(|it| it.exit), Some(Exit::Failed));
        assert!(options(None).bind_or(free).is_ok_and(|it| it.is_some()));
        drop(held);
    }
}
