//! Content codings (RFC 9110 section 8.4.1) undone for whoever reads a body: gzip, deflate, br (RFC 7932) and zstd (RFC 8878).
//!
//! Nothing is encoded here. What comes out is bounded, however small what goes in.

use brotli_decompressor::Decompressor;
use bytes::Bytes;
use flate2::bufread::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use http::HeaderMap;
use http::header::CONTENT_ENCODING;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};
use std::io::{self, BufRead, BufReader, Read};

/// What a decoder of zstd has to have room for (RFC 9659).
const ZSTD_WINDOW: u64 = 8 * 1024 * 1024;

/// More than anybody applies to one body.
const MOST: usize = 4;

/// A coding that can be undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// RFC 1952; also called `x-gzip`.
    Gzip,
    /// RFC 1950; some send RFC 1951 under this name, which is understood.
    Deflate,
    /// RFC 7932.
    Brotli,
    /// RFC 8878.
    Zstd,
}

impl Coding {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Gzip, Self::Deflate, Self::Brotli, Self::Zstd];

    /// The coding of this name, in any case.
    pub fn named(name: &str) -> Option<Self> {
        let same = |coding: &Self| name.eq_ignore_ascii_case(coding.name());
        let by_its_name = Self::ALL.into_iter().find(same);
        by_its_name.or_else(|| name.eq_ignore_ascii_case("x-gzip").then_some(Self::Gzip))
    }

    /// Its name in `Content-Encoding` and `Accept-Encoding`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Deflate => "deflate",
            Self::Brotli => "br",
            Self::Zstd => "zstd",
        }
    }

    fn undo<'r>(self, mut coded: impl BufRead + 'r) -> io::Result<Box<dyn Read + 'r>> {
        Ok(match self {
            Self::Gzip => Box::new(MultiGzDecoder::new(coded)),
            // The first two bytes of RFC 1950 are a number that 31 divides.
            Self::Deflate => match *coded.fill_buf()? {
                [first, second, ..] if u16::from_be_bytes([first, second]) % 31 != 0 => {
                    Box::new(DeflateDecoder::new(coded))
                }
                _ => Box::new(ZlibDecoder::new(coded)),
            },
            Self::Brotli => Box::new(Decompressor::new(coded, 4096)),
            Self::Zstd => Box::new(Zstd::new(coded)),
        })
    }
}

/// What a body is without its codings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    /// From its beginning.
    pub bytes: Bytes,
    /// Whether that is all of it. It is not where the limit came first, where the coded bytes break off or are damaged, and where a
    /// coding is not known, of which nothing can be read.
    pub is_whole: bool,
}

/// Whether a coding hides what the body says.
pub fn is_coded(headers: &HeaderMap) -> bool {
    names(headers).next().is_some()
}

/// `bytes` without the codings that `headers` name, at most `limit` of them; as they are where there is none.
pub fn decode(bytes: &Bytes, headers: &HeaderMap, limit: usize) -> Decoded {
    let mut applied = Vec::new();
    for name in names(headers) {
        match Coding::named(name) {
            Some(coding) if applied.len() < MOST => applied.push(coding),
            _ => {
                return Decoded {
                    bytes: Bytes::new(),
                    is_whole: bytes.is_empty(),
                };
            }
        }
    }
    // No coded body is empty: what has no bytes is the answer to HEAD, say.
    if bytes.is_empty() || applied.is_empty() {
        return Decoded {
            is_whole: bytes.len() <= limit,
            bytes: bytes.slice(..bytes.len().min(limit)),
        };
    }
    let mut decoded = Vec::new();
    let is_whole = read(bytes, &applied, limit, &mut decoded).is_ok() && decoded.len() <= limit;
    decoded.truncate(limit);
    Decoded {
        bytes: decoded.into(),
        is_whole,
    }
}

/// Reads one byte more than `limit` where there is one.
fn read(bytes: &[u8], applied: &[Coding], limit: usize, into: &mut Vec<u8>) -> io::Result<()> {
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    let mut reader: Box<dyn Read + '_> = Box::new(bytes);
    for coding in applied.iter().rev() {
        // What is between two codings is bounded too: it takes time, if no memory.
        reader = Box::new(coding.undo(BufReader::new(reader))?.take(most));
    }
    reader.read_to_end(into).map(drop)
}

/// The codings in the order in which they were applied; `identity` is none.
fn names(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let fields = headers.get_all(CONTENT_ENCODING).into_iter();
    fields
        // A name that is no text is the name of no coding.
        .flat_map(|field| field.to_str().unwrap_or("?").split(','))
        .map(str::trim)
        .filter(|name| !name.is_empty() && !name.eq_ignore_ascii_case("identity"))
}

/// The frames of zstd, one after the other.
struct Zstd<R> {
    coded: R,
    frame: FrameDecoder,
    is_within: bool,
}

impl<R: BufRead> Zstd<R> {
    fn new(coded: R) -> Self {
        let mut frame = FrameDecoder::new();
        frame.set_max_window_size(ZSTD_WINDOW);
        Self {
            coded,
            frame,
            is_within: false,
        }
    }

    /// Goes to the beginning of the next frame; false when there is none.
    fn advance(&mut self) -> io::Result<bool> {
        while !self.coded.fill_buf()?.is_empty() {
            match self.frame.init(&mut self.coded) {
                Ok(()) => return Ok(true),
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                    length,
                    ..
                })) => {
                    let mut skipped = self.coded.by_ref().take(length.into());
                    io::copy(&mut skipped, &mut io::sink())?;
                }
                Err(error) => return Err(io::Error::other(error)),
            }
        }
        Ok(false)
    }
}

impl<R: BufRead> Read for Zstd<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            if !self.is_within && !self.advance()? {
                return Ok(0);
            }
            self.is_within = true;
            while self.frame.can_collect() == 0 && !self.frame.is_finished() {
                let one = BlockDecodingStrategy::UptoBlocks(1);
                let decoded = self.frame.decode_blocks(&mut self.coded, one);
                decoded.map_err(io::Error::other)?;
            }
            let read = self.frame.read(into)?;
            if read > 0 {
                return Ok(read);
            }
            self.is_within = false;
            let announced = self.frame.get_checksum_from_data();
            if announced.is_some() && announced != self.frame.get_calculated_checksum() {
                return Err(io::ErrorKind::InvalidData.into());
            }
        }
    }
}
