//! Content codings undone: those of the RFCs, more than one of them, damaged ones, and bombs.

use crate::support::coded::coded;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use scimulate::exchange::coding::{Decoded, decode, is_coded};

const TEXT: &str = r#"{"userName":"bjensen","displayName":"bjensen bjensen bjensen"}"#;

/// As `brotli` writes it.
const BROTLI: [u8; 54] = [
    0x1b, 0x3d, 0x00, 0x38, 0x1c, 0x09, 0x76, 0x2c, 0xe2, 0x37, 0x14, 0x2f, 0x4c, 0x46, 0xa8, 0xf4,
    0x16, 0x53, 0x73, 0xdb, 0x93, 0x2c, 0x3a, 0x7d, 0x2d, 0x52, 0x06, 0x32, 0x17, 0x1c, 0x72, 0xc0,
    0xfc, 0x65, 0x61, 0x88, 0x59, 0x0c, 0xd5, 0x89, 0x17, 0x7d, 0xe1, 0x03, 0x0a, 0x2d, 0xb2, 0xeb,
    0x7d, 0x83, 0xf5, 0x42, 0x16, 0xef,
];
const BROTLI_END: [u8; 2] = [0x40, 0x0f];

/// As `zstd --check` writes it.
const ZSTD: [u8; 56] = [
    0x28, 0xb5, 0x2f, 0xfd, 0x04, 0x68, 0x5d, 0x01, 0x00, 0x14, 0x02, 0x7b, 0x22, 0x75, 0x73, 0x65,
    0x72, 0x4e, 0x61, 0x6d, 0x65, 0x22, 0x3a, 0x22, 0x62, 0x6a, 0x65, 0x6e, 0x73, 0x65, 0x6e, 0x22,
    0x2c, 0x22, 0x64, 0x69, 0x73, 0x70, 0x6c, 0x61, 0x79, 0x20, 0x22, 0x7d, 0x02, 0x00, 0x2b, 0x9d,
    0x70, 0xe5, 0xe9, 0x04, 0x23, 0x65, 0xbb, 0xda,
];

fn fields(codings: &[&str]) -> HeaderMap {
    let mut fields = HeaderMap::new();
    for coding in codings {
        let coding = HeaderValue::try_from(*coding).unwrap();
        fields.append("content-encoding", coding);
    }
    fields
}

fn undone(codings: &[&str], bytes: impl Into<Bytes>, limit: usize) -> (String, bool) {
    let Decoded { bytes, is_whole } = decode(&bytes.into(), &fields(codings), limit);
    (String::from_utf8_lossy(&bytes).into_owned(), is_whole)
}

#[track_caller]
fn check(codings: &[&str], bytes: impl Into<Bytes>) {
    assert_eq!(
        undone(codings, bytes, 1000),
        (TEXT.to_owned(), true),
        "{codings:?}"
    );
}

#[test]
fn a_body_is_read_without_the_codings_that_were_applied_to_it() {
    check(&[], TEXT);
    check(&["identity"], TEXT);
    for coding in ["gzip", "x-gzip", "deflate", "br", "zstd"] {
        check(&[coding], coded(coding, TEXT.as_bytes()));
        check(&[&coding.to_uppercase()], coded(coding, TEXT.as_bytes()));
    }
    check(&["deflate"], coded("raw deflate", TEXT.as_bytes()));
    check(&["br"], [&BROTLI[..], &BROTLI_END].concat());
    check(&["zstd"], ZSTD.to_vec());
    let twice = coded("br", &coded("gzip", TEXT.as_bytes()));
    check(&["gzip, br"], twice.clone());
    check(&["gzip", "identity , br"], twice.clone());
    assert!(!undone(&["br, gzip"], twice, 1000).1);
}

#[test]
fn a_body_of_several_members_or_frames_is_read_to_its_end() {
    let (first, second) = TEXT.as_bytes().split_at(20);
    for coding in ["gzip", "zstd"] {
        let skipped: &[u8] = match coding {
            "zstd" => b"\x51\x2a\x4d\x18\x03\0\0\0abc",
            _ => b"",
        };
        let parts = [&coded(coding, first), skipped, &coded(coding, second)].concat();
        check(&[coding], parts);
    }
}

#[test]
fn what_is_damaged_or_breaks_off_is_read_as_far_as_it_goes_and_called_incomplete() {
    for coding in ["gzip", "deflate", "raw deflate", "br", "zstd"] {
        let whole = coded(coding, TEXT.as_bytes());
        let name = coding.trim_start_matches("raw ");
        for length in 1..whole.len() {
            let (text, is_whole) = undone(&[name], whole[..length].to_vec(), 1000);
            assert!(
                TEXT.starts_with(&text) && !is_whole,
                "{coding} {length}: {text}"
            );
        }
    }
    let mut damaged = ZSTD;
    damaged[55] ^= 1;
    assert_eq!(
        undone(&["zstd"], damaged.to_vec(), 1000),
        (TEXT.to_owned(), false)
    );
    let mut damaged = coded("gzip", TEXT.as_bytes());
    let checksum = damaged.len() - 5;
    damaged[checksum] ^= 1;
    assert!(!undone(&["gzip"], damaged, 1000).1);
    assert!(!undone(&["gzip"], TEXT, 1000).1, "it is not what it says");
}

#[test]
fn nothing_is_read_of_a_body_under_a_coding_that_is_not_known() {
    for codings in [
        &["compress"][..],
        &["gzip, aes128gcm"],
        &["gzip,gzip,gzip,gzip,gzip"],
        &["é"],
    ] {
        assert_eq!(
            undone(codings, coded("gzip", TEXT.as_bytes()), 1000),
            (String::new(), false)
        );
    }
    assert_eq!(
        undone(&["compress"], "", 1000),
        (String::new(), true),
        "no body, no coding"
    );
    assert_eq!(undone(&["gzip"], "", 1000), (String::new(), true));
}

#[test]
fn no_more_comes_out_than_the_limit_however_small_what_goes_in() {
    let bomb = vec![b'a'; 1 << 20];
    for coding in ["gzip", "deflate", "zstd"] {
        let (text, is_whole) = undone(&[coding], coded(coding, &bomb), 5000);
        assert_eq!((text.len(), is_whole), (5000, false), "{coding}");
    }
    let nested = coded("gzip", &coded("gzip", &bomb));
    let (text, is_whole) = undone(&["gzip, gzip"], nested, 5000);
    assert_eq!((text.len(), is_whole), (5000, false));
    for (limit, is_whole) in [(TEXT.len(), true), (TEXT.len() - 1, false)] {
        let (text, found) = undone(&["gzip"], coded("gzip", TEXT.as_bytes()), limit);
        assert_eq!((text.len(), found), (limit, is_whole));
        assert_eq!(undone(&[], TEXT, limit).1, is_whole);
    }
    // A window of 2 GiB, announced by a frame that would fill it with one byte, again and again.
    let wide = b"\x28\xb5\x2f\xfd\x00\xa8\x02\0\x10a".to_vec();
    assert_eq!(undone(&["zstd"], wide, 5000), (String::new(), false));
}

#[test]
fn a_body_is_coded_where_a_coding_other_than_identity_is_named() {
    for (codings, expected) in [
        (&[][..], false),
        (&["identity"], false),
        (&[" , identity,"], false),
        (&["identity, br"], true),
        (&["unknown"], true),
    ] {
        assert_eq!(is_coded(&fields(codings)), expected, "{codings:?}");
    }
}
