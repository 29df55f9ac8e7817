//! Ids, and chance, that follow from a seed: the only file that makes them. The n-th id of a seed is the same for ever.
//!
//! It holds no state; the directory says which n comes next. The one thing that follows from no seed is a [`secret`].

/// How a tenant names its resources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ids {
    /// A version 4 UUID whose bits come from the seed.
    Uuid,
    /// A template: `{type}` is the resource type in lower case, `{n}` counts from 1 within the type.
    Sequential(String),
}

impl Ids {
    /// The id of the `serial`-th resource of a tenant, the `nth` of its type (both from 1).
    pub fn make(&self, seed: u64, serial: u64, resource_type: &str, nth: u64) -> String {
        match self {
            Self::Uuid => uuid(seed ^ serial.wrapping_mul(0xD1B5_4A32_D192_ED03)),
            Self::Sequential(template) => template
                .replace("{type}", &resource_type.to_lowercase())
                .replace("{n}", &nth.to_string()),
        }
    }

    /// The id of a resource of the scenario that is called `name`: it stays when the file is edited around it.
    /// `None` where ids count.
    pub fn named(&self, seed: u64, resource_type: &str, name: &str) -> Option<String> {
        let Self::Uuid = self else { return None };
        let hash = digest([resource_type, name]);
        Some(uuid(seed.rotate_left(32) ^ hash))
    }
}

/// A number for some texts, fixed for ever: FNV-1a, a zero byte between them. It spreads badly; [`split_mix`] does that afterwards.
fn digest<'a>(texts: impl IntoIterator<Item = &'a str>) -> u64 {
    let mut hash = 0xCBF2_9CE4_8422_2325_u64;
    for (n, text) in texts.into_iter().enumerate() {
        let between = (n > 0).then_some(0);
        for byte in between.into_iter().chain(text.bytes()) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
        }
    }
    hash
}

/// What shows that a text was made here and not changed since. It keeps test data in order and nobody out.
pub fn seal<'a>(seed: u64, texts: impl IntoIterator<Item = &'a str>) -> u64 {
    split_mix(seed.rotate_left(16) ^ digest(texts))
}

/// A number from 0 to 1, without the 1: the `n`-th of the draws that are called `stream`.
pub fn chance(seed: u64, stream: u64, n: u64) -> f64 {
    let start = split_mix(seed.rotate_left(48) ^ split_mix(stream));
    let bits = split_mix(start ^ n.wrapping_mul(0xD1B5_4A32_D192_ED03)) >> 11;
    #[allow(clippy::cast_precision_loss, reason = "53 bits are what an f64 has")]
    let whole = bits as f64;
    whole / 9_007_199_254_740_992.0
}

/// The n-th number that a seed gives to one purpose, the same for ever and on every machine. Other purposes are none the wiser.
pub fn draw(seed: u64, purpose: &str, n: u64) -> u64 {
    split_mix(split_mix(seed ^ digest([purpose])) ^ n)
}

/// The `n`-th token that a tenant gives out for one purpose: `access-7-` and 128 bits. It keeps test data in order and nobody out.
pub fn token(seed: u64, tenant: &str, purpose: &str, n: u64) -> String {
    let start = split_mix(seed.rotate_left(8) ^ digest([tenant, purpose]));
    let half = |salt: u64| split_mix(split_mix(start ^ salt) ^ n);
    format!("{purpose}-{n}-{:016x}{:016x}", half(1), half(2))
}

/// A text of 256 bits that nobody can guess, from the entropy of the system.
///
/// # Errors
/// When the system gives none.
pub fn secret() -> Result<String, ring::error::Unspecified> {
    let random = ring::rand::SystemRandom::new();
    let bytes: ring::rand::Random<[u8; 32]> = ring::rand::generate(&random)?;
    let digits = bytes.expose().into_iter().map(|byte| format!("{byte:02x}"));
    Ok(digits.collect())
}

fn uuid(start: u64) -> String {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&split_mix(start).to_be_bytes());
    bytes[8..].copy_from_slice(&split_mix(start ^ 0x5851_F42D_4C95_7F2D).to_be_bytes());
    uuid::Builder::from_random_bytes(bytes)
        .into_uuid()
        .to_string()
}

/// One output of `SplitMix64` (Steele, Lea, Flood 2014): a bijection, so that two serials never meet in one half.
fn split_mix(state: u64) -> u64 {
    let mut z = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
