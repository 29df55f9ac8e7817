//! Pseudonyms: what stands for a person's values, of the same shape, the same for the same value, and different for different ones.
//!
//! Text is replaced word by word, so that what is shared stays shared: `bjensen@example.com`, the user name `bjensen` and the search for
//! it, two people of one family, all addresses of one domain. A pseudonym carries digits that only the key can make, by which it is
//! known for one and left alone: replacing twice changes nothing. Without a key it is known by its shape alone.
//!
//! It knows no attributes: whoever calls says what is replaced.

use super::dates;
use super::key::{Key, hex};
use super::placeholder;
use crate::scim::comparison::Comparison;
use base64::{Engine, prelude::BASE64_STANDARD};
use std::borrow::Cow;

/// What begins every opaque pseudonym.
const OPAQUE: &str = "{personal:";

/// The first halves of the words that stand for words.
const NAMES: [&str; 64] = [
    "abbo", "adan", "alba", "anso", "arlo", "aven", "bela", "bodo", "bram", "cleo", "cora", "dane",
    "dara", "dion", "edda", "elio", "emre", "enzo", "esme", "faye", "finn", "gala", "gero", "hale",
    "hugo", "ilja", "imre", "inga", "ivar", "jana", "joel", "juno", "kaia", "kian", "kira", "lars",
    "leda", "lino", "lior", "luna", "maja", "milo", "mira", "nael", "nora", "odin", "olga", "omar",
    "orla", "otto", "paco", "pema", "remo", "rhea", "runa", "sami", "saul", "sora", "tara", "timo",
    "ugo", "vera", "xena", "yves",
];

/// The key by which pseudonyms are made and known.
#[derive(Clone)]
pub(super) struct Pseudonyms {
    key: Key,
    /// Whether it is the key of the recording, and not one that stands for a key that is not at hand.
    verifies: bool,
}

impl Pseudonyms {
    pub(super) fn new(key: Option<&Key>) -> Self {
        let stand_in = || Key::new("a key that is not at hand").expect("it is long enough");
        Self {
            key: key.cloned().unwrap_or_else(stand_in),
            verifies: key.is_some(),
        }
    }

    fn seal(&self, made: &str) -> String {
        hex(&self.key.digest("seal", made)[..3])
    }

    fn is_sealed(&self, made: &str, seal: &str) -> bool {
        !self.verifies || self.seal(made).starts_with(seal)
    }

    /// The pseudonym of any text, by the shape that it has.
    pub(super) fn text(&self, text: &str, comparison: Comparison) -> String {
        if let Some(date) = self.date(text) {
            return date;
        }
        if is_url(text) {
            return self.url(text);
        }
        let is_tel = text
            .get(..4)
            .is_some_and(|it| it.eq_ignore_ascii_case("tel:"));
        if (is_tel || text.starts_with('+'))
            && let Some(phone) = self.phone(text)
        {
            return phone;
        }
        self.words(text, comparison, &mut |_| true)
    }

    /// A text in which words that are `chosen` and everything that has the shape of an address are replaced.
    pub(super) fn words(
        &self,
        text: &str,
        comparison: Comparison,
        chosen: &mut dyn FnMut(&str) -> bool,
    ) -> String {
        let text = Comparison::Exact.key(text);
        let mut out = String::with_capacity(text.len());
        let mut at = 0;
        while at < text.len() {
            let rest = &text[at..];
            if let Some(length) = kept(rest) {
                out.push_str(&rest[..length]);
                at += length;
                continue;
            }
            let length = token(rest);
            if length == 0 {
                let next = rest.chars().next().map_or(1, char::len_utf8);
                out.push_str(&rest[..next]);
                at += next;
                continue;
            }
            self.token(&rest[..length], comparison, chosen, &mut out);
            at += length;
        }
        out
    }

