//! SHA-256 of canonical text: fingerprints, content addresses and seeds.

use sha2::{Digest, Sha256};

/// SHA-256 over the parts, each preceded by its length so that ("ab","c") and ("a","bc") differ.
pub fn digest(parts: &[&str]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    let mut out = [0u8; 32];
    out.copy_from_slice(&hasher.finalize());
    out
}

/// Lower-case hexadecimal SHA-256 of bytes.
pub fn hex(bytes: &[u8]) -> String {
    to_hex(&Sha256::digest(bytes))
}

/// Lower-case hexadecimal of [`digest`].
pub fn hex_of(parts: &[&str]) -> String {
    to_hex(&digest(parts))
}

/// Seed for every random procedure: the first 8 bytes (little endian) of the digest (`scoring.md` §5.5).
pub fn seed(parts: &[&str]) -> u64 {
    let d = digest(parts);
    u64::from_le_bytes([d[0], d[1], d[2], d[3], d[4], d[5], d[6], d[7]])
}

fn to_hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes.iter().flat_map(|b| [DIGITS[usize::from(b >> 4)] as char, DIGITS[usize::from(b & 15)] as char]).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn known_answer_and_separation() {
        assert_eq!(super::hex(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_ne!(super::digest(&["ab", "c"]), super::digest(&["a", "bc"]));
    }
}
