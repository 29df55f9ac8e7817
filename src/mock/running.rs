//! The thread of a provider, and how it ends: drained when it is asked to, at once when nobody holds it any more.

use super::{Beside, Builder, Error, MockProvider, Serving};
use crate::control::{Control, Guard};
use crate::journal::{Bounds, Journal};
use crate::net::{AccessLog, Backend, Limits, Server};
use crate::service::{Tenant, Tenants};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use tokio::net::TcpListener;
use tokio::runtime::{Handle, Runtime};
use tokio::sync::watch;

/// What is loaded and not yet served.
pub(super) struct Prepared {
    pub(super) tenants: Vec<Tenant>,
    /// The first bearer token of each.
    pub(super) tokens: Vec<(String, Option<String>)>,
    pub(super) address: SocketAddr,
    pub(super) control: bool,
    pub(super) bounds: Bounds,
    pub(super) log: AccessLog,
}

/// A provider that runs, as all its handles share it.
#[derive(Debug)]
pub(super) struct Running {
    pub(super) tenants: Arc<Tenants>,
    pub(super) control: Arc<Control>,
    pub(super) tokens: Vec<(String, Option<String>)>,
    pub(super) url: String,
    pub(super) control_url: Option<String>,
    /// Its runtime, which has a clock.
    pub(super) runtime: Handle,
    phase: watch::Sender<Phase>,
    /// Its other half is gone when it has ended.
    ended: watch::Receiver<()>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Serving,
    /// Requests under way are finished, and no others come.
    Draining,
    /// It ends at once.
    Ended,
}

/// Starts the thread; `started` is told how that went.
pub(super) fn spawn(
    builder: Builder,
    started: impl FnOnce(Result<Running, Error>) + Send + 'static,
) -> Result<JoinHandle<()>, Error> {
    let thread = thread::Builder::new().name("scimulate".into());
    let run = move || match builder.prepare().and_then(bind) {
        Ok((running, bound)) => {
            let phase = running.phase.subscribe();
            started(Ok(running));
            bound.run(phase);
        }
        Err(error) => started(Err(error)),
    };
    thread
        .spawn(run)
        .map_err(|error| Error::system("cannot start a thread", &error))
}

/// The provider that a thread said it is.
pub(super) fn joined(
    started: Option<Result<Running, Error>>,
    thread: JoinHandle<()>,
) -> Result<MockProvider, Error> {
    let Some(started) = started else {
        return Err(Error::refused("the provider ended by a defect"));
    };
    let running = started?;
    *running
        .thread
        .lock()
        .unwrap_or_else(PoisonError::into_inner) = Some(thread);
    Ok(MockProvider::first(Arc::new(running)))
}

/// What the thread serves.
struct Bound {
    runtime: Runtime,
    serving: Serving,
    log: AccessLog,
    ended: watch::Sender<()>,
}

fn bind(prepared: Prepared) -> Result<(Running, Bound), Error> {
    let no_runtime = |error| Error::system("cannot start a runtime", &error);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(no_runtime)?;
    let refused = |error| Error::system(&format!("cannot listen on {}", prepared.address), &error);
    let listener = runtime
        .block_on(TcpListener::bind(prepared.address))
        .map_err(refused)?;
    let address = listener.local_addr().map_err(refused)?;
    let url = format!("http://{address}");
    let beside = if prepared.control {
        let free = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
        let free = free.and_then(|it| it.set_nonblocking(true).map(|()| it));
        let listener = free.and_then(|it| Ok((it.local_addr()?, it)));
        Some(listener.map_err(|error| Error::system("no socket for the control API", &error))?)
    } else {
        None
    };
    let guard = Guard {
        address: beside.as_ref().map_or(address, |(address, _)| *address),
        token: None,
    };
    let tenants = Arc::new(if prepared.tenants.len() > 1 {
        Tenants::side_by_side(prepared.tenants)
    } else {
        Tenants::new(prepared.tenants)
    });
    let journal = Arc::new(Journal::new(prepared.bounds));
    let control = Control::new(tenants.clone(), journal.clone(), guard, url.clone());
    let control = Arc::new(control);
    let beside = beside.map(|(address, listener)| Beside {
        listener,
        url: format!("http://{address}"),
        control: control.clone(),
    });
    let (ended, has_ended) = watch::channel(());
    let running = Running {
        tenants: tenants.clone(),
        control,
        tokens: prepared.tokens,
        url,
        control_url: beside.as_ref().map(|it| it.url.clone()),
        runtime: runtime.handle().clone(),
        phase: watch::Sender::new(Phase::Serving),
        ended: has_ended,
        thread: Mutex::default(),
    };
    let server = Server {
        backend: Backend::Service(tenants),
        tls: None,
        limits: Limits::default(),
        log: prepared.log.clone(),
        journal: Some(journal),
    };
    let bound = Bound {
        runtime,
        serving: Serving {
            server,
            listener,
            beside,
        },
        log: prepared.log,
        ended,
    };
    Ok((running, bound))
}

impl Bound {
    fn run(self, mut phase: watch::Receiver<Phase>) {
        let mut draining = phase.clone();
        let drain = async move {
            // That nobody is left to say so is an end, too.
            let _ = draining.wait_for(|it| *it != Phase::Serving).await;
        };
        self.runtime.block_on(async {
            tokio::select! {
                served = self.serving.run(drain) => drop(served),
                _ = phase.wait_for(|it| *it == Phase::Ended) => {}
            }
        });
        // What is under way is cut off.
        self.runtime.shutdown_background();
        self.log.finish();
        drop(self.ended);
    }
}

impl Running {
    /// Finishes what is under way, takes nothing more, and comes back when the sockets are closed.
    pub(super) async fn shut_down(&self) {
        self.phase.send_replace(Phase::Draining);
        let mut ended = self.ended.clone();
        // Nothing is ever sent: it ends when the other half is dropped.
        let _ = ended.changed().await;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.phase.send_replace(Phase::Ended);
        let thread = self.thread.get_mut();
        let thread = thread.unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            // A thread that has panicked has said so.
            let _ = thread.join();
        }
    }
}
