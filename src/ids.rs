//! Ids that follow from a seed: the only file that makes them. The n-th id of a seed is the same for ever.
//!
//! It holds no state and draws no entropy; the directory says which n comes next.

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
            Self::Uuid => {
                let mut bytes = [0; 16];
                let start = seed ^ serial.wrapping_mul(0xD1B5_4A32_D192_ED03);
                bytes[..8].copy_from_slice(&split_mix(start).to_be_bytes());
                bytes[8..].copy_from_slice(&split_mix(start ^ 0x5851_F42D_4C95_7F2D).to_be_bytes());
                uuid::Builder::from_random_bytes(bytes)
                    .into_uuid()
                    .to_string()
            }
            Self::Sequential(template) => template
                .replace("{type}", &resource_type.to_lowercase())
                .replace("{n}", &nth.to_string()),
        }
    }
}

/// One output of SplitMix64 (Steele, Lea, Flood 2014): a bijection, so that two serials never meet in one half.
fn split_mix(state: u64) -> u64 {
    let mut z = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
