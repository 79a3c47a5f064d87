//! Secrets that are shown once: a prefix that tells what they are, random or signed bytes, and a
//! checksum (CRC-32 in base 62), so that scanners find leaked ones without false alarms and a typing
//! error is seen before the database is asked.

use crate::shared::crypto;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use uuid::Uuid;

/// An API key.
pub const API_KEY: &str = "acc_sk_";
/// A refresh token.
pub const REFRESH: &str = "acc_rt_";
/// An invitation.
pub const INVITATION: &str = "acc_inv_";
/// A password reset.
pub const RESET: &str = "acc_pr_";
/// A link under which a customer answers.
pub const FEEDBACK: &str = "acc_fb_";
/// A calendar feed.
pub const CALENDAR: &str = "acc_cal_";

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const CHECKSUM: usize = 6;
const MAC: usize = 24;

/// A new random secret of 192 bits.
pub fn random(prefix: &str) -> String {
    finish(prefix, &BASE64.encode(crypto::random::<24>()))
}

/// The form in which a secret is stored. A slow hash is not needed: nobody guesses 192 bits.
pub fn digest(secret: &str) -> Vec<u8> {
    crypto::sha256(secret.as_bytes())
}

/// Whether the secret has this prefix and a right checksum.
pub fn is_well_formed(prefix: &str, secret: &str) -> bool {
    secret
        .strip_prefix(prefix)
        .and_then(|rest| rest.split_at_checked(rest.len().checked_sub(CHECKSUM)?))
        .is_some_and(|(body, _)| finish(prefix, body) == secret)
}

/// A secret that names a row and proves by a MAC that we made it, so that nothing of it has to be
/// stored. `round` changes with every new secret for the same row; the older ones are void then.
pub fn signed(key: &[u8], prefix: &str, id: Uuid, round: i64) -> String {
    let mut bytes = id.as_bytes().to_vec();
    bytes.extend(&mac(key, prefix, id, round)[..MAC]);
    finish(prefix, &BASE64.encode(bytes))
}

/// The row that a signed secret names. Not proved yet: `is_signed` needs the round in the row.
pub fn names(prefix: &str, secret: &str) -> Option<Uuid> {
    if !is_well_formed(prefix, secret) {
        return None;
    }
    let body = &secret[prefix.len()..secret.len() - CHECKSUM];
    let bytes = BASE64.decode(body).ok()?;
    Uuid::from_slice(bytes.get(..16)?).ok()
}

pub fn is_signed(key: &[u8], prefix: &str, secret: &str, id: Uuid, round: i64) -> bool {
    crypto::same(signed(key, prefix, id, round).as_bytes(), secret.as_bytes())
}

fn mac(key: &[u8], prefix: &str, id: Uuid, round: i64) -> Vec<u8> {
    crypto::mac(key, &[prefix.as_bytes(), id.as_bytes(), &round.to_be_bytes()].concat())
}

fn finish(prefix: &str, body: &str) -> String {
    let text = format!("{prefix}{body}");
    let mut rest = crc32fast::hash(text.as_bytes());
    let mut checksum = [b'0'; CHECKSUM];
    for place in checksum.iter_mut().rev() {
        *place = DIGITS[(rest % 62) as usize];
        rest /= 62;
    }
    text + &String::from_utf8_lossy(&checksum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typing_error_is_seen() {
        let secret = random(API_KEY);
        assert!(is_well_formed(API_KEY, &secret));
        assert!(!is_well_formed(REFRESH, &secret));
        for place in API_KEY.len()..secret.len() {
            let mut other = secret.clone().into_bytes();
            other[place] = if other[place] == b'x' { b'y' } else { b'x' };
            assert!(!is_well_formed(API_KEY, &String::from_utf8_lossy(&other)));
        }
        for short in ["", "acc_sk_", "acc_sk_abc", "acc_sk_\u{fc}\u{fc}\u{fc}\u{fc}"] {
            assert!(!is_well_formed(API_KEY, short));
        }
    }

    #[test]
    fn a_signed_secret_is_for_one_row_round_and_purpose() {
        let (key, id) = ([7; 32], Uuid::from_u128(1));
        let secret = signed(&key, INVITATION, id, 1);
        assert_eq!(names(INVITATION, &secret), Some(id));
        assert!(is_signed(&key, INVITATION, &secret, id, 1));
        assert!(!is_signed(&key, INVITATION, &secret, id, 2));
        assert!(!is_signed(&key, RESET, &secret, id, 1));
        assert!(!is_signed(&key, INVITATION, &secret, Uuid::from_u128(2), 1));
        assert!(!is_signed(&[8; 32], INVITATION, &secret, id, 1));
    }
}