    /// Something between spaces: an address, a UUID, or words with marks between them.
    fn token(
        &self,
        token: &str,
        comparison: Comparison,
        chosen: &mut dyn FnMut(&str) -> bool,
        out: &mut String,
    ) {
        let bare = token.trim_end_matches(['.', '-', '_', '%', '+']);
        if let Some((local, domain)) = mail(bare) {
            out.push_str(&self.words(local, comparison, &mut |_| true));
            out.push('@');
            out.push_str(&self.domain(domain));
            out.push_str(&token[bare.len()..]);
            return;
        }
        if let Some(uuid) = self.uuid(bare) {
            out.push_str(if chosen(bare) { &uuid } else { bare });
            out.push_str(&token[bare.len()..]);
            return;
        }
        let mut rest = token;
        while let Some(start) = rest.find(char::is_alphanumeric) {
            out.push_str(&rest[..start]);
            rest = &rest[start..];
            let end = rest
                .find(|c: char| !c.is_alphanumeric())
                .unwrap_or(rest.len());
            let word = &rest[..end];
            if chosen(word) {
                out.push_str(&self.word(word, comparison));
            } else {
                out.push_str(word);
            }
            rest = &rest[end..];
        }
        out.push_str(rest);
    }

    /// A word: of letters, a name and ten hexadecimal digits; of digits, fifteen digits.
    pub(super) fn word(&self, word: &str, comparison: Comparison) -> String {
        if word.bytes().all(|byte| byte.is_ascii_digit()) {
            return self.number(word);
        }
        if self.is_word(word) {
            return word.to_owned();
        }
        let digest = self.key.digest("word", &comparison.key(word));
        let name = NAMES[usize::from(digest[0]) % NAMES.len()];
        let made = format!("{name}{}", hex(&digest[1..5]));
        let seal = &self.seal(&made)[..2];
        let made = format!("{made}{seal}");
        if word.starts_with(char::is_uppercase) {
            return format!("{}{}", made[..1].to_ascii_uppercase(), &made[1..]);
        }
        made
    }

    fn is_word(&self, word: &str) -> bool {
        if !word.is_ascii() {
            return false;
        }
        let word = word.to_ascii_lowercase();
        let Some((name, digits)) = word
            .len()
            .checked_sub(10)
            .and_then(|at| word.split_at_checked(at))
        else {
            return false;
        };
        let made = &word[..word.len() - 2];
        NAMES.contains(&name) && is_hex(digits) && self.is_sealed(made, &digits[8..])
    }

