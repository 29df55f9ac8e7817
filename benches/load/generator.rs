//! The load: a closed loop over connections that stay open. A connection sends its next request when it has its answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use crate::connection::Connection;
use crate::error::LoadError;
use crate::kind::{Kind, SERIAL_DIGITS, digits};
use crate::server::Server;

/// The requests of one kind to one server, built before the clock runs.
#[derive(Debug)]
pub(crate) struct Requests {
    kind: Kind,
    authority: String,
    table: Vec<Box<[u8]>>,
    serial_from_end: Option<usize>,
    serial: AtomicU64,
}

impl Requests {
    /// About these users; every POST and PATCH is a new change.
    pub(crate) fn new(kind: Kind, server: &Server, users: u32) -> Self {
        // Every POST makes a new user, whoever it is modelled on.
        let users = if kind == Kind::Post { 1 } else { users };
        let serial_from_end = kind.serial_from_end();
        Self {
            serial_from_end,
            ..Self::fixed(kind, server, users)
        }
    }

    /// About these users, the same bytes whenever a user is drawn: what was recorded with them can be replayed.
    pub(crate) fn fixed(kind: Kind, server: &Server, users: u32) -> Self {
        let request = |n| kind.request(server.authority(), server.path(), n, n.into());
        Self {
            kind,
            authority: server.authority().to_owned(),
            table: (1..=users).map(|n| request(n).into_boxed_slice()).collect(),
            serial_from_end: None,
            serial: AtomicU64::new(1),
        }
    }

    /// The bytes, in the order of the users.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        self.table.iter().map(AsRef::as_ref)
    }

    fn draw(&self, chance: &mut Chance, request: &mut Vec<u8>) {
        request.clear();
        request.extend_from_slice(&self.table[chance.below(self.table.len())]);
        if let Some(from_end) = self.serial_from_end {
            let at = request.len() - from_end;
            let serial = digits(self.serial.fetch_add(1, Ordering::Relaxed));
            request[at..at + SERIAL_DIGITS].copy_from_slice(serial.as_bytes());
        }
    }
}

/// What one round saw.
#[derive(Debug)]
pub(crate) struct Round {
    /// From the first request to the last answer.
    pub(crate) elapsed: Duration,
    /// One for every answer.
    pub(crate) latencies: Vec<Duration>,
}

/// Keeps this many connections busy for this long. Connections are opened before the clock runs; the same `round` draws the same users.
pub(crate) async fn round(
    requests: &Arc<Requests>,
    connections: u16,
    length: Duration,
    round: u64,
) -> Result<Round, LoadError> {
    let mut open = Vec::new();
    for _ in 0..connections {
        open.push(Connection::open(&requests.authority).await?);
    }
    let begin = Instant::now();
    let mut running = JoinSet::new();
    for (connection, number) in open.into_iter().zip(0_u64..) {
        let chance = Chance((round << 32) | number);
        running.spawn(keep_busy(
            connection,
            Arc::clone(requests),
            chance,
            begin + length,
        ));
    }
    let mut latencies = Vec::new();
    while let Some(done) = running.join_next().await {
        latencies.append(&mut done.expect("no task is cancelled, and none panics")?);
    }
    Ok(Round {
        elapsed: begin.elapsed(),
        latencies,
    })
}

async fn keep_busy(
    mut connection: Connection,
    requests: Arc<Requests>,
    mut chance: Chance,
    end: Instant,
) -> Result<Vec<Duration>, LoadError> {
    let (mut latencies, mut request) = (Vec::new(), Vec::new());
    loop {
        requests.draw(&mut chance, &mut request);
        let sent = Instant::now();
        if sent >= end {
            return Ok(latencies);
        }
        let status = connection.exchange(&request).await?;
        latencies.push(sent.elapsed());
        expect_status(requests.kind, status, &request, &connection)?;
    }
}

/// The run ends at the first status that is not right.
pub(crate) fn expect_status(
    kind: Kind,
    found: u16,
    request: &[u8],
    connection: &Connection,
) -> Result<(), LoadError> {
    if kind.statuses().contains(&found) {
        return Ok(());
    }
    Err(LoadError::Status {
        expected: kind.statuses().to_vec(),
        found,
        request: String::from_utf8_lossy(request).into_owned(),
        answer: format!("{:?}", connection.answer(found)),
    })
}

/// `SplitMix64` (Steele, Lea, Flood 2014): even, and the same on every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^= z >> 31;
        let bound = u64::try_from(bound).expect("a table is shorter than 2^64");
        usize::try_from(z % bound).expect("it is below a usize")
    }
}
