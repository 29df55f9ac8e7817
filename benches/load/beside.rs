//! Two servers side by side: what each answers, then how fast, in turn.

use std::sync::Arc;

use crate::Args;
use crate::answer::Answer;
use crate::connection::Connection;
use crate::error::LoadError;
use crate::generator::{Requests, expect_status, round};
use crate::kind::Kind;
use crate::report::{self, Side};
use crate::server::Server;

/// A server and what it is called in the report.
type Named<'a> = (&'static str, &'a Server);

/// Measures two servers in turn, prints the row, and says how many requests the first one answered.
pub(crate) async fn beside(
    args: &Args,
    name: &str,
    servers: [Named<'_>; 2],
    requests: impl Fn(&Server) -> Requests,
) -> Result<usize, LoadError> {
    let length = args.seconds;
    let requests = servers.map(|(_, server)| Arc::new(requests(server)));
    let mut sides = servers.map(|(name, _)| Side::new(name));
    let mut answered = 0;
    // Not counted: caches, pools and the processor's clock warm up.
    for (at, requests) in requests.iter().enumerate() {
        let warm = round(requests, args.connections, length / 4, u64::MAX >> 32).await?;
        answered += if at == 0 { warm.latencies.len() } else { 0 };
    }
    for number in 0..u64::from(args.rounds) {
        for (at, (_, server)) in servers.iter().enumerate() {
            let before = server.cpu();
            let done = round(&requests[at], args.connections, length, number).await?;
            let spent = server
                .cpu()
                .zip(before)
                .map(|(after, before)| after.saturating_sub(before));
            answered += if at == 0 { done.latencies.len() } else { 0 };
            sides[at].add(done, spent);
        }
    }
    let [subject, baseline] = sides;
    report::row(name, subject, baseline);
    Ok(answered)
}

/// One request whose answer is looked at as a whole; the base URL in it is set aside.
pub(crate) async fn ask(
    row: &str,
    server: &Server,
    kind: Kind,
    n: u32,
    serial: u64,
) -> Result<Answer, LoadError> {
    let mut connection = Connection::open(server.authority()).await?;
    let request = kind.request(server.authority(), server.path(), n, serial);
    let status = connection.exchange(&request).await?;
    expect_status(kind, status, &request, &connection)?;
    let answer = connection.answer(status);
    match kind.check(n, serial, &answer) {
        Ok(()) => Ok(answer.without_base(server.base())),
        Err(expected) => Err(body_error(row, &expected, &answer)),
    }
}

/// A bare server with this answer, and the proof that it gives it.
pub(crate) async fn bare_with(
    row: &str,
    answer: &Answer,
    kind: Kind,
    n: u32,
    serial: u64,
) -> Result<Server, LoadError> {
    let bare = Server::bare(answer)?;
    let echo = ask(row, &bare, kind, n, serial).await?;
    expect(
        row,
        echo == *answer,
        "the subject's answer from the bare server",
        &echo,
    )?;
    Ok(bare)
}

/// The run ends where this does not hold of an answer.
pub(crate) fn expect(row: &str, holds: bool, what: &str, answer: &Answer) -> Result<(), LoadError> {
    if holds {
        Ok(())
    } else {
        Err(body_error(row, &format!("expected {what}"), answer))
    }
}

fn body_error(row: &str, expected: &str, answer: &Answer) -> LoadError {
    LoadError::Body {
        row: row.to_owned(),
        expected: expected.to_owned(),
        answer: format!("{answer:?}"),
    }
}