    /// Fifteen digits for a number, as many as a JSON number holds safely.
    pub(super) fn number(&self, number: &str) -> String {
        let seal = |made: &str| {
            let digest = self.key.digest("seal", made);
            u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]) % 10_000
        };
        let is_one = number.len() == 15
            && number.starts_with('9')
            && number.bytes().all(|byte| byte.is_ascii_digit())
            && (!self.verifies || number[11..].parse() == Ok(seal(&number[..11])));
        if is_one {
            return number.to_owned();
        }
        let made = format!("9{:010}", self.integer("number", number) % 10_000_000_000);
        let seal = seal(&made);
        format!("{made}{seal:04}")
    }

    fn integer(&self, purpose: &str, value: &str) -> u64 {
        let digest = self.key.digest(purpose, value);
        u64::from_be_bytes(
            digest[..8]
                .try_into()
                .expect("a digest has more than eight bytes"),
        )
    }

    /// The domain of a mail address or a URL: always below `.example`, which nobody can register (RFC 2606).
    pub(super) fn domain(&self, domain: &str) -> String {
        if self.is_domain(domain) {
            return domain.to_owned();
        }
        let folded = domain.to_lowercase();
        let made = format!("d{}", hex(&self.key.digest("domain", &folded)[..4]));
        let seal = self.seal(&made);
        format!("{made}{}.example", &seal[..2])
    }

    fn is_domain(&self, domain: &str) -> bool {
        let domain = domain.to_ascii_lowercase();
        let label = domain
            .strip_suffix(".example")
            .and_then(|it| it.strip_prefix('d'));
        label.is_some_and(|label| {
            label.len() == 10
                && is_hex(label)
                && self.is_sealed(&format!("d{}", &label[..8]), &label[8..])
        })
    }

    /// Where the mail addresses are that are no pseudonyms.
    pub(super) fn real_mails<'t>(&'t self, text: &'t str) -> impl Iterator<Item = usize> + 't {
        tokens(text).filter_map(|(at, token)| {
            let bare = token.trim_end_matches(['.', '-', '_', '%', '+']);
            let (local, domain) = mail(bare)?;
            let is_real = !local.is_empty() && domain.contains('.') && !self.is_domain(domain);
            is_real.then_some(at)
        })
    }

    /// A URL keeps its scheme; its path becomes one word.
    pub(super) fn url(&self, url: &str) -> String {
        let Some((scheme, rest)) = url.split_once("://") else {
            return self.words(url, Comparison::Exact, &mut |_| true);
        };
        let (host, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        let path = match path {
            "" | "/" => path.to_owned(),
            path if self.is_word(&path[1..]) || kept(&path[1..]) == Some(path.len() - 1) => {
                path.to_owned()
            }
            path => format!("/{}", self.opaque_word(path)),
        };
        format!("{scheme}://{}{path}", self.domain(host))
    }

    /// A word for what is none.
    fn opaque_word(&self, text: &str) -> String {
        self.word(
            &format!("x{}", hex(&self.key.digest("part", text)[..8])),
            Comparison::Exact,
        )
    }

    /// The digits of a telephone number behind `+999`, which no country has; `None` for what is none.
    pub(super) fn phone(&self, number: &str) -> Option<String> {
        let (scheme, rest) = match number.split_once(':') {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("tel") => (&number[..4], rest),
            _ => ("", number),
        };
        let is_part =
            |c: char| c.is_ascii_digit() || "+-.()/;=x ".contains(c) || "extEXT".contains(c);
        let digits: String = rest.chars().filter(char::is_ascii_digit).collect();
        if digits.is_empty() || !rest.chars().all(is_part) {
            return None;
        }
        let seal = |made: &str| u32::from(self.key.digest("seal", made)[0]) % 100;
        let is_one = rest.len() == 16
            && rest.starts_with("+999")
            && digits.len() == 15
            && (!self.verifies || digits[13..].parse() == Ok(seal(&digits[..13])));
        if is_one {
            return Some(number.to_owned());
        }
        let made = format!("999{:010}", self.integer("phone", &digits) % 10_000_000_000);
        let seal = seal(&made);
        Some(format!("{scheme}+{made}{seal:02}"))
    }

    /// A UUID of version 8, which is everybody's own (RFC 9562 section 5.8); `None` for what is none.
    fn uuid(&self, text: &str) -> Option<String> {
        let parsed = uuid::Uuid::try_parse(text)
            .ok()
            .filter(|_| text.len() == 36)?;
        let bytes = parsed.into_bytes();
        let sealed = |bytes: &[u8]| self.key.digest("seal", &hex(&bytes[..12]));
        let is_one = bytes[6] >> 4 == 8
            && bytes[8] >> 6 == 2
            && (!self.verifies || bytes[12..] == sealed(&bytes)[..4]);
        if is_one {
            return Some(text.to_owned());
        }
        let digest = self.key.digest("uuid", &hex(&bytes));
        let mut made: [u8; 16] = digest[..16]
            .try_into()
            .expect("a digest has more than sixteen bytes");
        made[6] = made[6] & 0x0f | 0x80;
        made[8] = made[8] & 0x3f | 0x80;
        let seal = sealed(&made);
        made[12..].copy_from_slice(&seal[..4]);
        Some(uuid::Uuid::from_bytes(made).to_string())
    }

    /// Another day in the tenth millennium, the time of day as it was; `None` for what is no date.
    pub(super) fn date(&self, text: &str) -> Option<String> {
        let day = text.get(..10)?;
        let rest = &text[10..];
        if !(rest.is_empty() || rest.starts_with(['T', 't'])) {
            return None;
        }
        dates::other(day, |half| self.key.digest("date", half)).map(|day| format!("{day}{rest}"))
    }

    /// Octets as base64 text, which stay base64.
    pub(super) fn binary(&self, text: &str) -> String {
        const HEAD: &str = "personal:";
        let decoded = BASE64_STANDARD.decode(text).ok();
        let is_one = decoded.is_some_and(|bytes| bytes.starts_with(HEAD.as_bytes()));
        if is_one {
            return text.to_owned();
        }
        BASE64_STANDARD.encode(format!(
            "{HEAD}{}",
            hex(&self.key.digest("binary", text)[..9])
        ))
    }

    /// Something of which nothing is kept but that it is the same.
    pub(super) fn opaque(&self, text: &str) -> String {
        if kept(text) == Some(text.len()) {
            return text.to_owned();
        }
        format!("{OPAQUE}{}}}", hex(&self.key.digest("opaque", text)[..4]))
    }
}

