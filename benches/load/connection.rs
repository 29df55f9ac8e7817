//! A client connection of HTTP/1.1 (RFC 9112) that costs little: bytes out, status in.
//!
//! It reads what a server may answer on a connection that stays open: no body, `content-length`, `chunked`. No pipelining, no 1xx.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::answer::Answer;
use crate::error::LoadError;

/// An open connection and the last answer on it.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: TcpStream,
    received: Vec<u8>,
    /// Where the body begins in `received`.
    body_at: usize,
    /// The body, where it came in chunks.
    joined: Option<Vec<u8>>,
}

/// How the end of a body is known (RFC 9112 section 6.3).
enum Framing {
    Length(usize),
    Chunked,
}

impl Connection {
    /// Connects to `HOST:PORT`.
    pub(crate) async fn open(authority: &str) -> Result<Self, LoadError> {
        let stream = TcpStream::connect(authority)
            .await
            .and_then(|stream| stream.set_nodelay(true).map(|()| stream))
            .map_err(LoadError::io(format!("connect to {authority}")))?;
        Ok(Self {
            stream,
            received: Vec::with_capacity(8192),
            body_at: 0,
            joined: None,
        })
    }

    /// Sends a request and reads its answer to the end.
    pub(crate) async fn exchange(&mut self, request: &[u8]) -> Result<u16, LoadError> {
        self.received.clear();
        self.joined = None;
        self.stream
            .write_all(request)
            .await
            .map_err(LoadError::io("send a request"))?;
        self.body_at = loop {
            let seen = self.received.len().saturating_sub(3);
            self.more().await?;
            let blank_line = self.received[seen..]
                .windows(4)
                .position(|four| four == b"\r\n\r\n");
            if let Some(at) = blank_line {
                break seen + at + 4;
            }
        };
        let (status, framing) = parse_head(&self.received[..self.body_at])
            .map_err(|reason| self.framing_error(reason))?;
        let end = match framing {
            Framing::Length(length) => {
                while self.received.len() < self.body_at + length {
                    self.more().await?;
                }
                self.body_at + length
            }
            Framing::Chunked => loop {
                let chunks = join_chunks(&self.received[self.body_at..])
                    .map_err(|reason| self.framing_error(reason))?;
                if let Some((body, length)) = chunks {
                    self.joined = Some(body);
                    break self.body_at + length;
                }
                self.more().await?;
            },
        };
        if self.received.len() > end {
            return Err(self.framing_error("there are bytes after its end"));
        }
        Ok(status)
    }

    /// The last answer as a value.
    pub(crate) fn answer(&self, status: u16) -> Answer {
        let (head, body) = self.received.split_at(self.body_at);
        Answer::new(status, head, self.joined.as_deref().unwrap_or(body))
    }

    async fn more(&mut self) -> Result<(), LoadError> {
        let read = self.stream.read_buf(&mut self.received).await;
        match read.map_err(LoadError::io("read an answer"))? {
            0 => Err(self.framing_error("the connection was closed before its end")),
            _ => Ok(()),
        }
    }

    fn framing_error(&self, reason: &'static str) -> LoadError {
        let begins = &self.received[..self.received.len().min(400)];
        LoadError::Framing {
            reason,
            begins: String::from_utf8_lossy(begins).into_owned(),
        }
    }
}

/// Status and framing of a head that ends with its blank line.
fn parse_head(head: &[u8]) -> Result<(u16, Framing), &'static str> {
    let status = head
        .strip_prefix(b"HTTP/1.1 ")
        .and_then(|rest| rest.get(..3))
        .and_then(|digits| str::from_utf8(digits).ok()?.parse().ok())
        .ok_or("it does not begin with \"HTTP/1.1 \" and a status")?;
    let mut framing = matches!(status, 204 | 304).then_some(Framing::Length(0));
    for line in head.split(|byte| *byte == b'\n').skip(1) {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else {
            continue;
        };
        let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
        if name.eq_ignore_ascii_case(b"transfer-encoding") {
            if !value.eq_ignore_ascii_case(b"chunked") {
                return Err("its transfer-encoding is not chunked");
            }
            framing = Some(Framing::Chunked);
        } else if framing.is_none() && name.eq_ignore_ascii_case(b"content-length") {
            let length = str::from_utf8(value)
                .ok()
                .and_then(|digits| digits.parse().ok());
            framing = Some(Framing::Length(
                length.ok_or("its content-length is not a number")?,
            ));
        } else if name.eq_ignore_ascii_case(b"connection") && value.eq_ignore_ascii_case(b"close") {
            return Err("it closes a connection that should stay open");
        }
    }
    Ok((
        status,
        framing.ok_or("it has neither content-length nor transfer-encoding")?,
    ))
}

/// The joined chunks and the length they had on the wire (RFC 9112 section 7.1); `None` while some are to come.
fn join_chunks(wire: &[u8]) -> Result<Option<(Vec<u8>, usize)>, &'static str> {
    let (mut body, mut at) = (Vec::new(), 0);
    loop {
        let Some(line) = wire[at..].windows(2).position(|two| two == b"\r\n") else {
            return Ok(None);
        };
        let size = wire[at..at + line]
            .split(|byte| *byte == b';')
            .next()
            .unwrap_or_default();
        let size = str::from_utf8(size.trim_ascii()).ok();
        let size = size
            .and_then(|digits| usize::from_str_radix(digits, 16).ok())
            .ok_or("a chunk's size is not a hexadecimal number")?;
        at += line + 2;
        if size == 0 {
            return Ok(end_of_trailers(&wire[at..]).map(|length| (body, at + length)));
        }
        let Some(chunk) = wire.get(at..at + size + 2) else {
            return Ok(None);
        };
        body.extend_from_slice(&chunk[..size]);
        at += size + 2;
    }
}

/// Trailer fields, if any, end with an empty line.
fn end_of_trailers(wire: &[u8]) -> Option<usize> {
    if wire.starts_with(b"\r\n") {
        return Some(2);
    }
    wire.windows(4)
        .position(|four| four == b"\r\n\r\n")
        .map(|at| at + 4)
}
