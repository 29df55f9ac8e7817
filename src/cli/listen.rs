//! What every verb that listens shares: its address, how it says that it is ready, its log, and how it stops.

use super::exit::{Exit, Failure, say};
use super::tls::{Front, FrontOptions, in_clear};
use crate::mock::{Beside, Serving};
use crate::net::{AccessLog, Backend, Limits, LogMode, Server};
use clap::{Args, ValueEnum};
use serde_json::json;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

#[derive(Debug, Args)]
pub(super) struct Listen {
    /// Where SCIM is served; port 0 takes a free one
    #[arg(
        long = "listen",
        value_name = "ADDR",
        default_value = "127.0.0.1:8080",
        env = "SCIMULATE_LISTEN"
    )]
    pub(super) address: SocketAddr,

    /// What is printed when requests are accepted: a few lines for people, or one line of JSON
    #[arg(
        long,
        value_name = "FORM",
        default_value = "text",
        env = "SCIMULATE_READY"
    )]
    ready: Ready,

    /// Also write that line of JSON to this file, when requests are accepted
    #[arg(long, value_name = "FILE", env = "SCIMULATE_READY_FILE")]
    ready_file: Option<PathBuf>,

    /// Print a line an exchange to standard error
    #[arg(
        long,
        value_name = "WHETHER",
        default_value = "on",
        env = "SCIMULATE_LOG"
    )]
    log: Log,

    /// The largest request body that is read into memory, in bytes; that of a bulk request stands in the scenario
    #[arg(long, value_name = "BYTES", default_value_t = Limits::default().body, env = "SCIMULATE_MAX_BODY")]
    max_body: usize,

    #[command(flatten)]
    tls: FrontOptions,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Ready {
    Text,
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Log {
    On,
    Off,
}

/// A socket that is bound, and where it is.
pub(super) struct Bound {
    runtime: Runtime,
    listener: TcpListener,
    options: Listen,
    pub(super) address: SocketAddr,
    front: Option<Front>,
    /// The control API, if there is one.
    pub(super) beside: Option<Beside>,
}

/// One SCIM base URL of a server.
pub(super) struct Served {
    pub(super) tenant: Option<String>,
    pub(super) url: String,
}

impl Listen {
    pub(super) fn max_body(&self) -> usize {
        self.max_body
    }

    /// Binds the address.
    ///
    /// # Errors
    /// When the settings of TLS are wrong, or the system refuses, with what to do.
    pub(super) fn bind(self) -> Result<Bound, Failure> {
        let front = self.tls.load(self.address)?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build();
        let runtime = runtime.map_err(|error| {
            Failure::new(Exit::Failed, format!("cannot start threads: {error}"))
        })?;
        let listener = runtime.block_on(TcpListener::bind(self.address)).map_err(|error| {
            let advice = match error.kind() {
                io::ErrorKind::AddrInUse => "something listens there already; choose another with --listen, or any free port with --listen 127.0.0.1:0",
                io::ErrorKind::PermissionDenied => "ports below 1024 need privileges; choose another with --listen",
                io::ErrorKind::AddrNotAvailable => "this machine has no such address; choose another with --listen",
                _ => "choose another address with --listen",
            };
            Failure::new(Exit::Failed, format!("cannot listen on {}: {error}; {advice}", self.address))
        })?;
        let address = listener.local_addr().unwrap_or(self.address);
        match &front {
            // Only now: a server that runs already may have written the file that another of its kind would write.
            Some(front) => front.publish()?,
            None => in_clear(address).iter().for_each(|warning| say(warning)),
        }
        Ok(Bound {
            runtime,
            listener,
            options: self,
            address,
            front,
            beside: None,
        })
    }
}

impl Bound {
    /// The URL of a path on this socket.
    pub(super) fn url(&self, path: &str) -> String {
        let scheme = if self.front.is_some() {
            "https"
        } else {
            "http"
        };
        format!("{scheme}://{}{path}", self.address)
    }

    /// What curl needs in order to trust this socket, with a space behind.
    pub(super) fn curl_option(&self) -> String {
        self.front
            .as_ref()
            .map_or(String::new(), Front::curl_option)
    }

    /// Says that requests are accepted, and serves until SIGINT or SIGTERM.
    ///
    /// # Errors
    /// When the ready file cannot be written, or signals cannot be had.
    pub(super) fn serve(
        self,
        backend: Backend,
        served: &[Served],
        banner: &str,
    ) -> Result<(), Failure> {
        let Self {
            runtime,
            listener,
            options,
            front,
            beside,
            ..
        } = self;
        let line = ready_line(served, beside.as_ref().map(|it| it.url.as_str()));
        let mode = match options.log {
            Log::On => LogMode::On,
            Log::Off => LogMode::Off,
        };
        let log = AccessLog::new(mode, anstream::stderr());
        let limits = Limits {
            body: options.max_body,
            ..Limits::default()
        };
        let server = Server {
            backend,
            tls: front.as_ref().map(|front| front.tls.clone()),
            limits,
            log: log.clone(),
            journal: beside.as_ref().map(|it| it.control.journal().clone()),
        };
        let ended = runtime.block_on(async {
            let stop = stop_signal().map_err(|error| {
                Failure::new(Exit::Failed, format!("cannot wait for signals: {error}"))
            })?;
            // The socket accepts since it was bound, so whoever reads this line can connect.
            match options.ready {
                Ready::Text => anstream::println!("{banner}"),
                Ready::Json => anstream::println!("{line}"),
            }
            if let Some(path) = &options.ready_file {
                write_whole(path, &line).map_err(|error| {
                    Failure::new(
                        Exit::Failed,
                        format!("cannot write {}: {error}", path.display()),
                    )
                })?;
            }
            let serving = Serving {
                server,
                listener,
                beside,
            };
            let failed = |error: io::Error| Failure::new(Exit::Failed, error.to_string());
            serving.run(stop).await.map_err(failed)
        });
        // What outlived its time to finish is cut off here, and the log's last lines follow.
        runtime.shutdown_timeout(std::time::Duration::from_millis(100));
        log.finish();
        ended
    }
}

fn ready_line(served: &[Served], control: Option<&str>) -> String {
    let mut line = json!({
        "event": "ready",
        "scim": served.first().map(|first| first.url.as_str()),
        "control": control,
        "pid": std::process::id(),
    });
    let tenants = served
        .iter()
        .filter_map(|served| Some(json!({ "name": served.tenant.as_ref()?, "scim": served.url })));
    let tenants: Vec<_> = tenants.collect();
    if !tenants.is_empty() {
        line["tenants"] = tenants.into();
    }
    line.to_string()
}

/// Whoever waits for the file sees it whole or not at all.
pub(super) fn write_whole(path: &Path, text: &str) -> io::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(format!(".{}", std::process::id()));
    std::fs::write(&beside, format!("{text}\n"))?;
    std::fs::rename(&beside, path)
}

/// Completes at the first SIGINT or SIGTERM.
#[cfg(unix)]
pub(super) fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (
        signal(SignalKind::interrupt())?,
        signal(SignalKind::terminate())?,
    );
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Completes at Ctrl-C.
#[cfg(not(unix))]
pub(super) fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}