/// The length of what a text begins with and what is no value: a placeholder, or the base.
pub(super) fn kept(text: &str) -> Option<usize> {
    if !text.starts_with('{') {
        return None;
    }
    placeholder::opening(text)
        .or_else(|| text.starts_with("{base}").then_some("{base}".len()))
        .or_else(|| {
            let rest = text.strip_prefix(OPAQUE)?;
            let length = rest.find('}')?;
            is_hex(&rest[..length]).then_some(OPAQUE.len() + length + 1)
        })
}

/// The length of the characters that an address may be made of.
fn token(text: &str) -> usize {
    let inside = |c: char| c.is_alphanumeric() || "@.-_+%".contains(c);
    text.find(|c| !inside(c)).unwrap_or(text.len())
}

/// The two halves of a mail address; the first may be missing, as in a search for everybody of a domain.
fn mail(text: &str) -> Option<(&str, &str)> {
    let (local, domain) = text.rsplit_once('@')?;
    let is_host = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-');
    (!domain.is_empty() && domain.chars().all(is_host) && domain.starts_with(char::is_alphanumeric))
        .then_some((local, domain))
}

/// Whether a text is the URL of something that a person may have put somewhere. No word that stands for another is such a scheme.
pub(super) fn is_url(text: &str) -> bool {
    const SCHEMES: [&str; 6] = ["ftp", "http", "https", "ldap", "ldaps", "sip"];
    text.split_once("://").is_some_and(|(scheme, rest)| {
        !rest.is_empty()
            && SCHEMES.iter().any(|it| it.eq_ignore_ascii_case(scheme))
            && !rest.contains(char::is_whitespace)
    })
}

/// What stands between spaces and marks, with its place.
fn tokens(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < text.len() {
            let rest = &text[at..];
            let length = token(rest);
            let start = at;
            if length > 0 {
                at += length;
                return Some((start, &rest[..length]));
            }
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
        None
    })
}

/// Whether a text holds a mail address.
pub(super) fn holds_mail(text: &str) -> bool {
    let is_mail = |token: &str| {
        mail(token.trim_end_matches(['.', '-']))
            .is_some_and(|(local, domain)| !local.is_empty() && domain.contains('.'))
    };
    text.contains('@') && tokens(text).any(|(_, token)| is_mail(token))
}

fn is_hex(text: &str) -> bool {
    text.bytes()
        .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// The text of a JSON number that stands for another.
pub(super) fn json_number(made: &str) -> serde_json::Number {
    made.parse::<u64>()
        .map_or_else(|_| 9.into(), serde_json::Number::from)
}

/// Text in Unicode's composed form, in which it is replaced.
pub(super) fn composed(text: &str) -> Cow<'_, str> {
    Comparison::Exact.key(text)
}
