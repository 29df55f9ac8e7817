//! How soon scimulate answers after it was started, and how big it is.

use std::time::Duration;

use crate::connection::Connection;
use crate::error::LoadError;
use crate::report;
use crate::server::{SCIMULATE, Server};

/// Starts of the demo directory; a start is short and varies.
const STARTS: usize = 15;

/// Prints times and sizes of `scimulate serve` alone, and of the server with all users.
pub(crate) async fn measure(users: u32, with_users: &Server) -> Result<(), LoadError> {
    println!();
    let (mut ready, mut answered) = (Vec::new(), Vec::new());
    let mut resident = None;
    for _ in 0..STARTS {
        let demo = Server::scimulate("serve", &[])?;
        ready.push(demo.ready_after());
        answered.push(first_answer(&demo).await?);
        resident = demo.resident();
    }
    report::times("start to ready, demo directory", &ready);
    report::times("start to first answer to a GET, demo directory", &answered);
    report::size("resident memory, demo directory", resident);
    report::times(
        &format!("start to ready, {users} users from a file"),
        &[with_users.ready_after()],
    );
    report::size(
        &format!("resident memory, {users} users"),
        with_users.resident(),
    );
    let binary = std::fs::metadata(SCIMULATE).map_err(LoadError::io("look at the binary"))?;
    report::size("the binary", Some(binary.len()));
    Ok(())
}

/// The demo's token is its own secret, so this asks for what every client may see (RFC 7644 section 4).
async fn first_answer(server: &Server) -> Result<Duration, LoadError> {
    let mut connection = Connection::open(server.authority()).await?;
    let request = format!(
        "GET {}/ServiceProviderConfig HTTP/1.1\r\nhost: {}\r\n\r\n",
        server.path(),
        server.authority()
    );
    let status = connection.exchange(request.as_bytes()).await?;
    let age = server.age();
    if status == 200 || status == 401 {
        return Ok(age);
    }
    Err(LoadError::Status {
        expected: vec![200, 401],
        found: status,
        request,
        answer: format!("{:?}", connection.answer(status)),
    })
}
