//! A small blocking HTTP/1.1 client that keeps its connection, with or without TLS, and raw bytes for what no client sends.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};

use super::program::PATIENCE;

/// What a connection is made of.
pub(crate) trait Stream: Read + Write + Send {}

impl<S: Read + Write + Send> Stream for S {}

/// A connection.
pub(crate) struct Client {
    stream: BufReader<Box<dyn Stream>>,
    address: SocketAddr,
    /// A bearer token that is sent with every request, unless it is empty; or Basic credentials, as the header has them.
    pub(crate) token: String,
    /// What a body is said to be.
    pub(crate) media_type: &'static str,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Client {
    pub(crate) fn new(address: SocketAddr, token: &str) -> Self {
        Self::over(connect(address), address, token)
    }

    /// On a connection that is there.
    pub(crate) fn over(stream: impl Stream + 'static, address: SocketAddr, token: &str) -> Self {
        Self {
            stream: BufReader::new(Box::new(stream)),
            address,
            token: token.to_owned(),
            media_type: "application/scim+json",
        }
    }

    /// Sends a request and reads its answer; `Err` when the connection broke.
    pub(crate) fn try_send(
        &mut self,
        method: &str,
        path: &str,
        body: &str,
    ) -> std::io::Result<Reply> {
        let authorization = match self.token.as_str() {
            "" => String::new(),
            basic if basic.starts_with("Basic ") => format!("authorization: {basic}\r\n"),
            token => format!("authorization: Bearer {token}\r\n"),
        };
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\n{authorization}content-type: {}\r\ncontent-length: {}\r\n\r\n{body}",
            self.address,
            self.media_type,
            body.len()
        );
        self.stream.get_mut().write_all(request.as_bytes())?;
        self.stream.get_mut().flush()?;
        read_reply(&mut self.stream, method == "HEAD")
    }

    /// The same where it must succeed.
    #[track_caller]
    pub(crate) fn send(&mut self, method: &str, path: &str, body: &str) -> Reply {
        self.try_send(method, path, body).expect("an answer")
    }

    #[track_caller]
    pub(crate) fn get(&mut self, path: &str) -> Reply {
        self.send("GET", path, "")
    }
}

impl Reply {
    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The value of a header, whose name is in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let named = |line: &&str| {
            line.split_once(':')
                .is_some_and(|(key, _)| key.eq_ignore_ascii_case(name))
        };
        self.head
            .lines()
            .find(named)
            .and_then(|line| line.split_once(':'))
            .map(|(_, value)| value.trim())
    }
}

/// A plain connection.
pub(crate) fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).expect("it listens");
    stream
        .set_read_timeout(Some(PATIENCE))
        .expect("a timeout can be set");
    stream.set_nodelay(true).expect("no delay can be set");
    stream
}

/// Sends bytes as they are and reads one answer.
#[track_caller]
pub(crate) fn raw(address: SocketAddr, bytes: &[u8]) -> Reply {
    raw_over(connect(address), bytes)
}

/// The same on a connection that is there.
#[track_caller]
pub(crate) fn raw_over(mut stream: impl Stream, bytes: &[u8]) -> Reply {
    stream.write_all(bytes).expect("it takes bytes");
    stream.flush().expect("it takes bytes");
    read_reply(&mut BufReader::new(stream), false).expect("an answer")
}

fn read_reply(stream: &mut impl BufRead, head_only: bool) -> std::io::Result<Reply> {
    let broken =
        |what: &str| std::io::Error::new(std::io::ErrorKind::UnexpectedEof, what.to_owned());
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if stream.read_line(&mut head)? == 0 {
            return Err(broken("no head"));
        }
    }
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|code| code.parse().ok())
        .ok_or_else(|| broken("no status"))?;
    let reply = Reply {
        status,
        head,
        body: String::new(),
    };
    let length = reply
        .header("content-length")
        .and_then(|length| length.parse().ok())
        .unwrap_or(0);
    let mut body = vec![0; if head_only { 0 } else { length }];
    stream.read_exact(&mut body)?;
    Ok(Reply {
        body: String::from_utf8_lossy(&body).into_owned(),
        ..reply
    })
}
