//! Bodies under the content codings, as a service provider would send them.

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use ruzstd::encoding::{CompressionLevel, compress_to_vec};
use std::io::Write;

/// `text` under a coding, by its name in `Content-Encoding`; `raw deflate` is what some call deflate.
pub(crate) fn coded(coding: &str, text: &[u8]) -> Vec<u8> {
    let level = Compression::default();
    match coding {
        "gzip" | "x-gzip" => {
            let mut encoder = GzEncoder::new(Vec::new(), level);
            encoder.write_all(text).unwrap();
            encoder.finish().unwrap()
        }
        "deflate" => {
            let mut encoder = ZlibEncoder::new(Vec::new(), level);
            encoder.write_all(text).unwrap();
            encoder.finish().unwrap()
        }
        "raw deflate" => {
            let mut encoder = DeflateEncoder::new(Vec::new(), level);
            encoder.write_all(text).unwrap();
            encoder.finish().unwrap()
        }
        "br" => stored(text),
        "zstd" => compress_to_vec(text, CompressionLevel::Fastest),
        other => panic!("{other} is no coding of these tests"),
    }
}

/// A stream of RFC 7932 that holds `text` as it is: an uncompressed meta-block, and an empty last one.
fn stored(text: &[u8]) -> Vec<u8> {
    const IS_UNCOMPRESSED: u32 = 1 << 20;
    let length = u32::try_from(text.len()).unwrap();
    assert!((1..=1 << 16).contains(&length), "one block has room for it");
    let header = (length - 1) << 4 | IS_UNCOMPRESSED;
    let mut stream = header.to_le_bytes()[..3].to_vec();
    stream.extend_from_slice(text);
    stream.push(0b11);
    stream
}
